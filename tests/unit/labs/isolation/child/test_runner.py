"""The runner on SQLite, which is at hand everywhere: order, waits, retries, what is left out, what is stuck."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from explorer.labs.isolation.engines.sqlite import Sqlite
from explorer.labs.isolation.judge import judge
from explorer.labs.isolation.trace import Trace
from explorer.option_error import OptionError
from tests.isolation_runs import (
    DIRTY_WRITE,
    LOST_UPDATE,
    READ,
    STUCK,
    Bench,
    balances,
    bench,
    must_change,
    of,
    put,
    schedule,
    wait,
)


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Bench]:
    with bench(lambda mailbox: Sqlite(tmp_path, "delete", mailbox.wake)) as one:
        yield one


def sent(trace: Trace) -> list[tuple[str, int]]:
    return [(ran.session, ran.step + 1) for ran in trace.ran if ran.state != "left out"]


def test_a_write_waits_for_the_writer_until_its_commit(sqlite: Bench) -> None:
    trace = sqlite.run(DIRTY_WRITE, "DEFERRED")

    blocked = of(trace, 2)
    assert wait(blocked).by == ("A",)
    assert wait(blocked).released_by == of(trace, 4).number
    assert blocked.began < wait(blocked).since < (wait(blocked).until or 0) <= (blocked.ended or 0)
    assert blocked.state == "done"
    assert [ran.transaction for ran in trace.ran] == [0, 1, 0, 0, 1, 1]
    assert balances(trace) == (12, 22)
    assert trace.number == (34,)
    assert trace.ended == {"A": "committed", "B": "committed"}
    assert trace.over
    assert trace.next == len(DIRTY_WRITE.steps)


def test_a_session_that_waits_gets_its_steps_later_and_the_others_go_on(sqlite: Bench) -> None:
    one = schedule(f"A: {put(1, 11)}", f"B: {put(2, 22)}", f"B: {READ}", f"A: {put(2, 21)}", "A: COMMIT", "B: COMMIT")

    trace = sqlite.run(one, "IMMEDIATE")

    assert sent(trace) == [("A", 1), ("B", 2), ("A", 4), ("A", 5), ("B", 3), ("B", 6)]
    assert [ran.late for ran in trace.ran] == [False, False, False, False, True, False]
    assert of(trace, 3).rows == ((11,),)


def test_steps_are_sent_one_at_a_time_and_next_says_which_comes(sqlite: Bench) -> None:
    with sqlite.begun(DIRTY_WRITE, "DEFERRED") as (run, trace):
        seen = []
        for _ in range(4):
            run.advance(1, 0.0, lambda: False)
            seen.append((len(trace.ran), trace.next, of(trace, min(len(trace.ran), 2)).state))

        assert seen == [(1, 1, "done"), (2, 2, "blocked"), (3, 3, "blocked"), (4, 4, "done")]
        run.finish()

    assert trace.ran[-1].sql == "ROLLBACK"
    assert trace.ran[-1].step == -1
    assert trace.ended == {"A": "committed", "B": "rolled back"}
    assert balances(trace) == (11, 21)


def test_a_pause_ends_after_the_present_step(sqlite: Bench) -> None:
    with sqlite.begun(DIRTY_WRITE, "DEFERRED") as (run, trace):
        run.advance(None, 0.0, lambda: len(trace.ran) >= 2)

        assert len(trace.ran) == 2
        run.advance(None, 0.0, lambda: False)

    assert sent(trace)[-1] == ("B", 6)


def test_a_reader_that_turns_writer_is_refused_at_once(sqlite: Bench) -> None:
    trace = sqlite.run(LOST_UPDATE, "DEFERRED")

    refused = of(trace, 4)
    assert refused.failure is not None
    assert (refused.failure.code, refused.failure.kind) == ("SQLITE_BUSY", "busy")
    assert not refused.failure.ends
    assert not refused.waits
    assert wait(of(trace, 5)).by == ("B",), "the writer's commit waits for the reader"
    assert balances(trace) == (110, 100)


def test_what_was_kept_is_put_in_as_a_literal(sqlite: Bench) -> None:
    trace = sqlite.run(LOST_UPDATE, "IMMEDIATE")

    assert of(trace, 3).sql == put(1, "100 + 10")
    assert of(trace, 4).sql == put(1, "110 + 20")


def test_without_transactions_begin_and_commit_are_left_out(sqlite: Bench) -> None:
    trace = sqlite.run(LOST_UPDATE, "AUTOCOMMIT")

    assert [ran.state for ran in trace.ran] == ["done"] * 4 + ["left out"] * 2
    assert [ran.transaction for ran in trace.ran] == [0, 1, 2, 3, -1, -1]
    assert balances(trace) == (120, 100)


def test_a_second_transaction_begins_with_begin_and_what_stands_between_is_in_none(sqlite: Bench) -> None:
    one = schedule(f"A: {READ}", "A: COMMIT", f"A: {READ}", "A: BEGIN", f"A: {put(1, 1)}", "A: ROLLBACK")

    trace = sqlite.run(one, "DEFERRED")

    assert [ran.transaction for ran in trace.ran] == [0, 0, -1, 1, 1, 1]
    assert trace.ended == {"A": "rolled back"}
    assert balances(trace) == (100, 100)


def test_a_wait_that_nobody_will_end_is_called_stuck_and_cancelled(sqlite: Bench) -> None:
    trace = sqlite.run(STUCK, "DEFERRED")

    assert trace.stuck == "B waits for A, and A has no step left."
    assert of(trace, 2).state == "cancelled"
    assert of(trace, 2).failure is None
    assert wait(of(trace, 2)).released_by == -1
    assert of(trace, 3).state == "left out"
    assert balances(trace) == (100, 100)


def test_who_was_refused_rolls_back_at_once_and_tries_again_when_the_other_has_ended(sqlite: Bench) -> None:
    one = schedule(
        f"A: {put(1, 11)}", f"B: {READ}", f"B: {put(2, 22)}", f"A: {put(1, 12)}", "A: COMMIT", "B: COMMIT", retries=1
    )

    trace = sqlite.run(one, "DEFERRED")

    order = [("A", 1), ("B", 2), ("B", 3), ("B", 0), ("A", 4), ("A", 5), ("B", 2), ("B", 3), ("B", 6)]
    assert sent(trace) == order
    assert [ran.attempt for ran in trace.ran] == [0, 0, 0, 0, 0, 0, 1, 1, 1]
    assert not any(ran.late for ran in trace.ran)
    assert of(trace, 3).failure is None
    assert trace.ended == {"A": "committed", "B": "committed"}
    assert balances(trace) == (12, 22)


def test_who_was_refused_tries_again_in_any_case_when_the_other_does_nothing_more(sqlite: Bench) -> None:
    trace = sqlite.run(
        schedule(f"A: {put(1, 11)}", f"B: {READ}", f"B: {put(2, 22)}", "B: COMMIT", retries=1), "DEFERRED"
    )

    assert sent(trace)[:6] == [("A", 1), ("B", 2), ("B", 3), ("B", 0), ("B", 2), ("B", 3)]
    assert of(trace, 3).failure is not None, "it is refused again, and that was its last attempt"


def test_a_step_that_must_change_a_row_is_retried_or_rolled_back(sqlite: Bench) -> None:
    steps = (f"A: {READ}", f"A: {put(1, '{seen} + 1')} AND balance = {{seen}} - 1", f"A: {put(2, 7)}", "A: COMMIT")
    once = must_change(schedule(*steps, keep={1: "seen"}), 2)
    twice = must_change(schedule(*steps, keep={1: "seen"}, retries=1), 2)

    assert [(ran.sql[:6], ran.state) for ran in sqlite.run(once, "DEFERRED").ran] == [
        ("SELECT", "done"), ("UPDATE", "done"), ("ROLLBA", "done"), ("UPDATE", "left out"), ("COMMIT", "left out")
    ]  # fmt: skip
    again = sqlite.run(twice, "DEFERRED")
    assert [ran.attempt for ran in again.ran] == [0, 0, 0, 1, 1, 1, 1, 1]
    assert again.ended == {"A": "rolled back"}
    assert balances(again) == (100, 100)


def test_an_error_of_the_statement_is_the_engines_and_the_transaction_goes_on(sqlite: Bench) -> None:
    trace = sqlite.run(schedule("A: SELEC 1", f"A: {put(1, 5)}", "A: COMMIT"), "DEFERRED")

    failure = of(trace, 1).failure
    assert failure is not None
    assert failure.code == "SQLITE_ERROR"
    assert "SELEC" in failure.message
    assert balances(trace) == (5, 100)


def test_another_order_cancels_what_waits(sqlite: Bench) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    with sqlite.begun(schedule(f"A: {endless}", "A: COMMIT"), "DEFERRED") as (run, trace):
        threading.Timer(0.05, sqlite.mailbox.abandon.set).start()
        run.advance(None, 0.0, lambda: False)

        assert of(trace, 1).state == "cancelled"
        sqlite.mailbox.abandon.clear()
        run.finish()

    assert trace.over


def test_tables_that_the_engine_does_not_take_are_refused(sqlite: Bench) -> None:
    broken = replace(schedule(f"A: {READ}"), number=("SELECT no FROM nowhere", ""))

    with pytest.raises(OptionError, match="no such table: nowhere"):
        sqlite.run(broken, "DEFERRED")


def test_a_table_that_cannot_be_read_in_the_end_is_told_and_so_is_its_figure(sqlite: Bench) -> None:
    one = schedule("A: DROP TABLE account")

    trace = sqlite.run(one, "AUTOCOMMIT")

    assert (trace.over, trace.final, trace.number) == (True, {}, ())
    table, figure = trace.unread
    assert table.startswith("What account holds in the end is not known: SQLite cannot run SELECT * FROM account")
    assert figure.startswith("The figure at the end is not known: ")
    assert judge(one, trace).sentence.endswith(f"{table} {figure}")
