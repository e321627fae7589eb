"""SQLAlchemy's engines of a process, for workloads on databases.

Each is made when it is first needed: one for the process's threads and one for each of its event loops, since
connections of an asynchronous engine belong to the loop on which they were opened. Such an engine is closed when the
loop shuts down its asynchronous generators, as `asyncio.Runner` does, or by `dispose`. Only workloads that need
SQLAlchemy import this module, so that a server without it can do all else.
"""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import QueuePool

from explorer.option_error import OptionError
from explorer.options import masked
from explorer.server.databases import dialect_of, with_driver

ACCOUNTS: Final = 100
T = TypeVar("T")
ANSWER_WITHIN_S: Final = 10
BUSY_S: Final = 60.0
"""How long SQLite waits for another connection to finish writing."""
CONNECT_LIMITS: Final[Mapping[str, str]] = {
    "psycopg": "connect_timeout", "psycopg2": "connect_timeout", "asyncpg": "timeout"
}  # fmt: skip
"""What drivers call the time that a connection may take to open, s. Without it some wait for minutes."""


@dataclass(frozen=True, slots=True)
class Pool:
    """Which database, and how many connections to it. Goes to other processes with the arguments of the body."""

    url: str = field(repr=False)  # may hold a password
    size: int
    overflow: int
    timeout: float
    raw: bool = False
    """Whether transactions begin and end with statements that are sent as they are, not by the driver."""

    @property
    def can_sleep(self) -> bool:
        """Whether the database has a statement that takes its time."""
        return dialect_of(self.url) == "postgresql"


_lock: Final = threading.Lock()
_of_threads: Final[dict[Pool, Engine]] = {}
_of_loops: Final[
    "WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Pool, tuple[AsyncEngine, AsyncGenerator[None]]]]"
] = WeakKeyDictionary()


def engine(pool: Pool) -> Engine:
    """The engine for the threads of this process."""
    with _lock:
        found = _of_threads.get(pool)
        if found is None:
            url = with_driver(pool.url, "blocking")
            found = _of_threads[pool] = create_engine(url, poolclass=QueuePool, **_options(pool, url))
        return found


async def engine_of_loop(pool: Pool) -> AsyncEngine:
    """The engine for the running event loop."""
    loop = asyncio.get_running_loop()
    with _lock:
        engines = _of_loops.setdefault(loop, {})
    if pool not in engines:
        url = with_driver(pool.url, "awaiting")
        made = create_async_engine(url, **_options(pool, url))
        until_closed = _close_with_loop(loop, made)
        engines[pool] = made, until_closed
        await until_closed.__anext__()  # the loop knows it from now on
    return engines[pool][0]


async def dispose() -> None:
    """Close the connections of the running loop's engines and of the threads'."""
    with _lock:
        mine = list(_of_loops.pop(asyncio.get_running_loop(), {}).values())
        others = [_of_threads.pop(pool) for pool in list(_of_threads)]
    for _, until_closed in mine:
        await until_closed.aclose()
    for one in others:
        one.dispose()


async def prepare(pool: Pool, form: str, make: Callable[[Connection], None] | None = None) -> None:
    """Make the table if it is not there, or what `make` makes. Raises `OptionError` if the database cannot be used."""
    function = make or make_table
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            if form == "awaiting":
                async with (await engine_of_loop(pool)).begin() as connection:
                    await connection.run_sync(function)
            else:
                await _in_a_thread(lambda: _prepare(pool, function))
    except TimeoutError:
        raise unusable(pool.url, f"it did not answer within {ANSWER_WITHIN_S} s") from None
    except (SQLAlchemyError, OSError, ImportError) as error:
        raise unusable(pool.url, str(getattr(error, "orig", error))) from None


async def ask(pool: Pool, form: str, function: Callable[[Connection], T]) -> T:
    """Call `function` with a connection, in the way of this form. Raises what it raises, and what a pool raises."""
    if form == "awaiting":
        async with (await engine_of_loop(pool)).connect() as connection:
            return await connection.run_sync(function)
    found: list[T] = []

    def work() -> None:
        with engine(pool).connect() as connection:
            found.append(function(connection))

    await _in_a_thread(work)
    return found[0]


def unusable(url: str, reason: str) -> OptionError:
    """The error that a server ends with when its database cannot be used; `reason` is what the driver said."""
    line = reason.strip().partition("\n")[0].rstrip(".")
    return OptionError(f"The database {masked(url)} cannot be used: {line}. Check workload.url.", "workload.url")


def _prepare(pool: Pool, make: Callable[[Connection], None]) -> None:
    with engine(pool).begin() as connection:
        make(connection)


async def _in_a_thread(function: Callable[[], None]) -> None:
    """Call in a thread that nothing waits for at the end, unlike those of `asyncio.to_thread`: it may hang in a driver
    that knows no time-out. Raises what the function raises.
    """
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[None] = loop.create_future()

    def end(error: Exception | None) -> None:
        if ended.done():  # given up
            return
        if error is None:
            ended.set_result(None)
        else:
            ended.set_exception(error)

    def work() -> None:
        failure = None
        try:
            function()
        except Exception as error:
            failure = error
        with suppress(RuntimeError):  # the loop is closed: nobody wants to know any more
            loop.call_soon_threadsafe(end, failure)

    threading.Thread(target=work, name="asks the database", daemon=True).start()
    await ended


def make_table(connection: Connection) -> None:
    """Make the table of accounts if it is not there.

    Worker processes start together: who comes second waits for the first, and finds everything made.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(5318008)"))
    elif connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    connection.execute(
        text("CREATE TABLE IF NOT EXISTS explorer_account (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL)")
    )
    if not connection.execute(text("SELECT count(*) FROM explorer_account")).scalar():
        rows = [{"id": number} for number in range(ACCOUNTS)]
        connection.execute(text("INSERT INTO explorer_account (id, balance) VALUES (:id, 0)"), rows)


def _options(pool: Pool, url: str) -> dict[str, Any]:
    """Options of an engine for `url`, which is the pool's with the driver that it gets."""
    connect: dict[str, Any] = {}
    driver = make_url(url).get_driver_name()
    if dialect_of(url) == "sqlite":
        connect = {"timeout": BUSY_S}
    elif driver in CONNECT_LIMITS:
        connect = {CONNECT_LIMITS[driver]: ANSWER_WITHIN_S}
    options = {
        "pool_size": pool.size,
        "max_overflow": pool.overflow,
        "pool_timeout": pool.timeout,
        "connect_args": connect,
    }
    return options | {"isolation_level": "AUTOCOMMIT"} if pool.raw else options


async def _close_with_loop(loop: asyncio.AbstractEventLoop, one: AsyncEngine) -> AsyncGenerator[None]:
    try:
        yield
    finally:
        with _lock:
            _of_loops.pop(loop, None)
        await one.dispose()
