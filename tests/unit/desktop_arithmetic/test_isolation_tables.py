"""The matrix in words and looks, what was predicted, and which steps of two runs differ."""

import asyncio
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from explorer.desktop.labs.isolation import database_checks
from explorer.desktop.labs.isolation.compare.alignment import align
from explorer.desktop.labs.isolation.compare.databases import choices, level_on
from explorer.desktop.labs.isolation.compare.differences import differences, in_words, steps_in_words
from explorer.desktop.labs.isolation.database_checks import Checked
from explorer.desktop.labs.isolation.ladder.model import ladder
from explorer.desktop.labs.isolation.matrix.levels import promise, words_of
from explorer.desktop.labs.isolation.matrix.look import how_in_words, look_of, shorter, spoken
from explorer.desktop.labs.isolation.matrix.table_file import as_csv
from explorer.desktop.labs.isolation.matrix.words import WORDS, ago, measured_line, settings_line
from explorer.desktop.labs.isolation.predict.predictions import Predictions
from explorer.desktop.labs.isolation.predict.words import short_steps
from explorer.labs.isolation.matrix import Cell, Difference, Matrix
from explorer.labs.isolation.schedule import Condition, Schedule, Session, Step, Table
from explorer.labs.isolation.target import EMBEDDED, SQLITE, Target
from explorer.labs.isolation.trace import Facts, Failure, Ran, Trace, Wait
from explorer.labs.isolation.verdict import Verdict
from tests.unit.desktop_arithmetic import isolation_runs as runs

LEVELS = ("AUTOCOMMIT", "READ COMMITTED", "SERIALIZABLE")
FACTS = Facts(
    "postgresql", "PostgreSQL 18.1", "18.1", "embedded", "explorer_lab", {"deadlock_timeout": "200ms"}, LEVELS, "Asked."
)
LOST = Schedule(
    id="P4",
    title="Lost update",
    group="Lost and skewed writes",
    sentence="Both read 100, both add their own sum, the second write buries the first.",
    tables=(Table("account", ("owner varchar(20)", "balance int"), (("Ann", 100),)),),
    sessions=(Session("A", "rent job"), Session("B", "bonus job")),
    steps=(
        Step("A", "SELECT balance\nFROM account"),
        Step("B", "SELECT balance\nFROM account"),
        Step("A", "UPDATE account SET balance = 150"),
        Step("B", "UPDATE account SET balance = 120", instead={"sqlite": "UPDATE account SET balance = 121"}),
        Step("A", "COMMIT"),
        Step("B", "COMMIT"),
    ),
    happened=(Condition(final={"account": (("Ann", 120),)}),),
)


def verdict(happened: bool, *how: str, codes: tuple[str, ...] = ()) -> Verdict:
    return Verdict(happened, tuple(how), codes, "Happened" if happened else "Prevented", "", "A sentence.")  # type: ignore[arg-type]


def cell(level: str, one: Verdict | None, *found: Difference, refused: str = "") -> Cell:
    return Cell(level, "P4", None, one, found, refused)


def ran(step: int, sql: str, *, number: int = 0, rows: object = None, count: int | None = None, **more: object) -> Ran:
    state = more.pop("state", "done")
    return Ran(number, step, LOST.steps[step].session, sql, 0, ended=1, state=state, rows=rows, count=count, **more)  # type: ignore[arg-type]


def trace(*several: Ran, over: bool = True) -> Trace:
    return Trace("P4", "READ COMMITTED", FACTS, list(several), over=over)


@pytest.mark.parametrize(
    ("one", "kind", "icons", "text"),
    [
        (verdict(True, "blocked"), "happened", (), "!  happened"),
        (verdict(False, "blocked"), "prevented", ("hourglass",), "blocked"),
        (verdict(False, "versions"), "prevented", ("layers",), "old version"),
        (verdict(False, "versions", "blocked"), "prevented", ("hourglass",), "blocked"),
        (verdict(False, "aborted", codes=("40001",)), "prevented", ("octagon-x",), "40001"),
        (verdict(False, "blocked", "aborted", codes=("40001",)), "prevented", ("hourglass", "octagon-x"), "40001"),
        (verdict(False), "prevented", ("shield-check",), "prevented"),
    ],
)
def test_a_cell_says_whether_it_happened_and_else_how_it_was_prevented(
    one: Verdict, kind: str, icons: tuple[str, ...], text: str
) -> None:
    look = look_of("SERIALIZABLE", cell("SERIALIZABLE", one))
    assert (look.kind, look.icons, look.text) == (kind, icons, text)
    assert look.code == text.isdigit()


def test_under_autocommit_a_cell_says_whether_the_detector_works() -> None:
    fires = look_of("AUTOCOMMIT", cell("AUTOCOMMIT", verdict(True)))
    assert (fires.kind, fires.text) == ("fires", "!  happened"), "one word for one thing"
    silent = look_of("AUTOCOMMIT", cell("AUTOCOMMIT", verdict(False)))
    assert (silent.kind, silent.text) == ("silent", "not seen")


def test_cells_without_a_run_say_why() -> None:
    assert look_of("SERIALIZABLE", None).kind == "empty"
    assert look_of("SERIALIZABLE", None, measuring=True).kind == "measuring"
    assert look_of("SERIALIZABLE", cell("SERIALIZABLE", None, refused="No such level.")).kind == "refused"
    assert spoken("Lost update", "X", cell("X", None, refused="No such level.")) == (
        "Lost update at X: cannot run. No such level."
    )


def test_a_cell_reads_aloud_with_its_prediction_and_its_difference() -> None:
    one = cell("X", verdict(False, "blocked", "aborted", codes=("40001",)), Difference("the manual", "It is so."))
    said = spoken("Lost update", "X", one, guess=True)
    assert said == (
        "Lost update at X: prevented, a statement was blocked, the engine aborted a transaction with 40001. "
        "You predicted that it can happen, which is wrong. Differs from the manual: It is so."
    )
    assert look_of("X", one, guess=True).guess == "wrong"
    assert look_of("X", one, guess=False).guess == "right"
    assert look_of("X", one).differs


def test_every_level_of_every_engine_has_words() -> None:
    for engine, levels in {
        "postgresql": ("READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"),
        "mariadb": ("READ UNCOMMITTED", "READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"),
        "mysql": ("READ UNCOMMITTED", "READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"),
        "sqlite": ("DEFERRED", "IMMEDIATE", "READ UNCOMMITTED"),
    }.items():
        for level in ("AUTOCOMMIT", *levels):
            assert 0 < len(words_of(engine, level).short) <= 20
            assert promise(engine, level).startswith(f"{level} in ")
    assert promise("postgresql", "CHAOS") == ""


def test_the_line_below_says_when_and_on_what() -> None:
    matrix = Matrix(FACTS, LEVELS, ("P4",), {("AUTOCOMMIT", "P4"): cell("AUTOCOMMIT", verdict(True))}, 6.24)
    line = measured_line(matrix, 40.4, complete=True)
    assert line.startswith("Measured here 40 s ago, 1 run in 6.2 s. At AUTOCOMMIT all of them happen: each")
    assert line.endswith("READ UNCOMMITTED behaves as READ COMMITTED here.")
    assert "ended early" in measured_line(matrix, 0, complete=False)
    matrix.cells["AUTOCOMMIT", "P4"] = cell("AUTOCOMMIT", verdict(False))
    assert "At AUTOCOMMIT 1 of 1 were not seen" in measured_line(matrix, 0, complete=True)
    assert measured_line(Matrix(FACTS, LEVELS, ("P4",)), 0, complete=False) == "Nothing was measured."
    assert settings_line(FACTS) == "PostgreSQL 18.1, embedded · deadlock_timeout = 200ms"
    assert [ago(s) for s in (0, 40, 61, 3 * 3600)] == ["just now", "40 s ago", "1 min ago", "3 h ago"]


def test_the_table_for_a_spreadsheet() -> None:
    cells = {
        ("AUTOCOMMIT", "P4"): cell("AUTOCOMMIT", verdict(True)),
        ("READ COMMITTED", "P4"): cell("READ COMMITTED", verdict(True, "blocked"), Difference("Hermitage", "Why.")),
    }
    lines = as_csv(Matrix(FACTS, LEVELS, ("P4",), cells), {"P4": LOST}).splitlines()
    assert lines[0] == "engine,PostgreSQL 18.1"
    assert "deadlock_timeout,200ms" in lines
    assert lines[-1] == "P4,Lost update,happened,happened: a statement was blocked (differs from Hermitage),"


def test_predictions_are_scored_where_they_were_made_and_measured() -> None:
    made = Predictions()
    for schedule, can in (("P4", False), ("G0", True), ("G1a", False), ("PMP", True)):
        made.mark("SERIALIZABLE", schedule, can)
    made.mark("SERIALIZABLE", "PMP", True)
    assert made.of("SERIALIZABLE", "PMP") is None, "the same mark again takes it away"
    made.mark("SERIALIZABLE", "G0", False)
    assert made.of("SERIALIZABLE", "G0") is False, "the other mark changes it"
    assert made.count("SERIALIZABLE", ("P4", "G0", "PMP")) == 2
    cells = {
        ("SERIALIZABLE", "G0"): Cell("SERIALIZABLE", "G0", None, verdict(True)),
        ("SERIALIZABLE", "P4"): Cell("SERIALIZABLE", "P4", None, verdict(False)),
        ("SERIALIZABLE", "G1a"): Cell("SERIALIZABLE", "G1a", refused="It cannot."),
    }
    score = made.score("SERIALIZABLE", Matrix(FACTS, LEVELS, ("G1a", "P4", "G0"), cells))
    assert score.marks == {"P4": True, "G0": False}
    assert (score.sentence, score.first_miss) == ("1 of 2 right", "G0")
    assert made.score("READ COMMITTED", Matrix(FACTS, LEVELS, ("P4",), cells)).marks == {}


def test_a_schedule_in_short() -> None:
    assert short_steps(LOST, "sqlite") == [
        ("A", "SELECT balance FROM account"),
        ("B", "SELECT balance FROM account"),
        ("A", "UPDATE account SET balance = 150"),
        ("B", "UPDATE account SET balance = 121"),
        ("", "A and B commit"),
    ]


def test_a_legend_explains_each_word_of_a_cell() -> None:
    for word in ("Happened", "Dashed", "Old version read", "Blocked", "Aborted", "≠"):
        assert word in WORDS


def test_steps_that_went_differently() -> None:
    read = ran(0, "SELECT", rows=((100,),)), ran(1, "SELECT", rows=((100,),))
    wrote = ran(2, "UPDATE", count=1)
    waited = Wait(5, ("A",), 9, 4)
    failed = Failure("40001", "serialization", "could not serialize", ends=True)
    left = trace(*read, wrote, ran(3, "UPDATE", count=1, waits=(waited,)), ran(4, "COMMIT"), ran(5, "COMMIT"))
    right = trace(
        *read, wrote, ran(3, "UPDATE", waits=(waited,), failure=failed, state="failed"), ran(4, "COMMIT"),
        ran(5, "ROLLBACK"),
    )  # fmt: skip
    found = differences(LOST, left, right)
    assert [one.step for one in found] == [3, 5]
    assert found[0].sentence == (
        "Step 4. Left: blocked by A, then changes 1 row. Right: blocked by A, then aborted 40001."
    )
    assert (found[1].left, found[1].right) == ("done", "rolls back")
    assert differences(LOST, left, left) == []


def test_neither_times_nor_the_order_of_rows_are_a_difference() -> None:
    one = ran(0, "SELECT", rows=((1, None), (2, "x")))
    other = ran(0, "SELECT", number=3, rows=((2, "x"), (1, None)))
    assert differences(LOST, trace(one), trace(other)) == []
    assert differences(LOST, trace(one), trace(ran(0, "SELECT", rows=((1, None),))))[0].left == "reads 1 NULL and 2 x"


def test_what_was_not_reached_is_compared_only_when_both_are_over() -> None:
    one = ran(0, "SELECT", rows=((1,),))
    assert differences(LOST, trace(one, over=False), trace(over=False)) == []
    assert differences(LOST, trace(one), trace())[0].right == "not sent"


def test_a_retry_is_told() -> None:
    failed = Failure("SQLITE_BUSY", "busy", "database is locked")
    first = ran(3, "UPDATE", failure=failed, state="failed")
    found = differences(LOST, trace(first), trace(first, ran(3, "UPDATE", count=2, attempt=1)))
    assert in_words(first) == "aborted SQLITE_BUSY"
    assert [one.sentence for one in found] == ["Step 4, attempt 2. Left: not sent. Right: changes 2 rows."]
    assert steps_in_words(6) == "the same six steps"
    assert how_in_words(verdict(False, "versions")) == "an old version was read"


def test_a_run_that_could_not_be_finished_shows_nothing() -> None:
    stuck = Cell("SERIALIZABLE", "P4", Trace("P4", "SERIALIZABLE", FACTS, stuck="A waits for B."), verdict(False))
    assert look_of("SERIALIZABLE", stuck).kind == "refused"
    assert spoken("Lost update", "SERIALIZABLE", stuck).endswith("cannot run. A sentence.")
    made = Predictions()
    made.mark("SERIALIZABLE", "P4", False)
    assert made.score("SERIALIZABLE", Matrix(FACTS, LEVELS, ("P4",), {("SERIALIZABLE", "P4"): stuck})).marks == {}


def test_codes_give_way_at_their_joints() -> None:
    assert shorter("SQLITE_LOCKED_SHAREDCACHE", True) == ("SQLITE_LOCKED_SHAREDCACHE", "LOCKED_SHAREDCACHE", "LOCKED")
    assert shorter("40001", True) == ("40001",)
    assert shorter("!  happened", False) == ("!  happened", "!")
    assert shorter("blocked", False) == ("blocked",)


def test_rows_of_two_runs_are_matched_and_what_one_has_alone_leaves_a_gap() -> None:
    left = ladder(runs.LOST_UPDATE, "REPEATABLE READ", runs.aborted(), 0)
    right = ladder(runs.LOST_UPDATE, "REPEATABLE READ", runs.retried(), 0)
    both = align(left, right)
    found = differences(runs.LOST_UPDATE, runs.aborted(), runs.retried())
    assert [(one.step, one.attempt) for one in found] == [(5, 0), (1, 1), (3, 1), (5, 1)]
    assert both.rows == 10
    assert both.matched == (True,) * 5 + (False,) * 5
    assert [card.row for card in both.left.cards] == [0, 1, 2, 3, 4, 5]
    assert [card.row for card in both.right.cards] == [0, 1, 2, 3, 4, 6, 7, 8, 9]
    assert all(both.same(card, found) for card in both.left.cards[:5])
    assert not both.same(both.left.cards[5], found)
    assert both.row_of(found[1]) == 7
    assert [both.begins(row) for row in range(4, 8)] == [True, True, False, False]
    waiting = both.left.cards[3]
    assert waiting.through == 4, "it still waits through the row of the COMMIT that let it go on"


def test_where_a_side_can_run() -> None:
    own = [one.title for one in choices(FACTS, Target(EMBEDDED), embedded=True)]
    assert own == ["PostgreSQL 18.1", "SQLite, rollback journal", "SQLite, write-ahead log"]
    other = [one.title for one in choices(None, Target(SQLITE, "wal"), embedded=True)]
    assert other == ["The lab's database", "PostgreSQL, embedded", "SQLite, rollback journal"]
    assert len(choices(None, Target(SQLITE), embedded=False)) == 2


def test_the_level_to_begin_with() -> None:
    sqlite = replace(FACTS, levels=("AUTOCOMMIT", "READ UNCOMMITTED", "DEFERRED", "IMMEDIATE"))
    assert level_on(sqlite, "IMMEDIATE") == "IMMEDIATE"
    assert level_on(sqlite, "REPEATABLE READ") == "DEFERRED"
    assert level_on(sqlite, "DEFERRED", "DEFERRED") == "IMMEDIATE"
    assert level_on(replace(FACTS, levels=("AUTOCOMMIT", "SERIALIZABLE")), "X", "SERIALIZABLE") == "AUTOCOMMIT"


def test_what_was_checked_is_said() -> None:
    nothing = Checked(package=False, programs=None, on_path=False, answers=())
    assert not nothing.embedded
    assert nothing.sentence == (
        "Checked: extra “postgres” not installed · no postgres in PATH · nothing answers on 127.0.0.1:5432 and 3306"
    )
    some = Checked(package=True, programs=Path("/pg/bin"), on_path=True, answers=("mariadb",))
    assert some.embedded
    assert some.sentence == (
        "Checked: extra “postgres” installed · postgres in PATH · programs in /pg/bin · "
        "nothing answers on 127.0.0.1:5432 · something answers on 127.0.0.1:3306"
    )
    assert some.suggestion == "mariadb://USER@127.0.0.1:3306/"


def test_a_port_that_answers_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_server(("127.0.0.1", 0)) as closed:
        ports = {"postgresql": server.getsockname()[1], "mariadb": closed.getsockname()[1]}
        closed.close()
        monkeypatch.setattr(database_checks, "PORTS", ports)
        assert asyncio.run(database_checks.check()).answers == ("postgresql",)
