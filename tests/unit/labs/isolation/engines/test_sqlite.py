"""SQLite's three ways: rollback journal, WAL, and a cache that is shared."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from explorer.labs.isolation.engines import sqlite, sqlite_shared
from explorer.labs.isolation.engines.sqlite import Sqlite
from explorer.labs.isolation.target import Journal
from explorer.option_error import OptionError
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


@pytest.mark.parametrize("level", ["AUTOCOMMIT", "READ UNCOMMITTED"])
def test_no_other_file_is_opened_whatever_a_statement_hides(either: Bench, tmp_path: Path, level: str) -> None:
    if level not in either.facts.levels:
        pytest.skip("This Python's SQLite has no shared cache.")
    other = tmp_path / "other.db"

    failure = of(either.run(schedule(f"A: ATTACH '{other.as_posix()}' AS other"), level), 1).failure

    assert failure is not None
    assert "too many attached databases" in failure.message
    assert not other.exists()


@pytest.mark.parametrize("level", ["AUTOCOMMIT", "READ UNCOMMITTED"])
def test_more_rows_than_anybody_looks_at_are_a_failure(either: Bench, level: str) -> None:
    if level not in either.facts.levels:
        pytest.skip("This Python's SQLite has no shared cache.")
    rows = "A: WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) SELECT i FROM n"

    trace = either.run(schedule(rows.format(1000), rows.format(100_000)), level)

    assert len(of(trace, 1).rows or ()) == 1000
    failure = of(trace, 2).failure
    assert failure is not None
    assert (failure.code, of(trace, 2).rows) == ("too many rows", None)


def test_a_figure_without_an_end_is_given_up(wal: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "READ_LIMIT_S", 0)
    wal.run(LOST_UPDATE, "AUTOCOMMIT")

    with pytest.raises(OptionError, match="did not answer"):
        wal.engine.read("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n")
