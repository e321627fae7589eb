"""The isolation lab on a real MariaDB server, where one is installed."""

import asyncio
import os
import runpy
import signal
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import closing

import pymysql
import pytest
from sqlalchemy import create_engine

from explorer.labs.isolation.engines.mariadb import MariaDb, _connect, _remove_old
from explorer.labs.isolation.engines.place import MARK, NAMES_ALONE, OWN_USER, nobody_keeps
from explorer.labs.isolation.export_test import folder
from explorer.labs.isolation.lab import IsolationLab
from explorer.labs.isolation.target import Target
from explorer.option_error import OptionError
from explorer.server.workloads.bank_transfer import tables
from tests import leaks
from tests.database_servers import MariaDB, Missing, Server, running
from tests.isolation_runs import (
    DEADLOCK,
    DIRTY_WRITE,
    LOST_UPDATE,
    READ,
    STUCK,
    Bench,
    balances,
    bench,
    of,
    put,
    schedule,
    wait,
)
from tests.waiting import wait_until


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    try:
        with running(MariaDB) as one:
            yield one
    except Missing as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def maria(server: Server) -> Iterator[Bench]:
    with bench(lambda mailbox: MariaDb(server.url, nobody_keeps)) as one:
        yield one


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
        "A: SELECT sleep(1.1)", "A: COMMIT", "B: COMMIT",
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


def test_of_many_rows_few_are_kept_and_the_session_goes_on(maria: Bench) -> None:
    one = schedule("A: SELECT seq, repeat('x', 100) FROM seq_1_to_200000", f"A: {put(1, 5)}", "A: COMMIT")
    tracemalloc.start()
    trace = maria.run(one, "READ COMMITTED")
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert trace.codes == ("too many rows",)
    assert trace.ended == {"A": "committed"}
    assert balances(trace) == (5, 100)
    assert most < 200_000 * 50, "all rows would be more than that"
    with pytest.raises(OptionError, match="more than 1,000 rows"):
        maria.engine.read("SELECT seq FROM seq_1_to_2000")
    assert maria.engine.read("SELECT 1") == ((1,),)


def test_its_database_comes_and_goes_and_old_ones_go_with_it(server: Server, maria: Bench) -> None:
    old, young = "explorer_lab_00000001", "explorer_lab_00000002"
    for name, made in ((old, 1000.0), (young, time.time())):
        server.query(f"CREATE DATABASE {name}")
        server.query(f"CREATE TABLE {name}.explorer_lab (x int) COMMENT '{MARK}{made:.0f}'")
    before = server.dump()
    engine = MariaDb(server.url, nobody_keeps)

    assert engine.open().place.removeprefix("database ") in server.databases()
    engine.close()

    left = {name for name in server.databases() if name.startswith("explorer_lab_")}
    assert left == {young, maria.facts.place.removeprefix("database ")}
    assert server.dump() == before
    server.query(f"DROP DATABASE {young}")


def test_who_sees_no_sessions_removes_no_database_of_a_lab_that_lives(server: Server, maria: Bench) -> None:
    name = maria.facts.place.removeprefix("database ")
    server.query(f"ALTER TABLE {name}.explorer_lab COMMENT '{MARK}1000'")
    server.query("CREATE USER blind@'127.0.0.1' IDENTIFIED BY 'blind'")
    server.query("GRANT ALL ON `explorer\\_lab\\_%`.* TO blind@'127.0.0.1'")
    gone = "explorer_lab_0000000a"
    server.query(f"CREATE DATABASE {gone}")
    server.query(f"CREATE TABLE {gone}.explorer_lab (x int) COMMENT '{MARK}1000'")
    blind = _connect(f"mariadb://blind:blind@127.0.0.1:{server.port}")

    try:
        _remove_old(blind)
    finally:
        blind.close()

    assert name in server.databases()
    assert gone not in server.databases()


def test_what_a_user_may_not_is_one_sentence_without_her_password(server: Server) -> None:
    server.query("CREATE USER small@'127.0.0.1' IDENTIFIED BY 'little-secret'")
    small = f"mariadb://small:little-secret@127.0.0.1:{server.port}"

    with pytest.raises(OptionError, match="GRANT PROCESS") as refused:
        MariaDb(small, nobody_keeps).open()
    assert "secret" not in str(refused.value)
    server.query("GRANT PROCESS ON *.* TO small@'127.0.0.1'")
    with pytest.raises(OptionError, match="may make no database") as refused:
        MariaDb(small, nobody_keeps).open()
    assert "secret" not in str(refused.value)
    with pytest.raises(OptionError, match="Access denied") as refused:
        MariaDb(small.replace("little", "wrong"), nobody_keeps).open()
    assert "secret" not in str(refused.value)


def test_an_exported_test_takes_texts_for_what_they_are_and_leaves_nothing_of_a_start_that_failed(
    server: Server,
) -> None:
    engine_class = runpy.run_path(str(folder() / "mysql.py"))["Engine"]
    before = server.databases()

    engine = engine_class(server.url, {"account": ("id integer", [])})
    for value in ("it\\'s a \\ b", "\\", 5, None):
        assert engine.execute(engine.monitor, f"SELECT {engine.literal(value)}") == ([(value,)], None)
    engine.remove()
    with pytest.raises(pymysql.Error):
        engine_class(server.url, {"account": ("id nothing", [])})

    assert server.databases() == before


def test_the_bank_is_not_touched_while_another_holds_its_lock(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "LOCK_S", 0)
    engine = create_engine(server.url.replace("mariadb:", "mariadb+pymysql:"), isolation_level="AUTOCOMMIT")
    with closing(_connect(server.url)) as holder, engine.connect() as connection:
        with holder.cursor() as cursor:
            cursor.execute("SELECT GET_LOCK('explorer_bank', 0)")
        with pytest.raises(OptionError, match="makes or removes the bank's tables"):
            tables.drop_tables(connection, "mine")
        assert connection.exec_driver_sql("SHOW TABLES LIKE 'explorer%%'").fetchall() == []
    engine.dispose()


@pytest.fixture
def maker(server: Server) -> Iterator[str]:
    """The URL of an account that may make users and hand its rights on."""
    server.query("CREATE USER maker@'127.0.0.1' IDENTIFIED BY 'made'")
    server.query("GRANT ALL ON *.* TO maker@'127.0.0.1' WITH GRANT OPTION")
    yield f"mariadb://maker:made@127.0.0.1:{server.port}"
    server.query("DROP USER maker@'127.0.0.1'")


def users(server: Server) -> list[str]:
    return [name for (name,) in server.query("SELECT user FROM mysql.user WHERE user LIKE 'explorer%'")]


def test_its_sessions_are_a_user_that_reaches_nothing_of_the_accounts(server: Server, maker: str) -> None:
    before = server.dump()
    with bench(lambda mailbox: MariaDb(maker, nobody_keeps)) as one:
        assert one.facts.guard == OWN_USER
        assert users(server) == [one.facts.place.removeprefix("database ")]
        trace = one.run(schedule("A: DELETE FROM shop.account", f"A: {put(1, 5)}"), "AUTOCOMMIT")
        assert trace.codes == ("1142",)
        assert balances(trace) == (5, 100)
        assert wait(of(one.run(DIRTY_WRITE, "READ COMMITTED"), 2)).by == ("A",)
        assert one.run(STUCK, "READ COMMITTED").stuck, "the account may cancel what the user does"
    assert users(server) == []
    assert server.dump() == before


def test_an_account_that_may_make_no_user_is_told_what_protects_it(server: Server, maria: Bench) -> None:
    assert maria.facts.guard == NAMES_ALONE
    assert maria.facts.place.removeprefix("database ") not in users(server)


async def test_a_lab_that_is_killed_leaves_no_user(server: Server, maker: str, maria: Bench) -> None:
    before, databases = leaks.processes(), server.databases()
    lab = IsolationLab(Target(maker))
    await lab.start()
    try:
        await lab.begin(STUCK, "READ COMMITTED")
        await lab.advance(2)
        assert users(server)
        [pid] = [pid for pid, said in leaks.processes().items() if pid not in before and "child.process" in said]
        os.kill(pid, signal.SIGKILL)
        await asyncio.to_thread(wait_until, lambda: not users(server) and server.databases() == databases)
    finally:
        await lab.stop()
        lab.discard()
    await asyncio.to_thread(wait_until, lambda: leaks.processes() == before)
