"""SQLite's three ways: rollback journal, WAL, and a cache that is shared."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from explorer.labs.isolation.engines import sqlite_shared
from explorer.labs.isolation.engines.sqlite import Sqlite
from explorer.labs.isolation.target import Journal
from tests.isolation_runs import LOST_UPDATE, READ, Bench, balances, bench, of, put, schedule, wait


@pytest.fixture(params=["delete", "wal"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    journal: Journal = request.param
    with bench(lambda mailbox: Sqlite(tmp_path, journal, mailbox.wake)) as one:
        yield one


@pytest.fixture
def wal(tmp_path: Path) -> Iterator[Bench]:
    with bench(lambda mailbox: Sqlite(tmp_path, "wal", mailbox.wake)) as one:
        yield one


def test_readers_of_a_wal_hold_no_writer_up_and_keep_their_version(wal: Bench) -> None:
    one = schedule(f"A: {READ}", f"B: {put(1, 7)}", "B: COMMIT", f"A: {READ}", f"A: {put(1, 8)}", "A: COMMIT")

    trace = wal.run(one, "DEFERRED")

    assert not any(ran.waits for ran in trace.ran)
    assert of(trace, 4).rows == ((100,),)
    assert trace.codes == ("SQLITE_BUSY_SNAPSHOT",)
    assert balances(trace) == (7, 100)


def test_immediate_waits_at_its_begin_in_either_journal(either: Bench) -> None:
    trace = either.run(LOST_UPDATE, "IMMEDIATE")

    assert wait(of(trace, 2)).by == ("A",)
    assert of(trace, 2).rows == ((110,),)
    assert balances(trace) == (130, 100)


@pytest.mark.skipif(bool(sqlite_shared.missing()), reason="This Python's SQLite has no shared cache.")
def test_a_shared_cache_shows_what_is_not_committed_and_nobody_waits(either: Bench) -> None:
    one = schedule(f"A: {put(1, 7)}", f"B: {READ}", f"B: {put(2, 8)}", "A: ROLLBACK", "B: COMMIT")

    trace = either.run(one, "READ UNCOMMITTED")

    assert of(trace, 2).rows == ((7,),)
    assert trace.codes == ("SQLITE_LOCKED_SHAREDCACHE",)
    assert not any(ran.waits for ran in trace.ran)
    assert balances(trace) == (100, 100)


def test_each_run_has_a_new_file_and_none_is_left(either: Bench, tmp_path: Path) -> None:
    either.run(LOST_UPDATE, "AUTOCOMMIT")
    first = set(tmp_path.glob("sqlite/*.db"))
    either.run(LOST_UPDATE, "DEFERRED")

    assert len(first) == 1
    assert not first & set(tmp_path.glob("sqlite/*.db"))
    either.close()
    assert not (tmp_path / "sqlite").exists()


def test_facts_name_both_libraries(wal: Bench) -> None:
    assert wal.facts.levels[0] == "AUTOCOMMIT"
    assert wal.facts.levels[-2:] == ("DEFERRED", "IMMEDIATE")
    assert wal.facts.settings["journal_mode"] == "wal"
    if not sqlite_shared.missing():
        assert sqlite3.sqlite_version in wal.facts.settings["shared cache"]
