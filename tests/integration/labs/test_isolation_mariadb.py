"""The isolation lab on a real MariaDB server, where one is installed."""

import time
from collections.abc import Iterator

import pymysql
import pytest

from explorer.labs.isolation.engines.mariadb import MariaDb
from explorer.labs.isolation.engines.place import MARK, nobody_keeps
from explorer.options import OptionError
from tests import mariadb_server
from tests.isolation_runs import (
    DEADLOCK,
    DIRTY_WRITE,
    LOST_UPDATE,
    READ,
    Bench,
    balances,
    bench,
    of,
    put,
    schedule,
    wait,
)

pytestmark = pytest.mark.skipif(bool(mariadb_server.missing()), reason=mariadb_server.missing())


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with mariadb_server.server() as port:
        yield port


@pytest.fixture(scope="module")
def url(port: int) -> str:
    return f"mariadb://root:maria's%20secret@127.0.0.1:{port}"


@pytest.fixture(scope="module")
def maria(url: str) -> Iterator[Bench]:
    with bench(lambda mailbox: MariaDb(url, nobody_keeps)) as one:
        yield one


def run(port: int, *statements: str) -> list[str]:
    connection = pymysql.connect(
        host="127.0.0.1", port=port, user="root", password=mariadb_server.PASSWORD, autocommit=True
    )
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        found = [str(row[0]) for row in cursor.fetchall()]
    connection.close()
    return found


def test_waits_are_the_servers_and_dirty_reads_are_shown(maria: Bench) -> None:
    trace = maria.run(DIRTY_WRITE, "READ COMMITTED")
    assert wait(of(trace, 2)).by == ("A",)
    assert wait(of(trace, 2)).released_by == of(trace, 4).number
    assert balances(trace) == (12, 22)

    trace = maria.run(schedule(f"A: {put(1, 7)}", f"B: {READ}", "A: ROLLBACK", "B: COMMIT"), "READ UNCOMMITTED")
    assert of(trace, 2).rows == ((7,),)
    assert trace.facts.levels[1] == "READ UNCOMMITTED"


def test_a_deadlock_ends_one_transaction_at_once(maria: Bench) -> None:
    trace = maria.run(DEADLOCK, "REPEATABLE READ")

    assert trace.codes == ("1213",)
    failed = next(ran.failure for ran in trace.ran if ran.failure is not None)
    assert (failed.kind, failed.ends, failed.poisons) == ("deadlock", True, False)
    assert sorted(trace.ended.values()) == ["aborted", "committed"]


def test_a_timeout_leaves_the_transaction_open(maria: Bench) -> None:
    one = schedule(
        f"A: {put(1, 7)}", f"B: {put(2, 8)}", "B: SET innodb_lock_wait_timeout = 1", f"B: {put(1, 9)}",
        "A: SELECT sleep(1.5)", "A: COMMIT", "B: COMMIT",
    )  # fmt: skip

    trace = maria.run(one, "READ COMMITTED")

    failure = of(trace, 4).failure
    assert failure is not None
    assert (failure.code, failure.kind, failure.ends) == ("1205", "timeout", False)
    assert not of(trace, 5).waits, "to sleep is not to wait for somebody"
    assert trace.ended == {"A": "committed", "B": "committed"}
    assert balances(trace) == (7, 8)


def test_user_locks_and_table_locks_are_waits_too(maria: Bench) -> None:
    user = schedule("A: SELECT get_lock('x', 9)", "B: SELECT get_lock('x', 9)", "A: SELECT release_lock('x')")
    table = schedule(f"A: {READ}", "B: ALTER TABLE account ADD COLUMN more integer", "A: COMMIT")

    for one, level in ((user, "AUTOCOMMIT"), (table, "REPEATABLE READ")):
        trace = maria.run(one, level)
        assert wait(of(trace, 2)).by == ("A",)
        assert wait(of(trace, 2)).released_by == 2


def test_of_three_each_wait_names_its_own(maria: Bench) -> None:
    one = schedule(
        f"A: {put(1, 1)}", f"B: {put(2, 2)}", f"C: {put(2, 3)}", f"B: {put(1, 4)}", "C: COMMIT", "A: COMMIT",
        "B: COMMIT",
    )  # fmt: skip

    trace = maria.run(one, "READ COMMITTED")

    assert wait(of(trace, 3)).by == ("B",)
    assert wait(of(trace, 4)).by == ("A",)
    assert [ran.step + 1 for ran in trace.ran] == [1, 2, 3, 4, 6, 7, 5]


def test_rows_that_are_set_to_what_they_hold_count_as_changed(maria: Bench) -> None:
    assert of(maria.run(schedule(f"A: {put(1, 100)}"), "AUTOCOMMIT"), 1).count == 1
    assert balances(maria.run(LOST_UPDATE, "AUTOCOMMIT")) == (120, 100)


def test_its_database_comes_and_goes_and_old_ones_go_with_it(url: str, port: int, maria: Bench) -> None:
    old, young = "explorer_lab_00000001", "explorer_lab_00000002"
    for name, made in ((old, 1000.0), (young, time.time())):
        run(port, f"CREATE DATABASE {name}", f"CREATE TABLE {name}.explorer_lab (x int) COMMENT '{MARK}{made:.0f}'")
    engine = MariaDb(url, nobody_keeps)

    place = engine.open().place.removeprefix("database ")
    assert place in run(port, "SHOW DATABASES")
    engine.close()

    left = [name for name in run(port, "SHOW DATABASES") if name.startswith("explorer_lab_")]
    assert sorted(left) == sorted([young, maria.facts.place.removeprefix("database ")])
    run(port, f"DROP DATABASE {young}")


def test_what_a_user_may_not_is_one_sentence_without_her_password(port: int) -> None:
    run(port, "CREATE USER small@'127.0.0.1' IDENTIFIED BY 'little-secret'")
    small = f"mariadb://small:little-secret@127.0.0.1:{port}"

    for grant, says in (
        ("", "GRANT PROCESS"),
        ("GRANT PROCESS ON *.* TO small@'127.0.0.1'", "may make no database"),
    ):
        run(port, *filter(None, [grant]), "SELECT 1")
        with pytest.raises(OptionError, match=says) as refused:
            MariaDb(small, nobody_keeps).open()
        assert "secret" not in str(refused.value)
    with pytest.raises(OptionError, match="Access denied") as refused:
        MariaDb(small.replace("little", "wrong"), nobody_keeps).open()
    assert "secret" not in str(refused.value)
