"""Engines of a process: one for its threads, one for each of its loops, and none left when they end."""

import asyncio
import sys
import threading
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import event, text

from explorer.option_error import OptionError
from explorer.server import engines
from explorer.server.engines import Pool
from tests.waiting import wait_until

COUNT = text("SELECT count(*) FROM explorer_account")


def pool(tmp_path: Path) -> Pool:
    return Pool(f"sqlite:///{tmp_path / 'a.db'}", 2, 0, 5.0)


def test_threads_share_an_engine_and_a_loop_has_one_of_its_own_that_ends_with_it(tmp_path: Path) -> None:
    before = threading.active_count()
    seen = []

    async def serve() -> None:
        await engines.prepare(pool(tmp_path), "awaiting")
        first, second = await engines.engine_of_loop(pool(tmp_path)), await engines.engine_of_loop(pool(tmp_path))
        assert first is second
        async with first.connect() as connection:
            assert (await connection.execute(COUNT)).scalar() == engines.ACCOUNTS
        assert threading.active_count() > before, "aiosqlite's thread"
        seen.append(first)

    for _ in range(2):
        with asyncio.Runner() as runner:
            runner.run(serve())
        # Nobody has disposed of the engine but the loop.
        wait_until(lambda: threading.active_count() == before, what="aiosqlite's thread to end")
    assert seen[0] is not seen[1]


async def test_what_is_disposed_of_is_made_anew(tmp_path: Path) -> None:
    await engines.prepare(pool(tmp_path), "blocking")
    threads, loop = engines.engine(pool(tmp_path)), await engines.engine_of_loop(pool(tmp_path))

    await engines.dispose()

    assert threads.pool.checkedin() == 0  # type: ignore[attr-defined]  # a QueuePool
    assert engines.engine(pool(tmp_path)) is not threads
    assert await engines.engine_of_loop(pool(tmp_path)) is not loop
    await engines.dispose()


def test_a_pool_does_not_show_its_password() -> None:
    assert "hunter2" not in repr(Pool("postgresql://me:hunter2@host/shop", 1, 0, 1.0))


class NotNow(Exception):
    """Stands for a connection that could not be opened."""


@pytest.mark.parametrize(
    ("form", "url", "driver", "expected"),
    [
        ("blocking", "postgresql://host/shop", "psycopg", {"connect_timeout": 10}),
        ("blocking", "postgresql+psycopg://host/shop", "psycopg", {"connect_timeout": 10}),
        ("blocking", "postgresql+asyncpg://host/shop", "psycopg", {"connect_timeout": 10}),
        ("blocking", "postgresql+psycopg2://host/shop", "psycopg2", {"connect_timeout": 10}),
        ("awaiting", "postgresql+psycopg2://host/shop", "psycopg", {"connect_timeout": 10}),
        ("awaiting", "postgresql+asyncpg://host/shop", "asyncpg", {"timeout": 10}),
        ("blocking", "sqlite+aiosqlite:///a.db", "pysqlite", {"timeout": engines.BUSY_S}),
        ("awaiting", "sqlite:///a.db", "aiosqlite", {"timeout": engines.BUSY_S}),
        ("blocking", "mysql://host/shop", "pymysql", {}),
    ],
)
async def test_a_driver_is_told_how_long_a_connection_may_take(
    form: str, url: str, driver: str, expected: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("asyncpg", "psycopg2", "psycopg2.extras", "pymysql"):  # as far as they are needed here
        module = ModuleType(name)
        module.paramstyle = "pyformat"  # type: ignore[attr-defined]  # that of a driver
        monkeypatch.setitem(sys.modules, name, module)
    pool = Pool(url, 1, 0, 1.0)
    given: dict[str, Any] = {}

    def connect(dialect: Any, record: Any, words: Any, options: dict[str, Any]) -> None:
        given.update(options)
        raise NotNow

    made = engines.engine(pool) if form == "blocking" else (await engines.engine_of_loop(pool)).sync_engine
    event.listen(made, "do_connect", connect)
    with pytest.raises(NotNow):
        made.raw_connection()
    await engines.dispose()

    assert made.driver == driver
    assert {key: value for key, value in given.items() if "timeout" in key} == expected


def test_a_driver_that_hears_nothing_does_not_hold_up_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    let_go, threads = threading.Event(), []

    def silent(pool: Pool, make: object) -> None:
        threads.append(threading.current_thread())
        let_go.wait(20)

    monkeypatch.setattr(engines, "_prepare", silent)
    monkeypatch.setattr(engines, "ANSWER_WITHIN_S", 0.05)
    with pytest.raises(
        OptionError, match=r"The database mysql://me:\*\*\*@host/shop cannot be used: it did not answer"
    ):
        asyncio.run(engines.prepare(Pool("mysql://me:hunter2@host/shop", 1, 0, 1.0), "blocking"))

    assert threads[0].is_alive()
    assert threads[0].daemon, "nor does the interpreter wait for it"
    let_go.set()
    threads[0].join()


async def test_what_goes_wrong_in_the_thread_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="unable to open database file"):
        await engines.prepare(Pool(f"sqlite:///{tmp_path}/not/there.db", 1, 0, 1.0), "blocking")
    await engines.dispose()
