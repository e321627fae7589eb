"""Waits for connections and statements, as the probe sees them on engines of this process."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import QueuePool

from explorer.probe import database
from explorer.probe.jobs import run_job
from explorer.probe.tasks import TracedTask
from explorer.probe.tracer import Tracer
from explorer.records.states import Flag, Kind, State
from tests.observed import Observed, Row
from tests.waiting import wait_until

MAKE = text("CREATE TABLE account (id INTEGER, balance INTEGER)")
READ = text("SELECT balance FROM account WHERE id = :secret")


@pytest.fixture
def watched(tracer: Tracer) -> Iterator[Tracer]:
    """A tracer whose process is watched for databases."""
    undo = database.watch(tracer)
    yield tracer
    undo()


def said(rows: list[Row]) -> list[tuple[str, State, int, int]]:
    """Name, state, depth, request of each row."""
    return [(row.name, row.state, row.depth, row.request) for row in rows]


def test_statements_of_a_thread_lie_inside_its_job(watched: Tracer, observed: Observed) -> None:
    engine = create_engine("sqlite://")

    def work() -> None:
        with engine.begin() as connection:
            connection.execute(MAKE)
            connection.execute(READ, {"secret": 4711})

    run_job(watched.thread_ring(), watched.name("work"), 7, work)
    engine.dispose()

    statements = observed.of(Kind.STATEMENT)
    assert said(statements) == [
        ("CREATE account", State.BLOCKED, 1, 7),
        ("SELECT account", State.BLOCKED, 1, 7),
        ("COMMIT", State.BLOCKED, 1, 7),
    ]
    (job,) = observed.of(Kind.JOB)
    assert all(row.track == job.track and job.start <= row.start and row.end <= job.end for row in statements)
    assert observed.of(Kind.CONNECTION_WAIT) == []
    assert observed.open_spans() == []
    assert "4711" not in "".join(path.read_text() for path in watched.run.glob("names-*"))


def test_a_statement_that_fails_ends_as_well(watched: Tracer, observed: Observed) -> None:
    engine = create_engine("sqlite://")

    with engine.connect() as connection, pytest.raises(OperationalError):
        connection.execute(READ, {"secret": 1})
    engine.dispose()

    assert said(observed.of(Kind.STATEMENT)) == [("SELECT account failed: SQLITE_ERROR", State.BLOCKED, 1, 0)]
    assert observed.open_spans() == []


def test_a_thread_that_waits_for_a_connection_says_so_while_it_waits(
    watched: Tracer, observed: Observed, tmp_path: Path
) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'a.db'}", poolclass=QueuePool, pool_size=2, max_overflow=0)
    held = [engine.connect(), engine.connect()]

    def take() -> None:
        run_job(watched.thread_ring(), watched.name("take"), 8, lambda: engine.connect().close())

    waiting = threading.Thread(target=take)
    waiting.start()
    wait_until(lambda: observed.of(Kind.CONNECTION_WAIT, Flag.BEGIN), what="the begin of the wait")
    assert observed.of(Kind.CONNECTION_WAIT) == []
    for one in held:
        one.close()
    waiting.join(10)
    engine.dispose()

    (wait,) = observed.of(Kind.CONNECTION_WAIT)
    (begun,) = {(row.start, row.track, row.request) for row in observed.of(Kind.CONNECTION_WAIT, Flag.BEGIN)}
    assert begun == (wait.start, wait.track, wait.request)
    assert (wait.state, wait.depth, wait.request, wait.value) == (State.QUEUED, 1, 8, 2)
    assert wait.track == observed.of(Kind.JOB)[0].track


def test_a_wait_that_is_given_up_has_the_length_of_the_time_out(
    watched: Tracer, observed: Observed, tmp_path: Path
) -> None:
    engine = create_engine(
        f"sqlite:///{tmp_path / 'a.db'}", poolclass=QueuePool, pool_size=1, max_overflow=0, pool_timeout=0.05
    )
    with engine.connect(), pytest.raises(PoolTimeoutError):
        engine.connect()
    engine.dispose()

    (wait,) = observed.of(Kind.CONNECTION_WAIT)
    assert wait.duration >= 45_000_000
    assert wait.value == 1


async def test_tasks_wait_at_the_same_time_each_for_its_request(
    watched: Tracer, observed: Observed, tmp_path: Path
) -> None:
    loop = asyncio.get_running_loop()

    def traced(loop: asyncio.AbstractEventLoop, coroutine: object, **options: object) -> TracedTask:
        task = TracedTask(coroutine, loop=loop, **options)  # type: ignore[arg-type]  # as the loop was given it
        task.request = getattr(asyncio.current_task(loop), "request", 0)
        return task

    loop.set_task_factory(traced)
    engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path / 'a.db'}", pool_size=1, max_overflow=0)
    async with engine.begin() as connection:
        await connection.execute(MAKE)

    async def work(number: int) -> None:
        asyncio.current_task().request = number  # type: ignore[union-attr]  # a task of the factory above
        async with engine.begin() as connection:
            await connection.execute(READ, {"secret": number})

    await asyncio.gather(*(work(number) for number in (1, 2, 3)))
    await engine.dispose()

    waits = observed.of(Kind.CONNECTION_WAIT)
    assert sorted(row.request for row in waits) == [2, 3]
    assert {(row.track, row.depth, row.value) for row in waits} == {("requests requests", 0, 1)}
    assert len(observed.of(Kind.CONNECTION_WAIT, Flag.BEGIN)) == 2
    selects = [row for row in observed.of(Kind.STATEMENT) if row.name == "SELECT account"]
    awaited = {row.request: row for row in selects if row.state is State.AWAITING}
    ran = {row.request: row for row in selects if row.state is State.BLOCKED}
    assert awaited.keys() == ran.keys() == {1, 2, 3}
    for number, row in ran.items():
        assert row.track.startswith("thread ")
        assert awaited[number].start <= row.start
        assert row.end <= awaited[number].end


def test_what_is_watched_no_more_writes_nothing(tracer: Tracer, observed: Observed) -> None:
    real = QueuePool._do_get
    database.watch(tracer)()
    engine = create_engine("sqlite://")

    with engine.begin() as connection:
        connection.execute(MAKE)
    engine.dispose()

    assert observed.of(Kind.STATEMENT) == []
    assert QueuePool._do_get is real


@pytest.mark.expects_log("Part of the database's work is not observed: ZeroDivisionError")
def test_a_probe_that_fails_says_so_once_and_no_statement_fails(
    watched: Tracer, observed: Observed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watched, "thread_ring", lambda: 1 // 0)
    engine = create_engine("sqlite://")

    with engine.begin() as connection:
        connection.execute(MAKE)
        assert connection.execute(READ, {"secret": 1}).all() == []
    engine.dispose()

    assert observed.of(Kind.STATEMENT) == []


def test_what_failed_carries_the_engines_code(watched: Tracer, observed: Observed, tmp_path: Path) -> None:
    engine = create_engine(
        f"sqlite:///{tmp_path / 'a.db'}", isolation_level="AUTOCOMMIT", connect_args={"timeout": 0.0}
    )
    with engine.connect() as first, engine.connect() as second:
        first.exec_driver_sql("BEGIN IMMEDIATE")
        with pytest.raises(OperationalError):
            second.exec_driver_sql("BEGIN IMMEDIATE")
        first.exec_driver_sql("ROLLBACK")
    engine.dispose()

    rows = observed.of(Kind.STATEMENT)
    assert [row.name for row in rows] == ["BEGIN", "BEGIN failed: SQLITE_BUSY", "ROLLBACK"]
    assert [row.value for row in rows] == [0, watched.name("SQLITE_BUSY"), 0]
    assert observed.open_spans() == []


async def test_what_failed_on_a_thread_of_aiosqlite_says_so_on_both_tracks(
    watched: Tracer, observed: Observed, tmp_path: Path
) -> None:
    engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path / 'a.db'}")
    async with engine.connect() as connection:
        with pytest.raises(OperationalError):
            await connection.execute(READ, {"secret": 4711})
    await engine.dispose()

    rows = [row for row in observed.of(Kind.STATEMENT) if row.name.startswith("SELECT")]
    assert {(row.name, row.state, row.value) for row in rows} == {
        ("SELECT account failed: SQLITE_ERROR", State.AWAITING, watched.name("SQLITE_ERROR")),
        ("SELECT account failed: SQLITE_ERROR", State.BLOCKED, watched.name("SQLITE_ERROR")),
    }
