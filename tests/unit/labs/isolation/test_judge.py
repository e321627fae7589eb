"""Verdicts on runs that were recorded on real engines, and on some written by hand that are hard to come by."""

from dataclasses import replace

import pytest

from explorer.labs.isolation import library
from explorer.labs.isolation.graph import Graph
from explorer.labs.isolation.judge import judge
from explorer.labs.isolation.schedule import Condition, Step
from explorer.labs.isolation.table import run_text
from explorer.labs.isolation.trace import Failure, Trace
from explorer.labs.isolation.transactions import transactions
from tests.unit.labs.isolation.runs import Story, recorded

SHIPPED = library.shipped()
RECORDED = recorded()
PG, DELETE, WAL = "postgresql", "sqlite delete", "sqlite wal"
MARIA, SNAPSHOT = "mariadb", "mariadb snapshot"
"""`SNAPSHOT`: with innodb_snapshot_isolation."""
REFUSED = Failure("40001", "serialization", "could not serialize access due to concurrent update", poisons=True)
DEADLOCK = Failure("1213", "deadlock", "Deadlock found when trying to get lock", ends=True)
BUSY = Failure("SQLITE_BUSY", "busy", "database is locked")


@pytest.mark.parametrize(
    ("run", "title", "how", "codes", "sentence"),
    [
        (
            (PG, "P4", "REPEATABLE READ"), "Prevented", "blocked aborted", "40001",
            "B wanted to change a row that A had changed since B's snapshot. PostgreSQL refused: B must start again "
            "and read 150.",
        ),
        (
            (PG, "P4", "READ COMMITTED"), "Happened", "blocked", "",
            "Both read 100. B's 120 buried A's 150, and nobody was told: with both sums it would be 170.",
        ),
        (
            (PG, "G1a", "READ COMMITTED"), "Prevented", "versions", "",
            "B read 100, as it was last committed; with A's open change it would be 1000.",
        ),
        (
            (PG, "G-single", "REPEATABLE READ"), "Prevented", "versions", "",
            "A read 200, as it was when A began; with B's change it would be 250.",
        ),
        (
            (PG, "OTV", "READ COMMITTED"), "Prevented", "versions blocked", "",
            "C read Ann 110, Bob 190, as it was last committed; with B's open change it would be Ann 120, Bob 190.",
        ),
        (
            (PG, "PMP-write", "READ COMMITTED"), "Happened", "versions blocked", "",
            "B had found Bob. Its DELETE closed nobody's account, although Ann's held 20 by the time it acted.",
        ),
        (
            (PG, "G2-item", "SERIALIZABLE"), "Prevented", "aborted", "40001",
            "What A and B read and wrote fits into no order. PostgreSQL refused B's COMMIT: B must start again and "
            "read 1.",
        ),
        (
            (PG, "G2-item", "REPEATABLE READ"), "Happened", "", "",
            "Each saw two on call and signed off. They changed different rows, so nothing collided: nobody is on call.",
        ),
        (
            (PG, "for_update", "READ COMMITTED"), "Cured", "blocked", "",
            "Ann's balance: 170. B's SELECT waited until A had ended, and then read 150.",
        ),
        (
            (PG, "retry", "REPEATABLE READ"), "Cured", "aborted", "40001",
            "Ann's balance: 170. B wanted to change a row that A had changed since B's snapshot. PostgreSQL refused. B "
            "began again and read 150.",
        ),
        (
            (PG, "version_column", "READ COMMITTED"), "Cured", "", "",
            "Ann's balance: 170. B's write changed no row, since A had been there first. B began again and read 150.",
        ),
        ((PG, "skip_locked", "READ COMMITTED"), "Cured", "", "", "Jobs done: 2. Nobody had to wait for anybody."),
        (
            (DELETE, "G1a", "READ UNCOMMITTED"), "Happened", "", "",
            "B read 1000, which A did not mean to keep: the check is passed with money that never was.",
        ),
        (
            (DELETE, "G-single", "DEFERRED"), "Prevented", "versions blocked", "",
            "A read 200, as it was last committed; with B's open change it would be 250. B's COMMIT waited until A had "
            "ended.",
        ),
        (
            (DELETE, "P4", "DEFERRED"), "Prevented", "blocked aborted", "SQLITE_BUSY",
            "B had read and wanted to write, but A held the write lock. Waiting could not help, so SQLite refused at "
            "once: B must start again and read 150. B's transaction stayed open, and its COMMIT "
            "came without this write.",
        ),
        (
            (DELETE, "begin_immediate", "DEFERRED"), "Not cured", "blocked aborted", "SQLITE_BUSY",
            "B had read, and SQLite refused its first write: it must start again. At IMMEDIATE it would wait at BEGIN.",
        ),
        (
            (DELETE, "begin_immediate", "IMMEDIATE"), "Cured", "blocked", "",
            "Ann's balance: 170. B waited at its BEGIN until A had ended, and then read 150.",
        ),
        (
            (DELETE, "lock_order_deadlock", "DEFERRED"), "No deadlock", "blocked", "",
            "B's UPDATE waited until A had ended.",
        ),
        (
            (MARIA, "P4", "REPEATABLE READ"), "Happened", "blocked", "",
            "Both read 100. B's 120 buried A's 150, and nobody was told: with both sums it would be 170.",
        ),
        (
            (SNAPSHOT, "P4", "REPEATABLE READ"), "Prevented", "blocked aborted", "1020",
            "B wanted to change a row that A had changed since B's snapshot. MariaDB refused: B must start again and "
            "read 150.",
        ),
        (
            (MARIA, "G-single-write", "REPEATABLE READ"), "Happened", "versions", "",
            "A read 100, from before B's payment; its DELETE looked at what came after it, and closed nothing.",
        ),
        (
            (MARIA, "PMP-write", "REPEATABLE READ"), "Happened", "versions blocked", "",
            "B had found Bob. Its DELETE closed Ann's account, which held 20 by the time it acted.",
        ),
        (
            (MARIA, "OTV", "READ UNCOMMITTED"), "Happened", "blocked", "",
            "C saw half of A's change, Bob's 190 beside B's 120; on the next look the 190 was gone as well.",
        ),
        (
            (MARIA, "advisory_lock", "AUTOCOMMIT"), "Cured", "blocked", "",
            "Ann's balance: 170. B's SELECT waited until A had ended, and then read 150.",
        ),
        (
            (WAL, "retry", "DEFERRED"), "Cured", "aborted", "SQLITE_BUSY_SNAPSHOT",
            "Ann's balance: 170. B had read a version that A had replaced since, and wanted to write. SQLite refused. "
            "B began again and read 150.",
        ),
    ],
)  # fmt: skip
def test_what_was_measured_is_told_with_the_values_that_were_seen(
    run: tuple[str, str, str], title: str, how: str, codes: str, sentence: str
) -> None:
    verdict = judge(SHIPPED[run[1]], RECORDED[run])
    assert (verdict.title, " ".join(verdict.how), " ".join(verdict.codes)) == (title, how, codes)
    assert verdict.sentence == sentence
    assert verdict.happened is (title in ("Happened", "Not cured"))


def test_a_deadlock_says_who_was_ended() -> None:
    trace = RECORDED[PG, "lock_order_deadlock", "READ COMMITTED"]
    victim = next(one.session for one in trace.ran if one.failure is not None)
    other = {"A": "B", "B": "A"}[victim]
    verdict = judge(SHIPPED["lock_order_deadlock"], trace)
    assert (verdict.happened, verdict.title, verdict.codes) == (True, "Deadlock", ("40P01",))
    assert verdict.sentence == (
        f"{victim} and {other} waited for each other. PostgreSQL ended {victim}, so that {other} could go on: {victim} "
        "must start again."
    )


def lost_update_on_mariadb() -> Trace:
    """REPEATABLE READ with a plain read from the snapshot and a write on the newest row."""
    story = Story(SHIPPED["P4"], "REPEATABLE READ", "mariadb")
    story.did(1, ((100,),)).did(2, ((100,),)).did(3, count=1, sql="UPDATE account SET balance = 150")
    story.did(4, count=1, sql="UPDATE account SET balance = 120", by="A", until=4).did(5).did(6)
    return story.over({"account": (("Ann", 120),)}, (120,), A="committed", B="committed")


def test_a_write_that_waited_and_then_buried_another_is_a_lost_update() -> None:
    verdict = judge(SHIPPED["P4"], lost_update_on_mariadb())
    assert (verdict.happened, verdict.how) == (True, ("blocked",))


def test_a_commit_after_a_refused_write_loses_nothing() -> None:
    # SQLite leaves the transaction open: B's COMMIT succeeds, and commits nothing.
    story = Story(SHIPPED["P4"], "DEFERRED", "sqlite")
    story.did(1, ((100,),)).did(2, ((100,),)).did(3, count=1, sql="UPDATE account SET balance = 150")
    story.did(4, sql="UPDATE account SET balance = 120", failure=BUSY).did(5, by="B", until=5).did(6)
    verdict = judge(SHIPPED["P4"], story.over({"account": (("Ann", 150),)}, (150,), A="committed", B="committed"))
    assert (verdict.happened, verdict.how) == (False, ("blocked", "aborted"))


def test_at_mariadb_serializable_both_read_locks_collide() -> None:
    story = Story(SHIPPED["P4"], "SERIALIZABLE", "mariadb")
    story.did(1, ((100,),)).did(2, ((100,),)).did(3, count=1, sql="UPDATE account SET balance = 150", by="B", until=3)
    story.did(4, sql="UPDATE account SET balance = 120", failure=DEADLOCK).did(5)
    verdict = judge(SHIPPED["P4"], story.over({"account": (("Ann", 150),)}, (150,), A="committed", B="aborted"))
    assert (verdict.happened, verdict.aside) == (False, "aborted")
    assert verdict.sentence == (
        "B and A waited for each other. MariaDB ended B, so that A could go on: B must start again and read 150."
    )


def test_how_many_rows_a_step_changed_is_a_condition_too() -> None:
    # Bob's account was closed before he was paid: A came first, and nothing is mixed.
    for count, final in ((0, (("Ann", 50), ("Bob", 50))), (1, (("Ann", 50),))):
        story = Story(SHIPPED["G-single-write"], "READ COMMITTED", "postgresql").did(1, ((100,),)).did(2, count=1)
        story.did(3, count=1 - count).did(4).did(5, count=count).did(6, ()).did(7)
        trace = story.over({"account": final}, A="committed", B="committed")
        assert judge(story.schedule, trace).happened is (count == 0)


def test_a_reader_that_was_aborted_makes_no_anomaly() -> None:
    story = Story(SHIPPED["G1b"], "READ UNCOMMITTED", "mariadb").did(1, count=1).did(2, ((1000,),))
    story.did(3, count=1).did(4).did(5, failure=REFUSED).rolled_back("B")
    final = {"account": (("Ann", 110), ("Bob", 200))}
    assert not judge(SHIPPED["G1b"], story.over(final, A="committed", B="aborted")).happened


def test_before_the_end_it_says_where_it_stands() -> None:
    story = Story(SHIPPED["P4"], "READ COMMITTED", "postgresql").did(1, ((100,),)).did(2, ((100,),))
    verdict = judge(SHIPPED["P4"], story.trace)
    assert (verdict.before, verdict.happened, verdict.title) == (True, False, "Not over")
    assert verdict.sentence == "2 of 6 steps are done."
    story.did(3, count=1, sql="UPDATE account SET balance = 150")
    story.did(4, sql="UPDATE account SET balance = 120", by="A", open=True)
    verdict = judge(SHIPPED["P4"], story.trace)
    assert (verdict.how, verdict.sentence) == (("blocked",), "B waits for A.")


def test_steps_that_cannot_finish_are_no_prevention() -> None:
    story = Story(SHIPPED["P4"], "READ COMMITTED", "postgresql").did(1, ((100,),))
    story.trace.stuck = "A waits for B, and B has no step left."
    verdict = judge(SHIPPED["P4"], story.over({"account": (("Ann", 100),)}, A="rolled back"))
    assert (verdict.happened, verdict.title, verdict.sentence) == (False, "Cannot finish", story.trace.stuck)


def test_sql_that_the_engine_does_not_know_is_an_error_and_no_prevention() -> None:
    failure = Failure("42601", "other", 'syntax error at or near "FORM"\nLINE 1: …', poisons=True)
    story = Story(SHIPPED["P4"], "READ COMMITTED", "postgresql").did(1, failure=failure).rolled_back("A")
    verdict = judge(SHIPPED["P4"], story.over({"account": (("Ann", 100),)}, A="aborted"))
    assert (verdict.happened, verdict.title) == (False, "Error")
    assert verdict.sentence.startswith("Step 1 of A failed with 42601: syntax error")
    assert verdict.sentence.endswith("Correct its SQL.")


def test_a_condition_without_words_is_told_with_those_of_the_schedule() -> None:
    shipped = SHIPPED["P4"]
    mine = replace(shipped, happened=tuple(replace(one, sentence="") for one in shipped.happened))
    assert judge(mine, lost_update_on_mariadb()).sentence == shipped.sentence


def test_what_a_table_must_not_hold_is_a_condition_too() -> None:
    shipped = SHIPPED["P4"]
    (first, _) = shipped.happened
    mine = replace(shipped, happened=(replace(first, final={}, not_final={"account": (("Ann", 170),)}),))
    assert judge(mine, lost_update_on_mariadb()).happened
    mine = replace(shipped, happened=(replace(first, final={}, not_final={"account": (("Ann", 120),)}),))
    assert not judge(mine, lost_update_on_mariadb()).happened


def test_a_schedule_of_the_users_own_is_judged_as_well() -> None:
    shipped = SHIPPED["P4"]
    steps = (Step("A", "SELECT balance FROM account"), Step("B", "DELETE FROM account"), *shipped.steps[4:])
    mine = replace(shipped, id="mine", steps=steps)
    story = Story(mine, "READ COMMITTED", "postgresql").did(1, ((100,),)).did(2, count=1).did(3).did(4)
    verdict = judge(mine, story.over({"account": ()}, A="committed", B="committed"))
    assert (verdict.happened, verdict.sentence) == (False, "It is as if they had run one after the other: A, B.")


def test_what_a_table_does_not_hold_is_not_claimed_of_one_that_could_not_be_read() -> None:
    schedule, trace = SHIPPED["for_update"], RECORDED[PG, "for_update", "READ COMMITTED"]
    lost = replace(schedule, happened=(Condition(not_final={"account": (("Ann", 170),)}),))
    other = replace(schedule, happened=(Condition(not_final={"account": (("Ann", 0),)}),))

    assert judge(other, trace).happened
    assert not judge(lost, trace).happened
    assert not judge(other, replace(trace, final={})).happened


def test_a_cure_that_refuses_somebody_for_good_is_no_cure() -> None:
    cure = SHIPPED["retry"]
    story = Story(cure, "REPEATABLE READ", "postgresql").did(1, ((100,),)).did(2, ((100,),)).did(3, count=1).did(4)
    for attempt in range(3):
        story.did(5, attempt=attempt, failure=REFUSED).rolled_back("B", attempt)
        if attempt < 2:
            story.did(2, ((150,),), attempt=attempt + 1)
    trace = story.over({"account": (("Ann", 150),)}, (150,), A="committed", B="aborted")

    verdict = judge(cure, trace)

    assert (verdict.happened, verdict.title) == (False, "Given up")
    assert verdict.sentence.startswith("B was refused 3 times and has no attempt left: its write is missing. ")


def test_a_cure_whose_write_changed_no_row_to_the_last_is_no_cure() -> None:
    cure = SHIPPED["version_column"]
    number = next(place for place, step in enumerate(cure.steps, 1) if step.must_change)
    story = Story(cure, "READ COMMITTED", "postgresql").did(number, count=0).rolled_back("A")
    verdict = judge(cure, story.over({"account": (("Ann", 100, 1),)}, (100,), A="rolled back"))

    assert verdict.title == "Given up"


def test_that_a_transaction_stays_open_after_a_refusal_is_said() -> None:
    story = Story(SHIPPED["P4"], "DEFERRED", "sqlite")
    story.did(1, ((100,),)).did(2, ((100,),)).did(3, count=1, sql="UPDATE account SET balance = 150")
    story.did(4, sql="UPDATE account SET balance = 120", failure=BUSY)
    assert "transaction still open" in run_text(SHIPPED["P4"], story.trace, judge(SHIPPED["P4"], story.trace), Graph())
    story.did(5, by="B", until=5).did(6)
    trace = story.over({"account": (("Ann", 150),)}, (150,), A="committed", B="committed")

    assert judge(SHIPPED["P4"], trace).sentence.endswith(
        "B's transaction stayed open, and its COMMIT came without this write."
    )
    ends = {each.session: each.ended for each in transactions(SHIPPED["P4"], trace).values()}
    assert ends == trace.ended
