"""The isolation lab on a real PostgreSQL server: waits as the server reports them, errors, its own place, leftovers."""

import asyncio
import os
import runpy
import signal
import time
import tracemalloc
from collections.abc import Iterator

import psycopg
import pytest

from explorer.labs.isolation.engines.place import MARK, NAMES_ALONE, OWN_USER, nobody_keeps
from explorer.labs.isolation.engines.postgresql import Postgres, remove
from explorer.labs.isolation.engines.postgresql_rows import ask
from explorer.labs.isolation.export_test import folder
from explorer.labs.isolation.lab import IsolationLab
from explorer.labs.isolation.target import Target
from explorer.option_error import OptionError
from tests import leaks
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


@pytest.fixture
def postgres(url: str) -> Iterator[Bench]:
    with bench(lambda mailbox: Postgres(url, nobody_keeps)) as one:
        yield one


def places(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        databases = connection.execute("SELECT datname FROM pg_database").fetchall()
        schemas = connection.execute("SELECT nspname FROM pg_namespace").fetchall()
    return [name for (name,) in (*databases, *schemas) if name.startswith("explorer_lab_")]


def test_waits_and_errors_are_the_servers(postgres: Bench) -> None:
    trace = postgres.run(DIRTY_WRITE, "READ COMMITTED")
    assert wait(of(trace, 2)).by == ("A",)
    assert wait(of(trace, 2)).released_by == of(trace, 4).number
    assert balances(trace) == (12, 22)
    assert trace.number == (34,)

    trace = postgres.run(DIRTY_WRITE, "REPEATABLE READ")
    failure = of(trace, 2).failure
    assert failure is not None
    assert (failure.code, failure.kind, failure.poisons, failure.ends) == ("40001", "serialization", True, False)
    assert of(trace, 5).state == "left out"
    assert of(trace, 6).sql == "ROLLBACK"
    assert trace.ended == {"A": "committed", "B": "aborted"}
    assert balances(trace) == (11, 21)


def test_a_commit_that_is_refused_ends_its_transaction(postgres: Bench) -> None:
    one = schedule(
        "A: SELECT sum(balance) FROM account", "B: SELECT sum(balance) FROM account", f"A: {put(1, 0)}",
        f"B: {put(2, 0)}", "A: COMMIT", "B: COMMIT",
    )  # fmt: skip

    trace = postgres.run(one, "SERIALIZABLE")

    assert trace.codes == ("40001",)
    assert sorted(trace.ended.values()) == ["aborted", "committed"]
    assert of(trace, 1).rows == ((200,),)


def test_a_deadlock_is_waited_for_until_the_server_ends_it(postgres: Bench) -> None:
    trace = postgres.run(DEADLOCK, "READ COMMITTED")

    assert trace.codes == ("40P01",)
    victim, other = (3, 4) if of(trace, 3).failure is not None else (4, 3)
    assert wait(of(trace, other)).released_by == of(trace, victim).number
    assert sorted(trace.ended.values()) == ["aborted", "committed"]
    assert not trace.stuck


def test_what_only_takes_its_time_is_never_called_blocked(postgres: Bench) -> None:
    one = schedule(f"A: {put(1, 11)}", "B: SELECT pg_sleep(0.1)", f"A: {READ}", "A: COMMIT", "B: COMMIT")

    trace = postgres.run(one, "READ COMMITTED")

    assert not any(ran.waits for ran in trace.ran)
    assert of(trace, 3).began > (of(trace, 2).ended or 0), "it was waited for"


def test_advisory_locks_are_waits_too(postgres: Bench) -> None:
    one = schedule("A: SELECT pg_advisory_lock(7)", "B: SELECT pg_advisory_lock(7)", "A: SELECT pg_advisory_unlock(7)")

    trace = postgres.run(one, "AUTOCOMMIT")

    assert wait(of(trace, 2)).by == ("A",)
    assert wait(of(trace, 2)).released_by == 2


def test_of_three_each_wait_names_its_own(postgres: Bench) -> None:
    one = schedule(
        f"A: {put(1, 1)}", f"B: {put(2, 2)}", f"C: {put(2, 3)}", f"B: {put(1, 4)}", "C: COMMIT", "A: COMMIT",
        "B: COMMIT",
    )  # fmt: skip

    trace = postgres.run(one, "READ COMMITTED")

    assert wait(of(trace, 3)).by == ("B",)
    assert wait(of(trace, 4)).by == ("A",)
    assert [ran.step + 1 for ran in trace.ran] == [1, 2, 3, 4, 6, 7, 5]
    assert of(trace, 5).late


def test_a_retry_begins_anew_and_reads_anew(postgres: Bench) -> None:
    one = schedule(
        *(f"{step.session}: {step.sql}" for step in LOST_UPDATE.steps), keep={1: "seen", 2: "seen"}, retries=1
    )

    trace = postgres.run(one, "REPEATABLE READ")

    assert balances(trace) == (130, 100)
    assert trace.codes == ("40001",)
    assert trace.ended == {"A": "committed", "B": "committed"}


def test_a_wait_without_end_is_stuck_and_cancelled(postgres: Bench) -> None:
    trace = postgres.run(STUCK, "READ COMMITTED")

    assert trace.stuck == "B waits for A, and A has no step left."
    assert of(trace, 2).state == "cancelled"
    assert balances(trace) == (100, 100)


def test_its_database_comes_and_goes_and_old_ones_go_with_it(url: str) -> None:
    old, young, theirs = "explorer_lab_00000001", "explorer_lab_00000002", "explorer_lab_00000003"
    with psycopg.connect(url, autocommit=True) as connection:
        for name, comment in ((old, f"{MARK}1000"), (young, f"{MARK}{time.time():.0f}"), (theirs, "Mine.")):
            connection.execute(f"CREATE DATABASE {name}".encode())
            connection.execute(f"COMMENT ON DATABASE {name} IS '{comment}'".encode())
    engine = Postgres(url, nobody_keeps)

    facts = engine.open()
    assert facts.place.removeprefix("database ") in places(url)
    assert facts.settings["statement_timeout"] == "0 ms", "that of the sessions, not of the lab's own connection"
    assert old not in places(url)
    engine.close()

    assert sorted(places(url)) == [young, theirs]
    for name in (young, theirs):
        remove(url, name)
    assert not places(url)


def test_who_may_make_no_database_gets_a_schema_or_a_sentence(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE ROLE small LOGIN PASSWORD 'small''s secret'")
        small = f"postgresql://small:small's%20secret@{url.partition('@')[2]}"
        with pytest.raises(OptionError, match="User small may make neither a database nor a schema") as refused:
            Postgres(small, nobody_keeps).open()
        assert "secret" not in str(refused.value)
        connection.execute("GRANT CREATE ON DATABASE postgres TO small")
    with bench(lambda mailbox: Postgres(small, nobody_keeps)) as one:
        assert "schema explorer_lab_" in one.facts.place
        assert one.facts.guard == NAMES_ALONE
        assert balances(one.run(DIRTY_WRITE, "READ COMMITTED")) == (12, 22)
    assert not places(url)


def test_a_wrong_password_is_not_in_the_sentence(url: str) -> None:
    wrong = f"postgresql://explorer:my%20secret@{url.partition('@')[2]}"

    with pytest.raises(OptionError, match="password authentication failed") as refused:
        Postgres(wrong, nobody_keeps).open()

    assert "my" not in str(refused.value)


def test_a_statement_is_one_whatever_a_text_in_it_hides(postgres: Bench) -> None:
    trace = postgres.run(schedule("A: SELECT $$'$$; DROP TABLE account; SELECT '1'"), "READ COMMITTED")

    failure = of(trace, 1).failure
    assert failure is not None
    assert failure.code == "42601"
    assert "account" in trace.final


def test_more_rows_than_anybody_looks_at_are_a_failure(postgres: Bench) -> None:
    trace = postgres.run(schedule("A: SELECT * FROM generate_series(1, 1001)", f"A: {READ}"), "READ COMMITTED")

    failure = of(trace, 1).failure
    assert failure is not None
    assert (failure.code, of(trace, 2).rows) == ("too many rows", ((100,),))


def test_of_many_rows_few_are_kept_and_the_statement_is_carried_out(postgres: Bench, url: str) -> None:
    many = "INSERT INTO account SELECT i, repeat('x', 20), 1 FROM generate_series(3, 100000) AS n (i) RETURNING owner"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TEMPORARY TABLE account (id integer, owner text, balance integer)")
        tracemalloc.start()
        answer = ask(connection, many)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert (len(answer.rows), answer.count) == (1001, 99_998)
    assert most < 99_998 * 20, "all rows would be more than that"

    trace = postgres.run(schedule(f"A: {many}", "A: COMMIT"), "READ COMMITTED")
    assert trace.codes == ("too many rows",)
    assert trace.ended == {"A": "committed"}
    assert trace.number == (100_198,)


def test_an_error_in_the_middle_of_the_rows_is_the_servers(postgres: Bench) -> None:
    failing = "A: SELECT 1 / (2000 - x) FROM generate_series(1, 3000) AS n (x)"
    trace = postgres.run(schedule(failing, f"A: {READ}"), "AUTOCOMMIT")

    assert trace.codes == ("22012",)
    assert of(trace, 2).rows == ((100,),)


def test_on_the_labs_own_server_a_schedule_reaches_no_files(url: str) -> None:
    with bench(lambda mailbox: Postgres(url, nobody_keeps, embedded=True)) as one:
        trace = one.run(
            schedule("A: SELECT pg_read_file('PG_VERSION')", "B: UPDATE account SET balance = 1"), "AUTOCOMMIT"
        )
    failure = of(trace, 1).failure
    assert failure is not None
    assert failure.code == "42501"
    assert set(balances(trace)) == {1}
    assert not roles(url)


def roles(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT rolname FROM pg_roles WHERE rolname LIKE 'explorer_lab%'").fetchall()
    return [name for (name,) in found]


@pytest.fixture
def maker(url: str) -> Iterator[str]:
    """The URL of a user who may make schemas and roles, and whose own table holds one row."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE ROLE maker LOGIN CREATEROLE PASSWORD 'made'")
        connection.execute("GRANT CREATE ON DATABASE postgres TO maker")
        connection.execute("CREATE SCHEMA makers AUTHORIZATION maker")
        made = f"postgresql://maker:made@{url.partition('@')[2]}"
        with psycopg.connect(made, autocommit=True) as own:
            own.execute("CREATE TABLE makers.private AS SELECT 1 AS x")
        yield made
        connection.execute("DROP SCHEMA makers CASCADE")
        connection.execute("DROP OWNED BY maker")
        connection.execute("DROP ROLE maker")


def test_in_a_schema_its_sessions_are_a_role_that_reaches_nothing_of_the_users(url: str, maker: str) -> None:
    hostile = schedule("A: DELETE FROM makers.private", f"A: {put(1, 5)}")
    with bench(lambda mailbox: Postgres(maker, nobody_keeps)) as one:
        assert one.facts.guard == OWN_USER
        assert one.facts.place.split()[1] in roles(url)
        trace = one.run(hostile, "AUTOCOMMIT")
        assert trace.codes == ("42501",)
        assert balances(trace) == (5, 100)
        assert wait(of(one.run(DIRTY_WRITE, "READ COMMITTED"), 2)).by == ("A",)
        assert one.run(STUCK, "READ COMMITTED").stuck, "the user may cancel what the role does"
    assert not roles(url)
    assert not places(url)
    with psycopg.connect(maker) as own:
        assert own.execute("SELECT x FROM makers.private").fetchall() == [(1,)]


def test_roles_of_labs_that_left_them_go_with_the_next(url: str, maker: str) -> None:
    old, young = "explorer_lab_0000000a", "explorer_lab_0000000b"
    with psycopg.connect(maker, autocommit=True) as own:
        for name, made in ((old, 1000.0), (young, time.time())):
            own.execute(f"CREATE ROLE {name}".encode())
            own.execute(f"COMMENT ON ROLE {name} IS '{MARK}{made:.0f}'".encode())
        with bench(lambda mailbox: Postgres(maker, nobody_keeps)):
            assert old not in roles(url)
        assert roles(url) == [young]
        own.execute(f"DROP ROLE {young}".encode())


async def test_a_lab_that_is_killed_leaves_no_role(url: str, maker: str) -> None:
    before = leaks.processes()
    lab = IsolationLab(Target(maker))
    await lab.start()
    try:
        await lab.begin(STUCK, "READ COMMITTED")
        await lab.advance(2)
        assert roles(url)
        [pid] = [pid for pid, said in leaks.processes().items() if pid not in before and "child.process" in said]
        os.kill(pid, signal.SIGKILL)
        await asyncio.to_thread(wait_until, lambda: not roles(url) and not places(url))
    finally:
        await lab.stop()
        lab.discard()
    await asyncio.to_thread(wait_until, lambda: leaks.processes() == before)


def test_an_exported_test_leaves_nothing_of_a_start_that_failed(url: str) -> None:
    engine_class = runpy.run_path(str(folder() / "postgresql.py"))["Engine"]

    with pytest.raises(psycopg.Error):
        engine_class(url, {"account": ("id nothing", [])})

    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT 1 FROM pg_namespace WHERE nspname LIKE 'isolation%'").fetchall() == []
