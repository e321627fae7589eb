"""The isolation lab's ladder: rows, waits, arrows, what is faded, and where its cards are."""

from dataclasses import replace

import pytest

from explorer.desktop.labs.isolation.ladder.geometry import boundary_at, geometry, place_at
from explorer.desktop.labs.isolation.ladder.holder import holder
from explorer.desktop.labs.isolation.ladder.model import Chip, Link, ladder, may_retry
from explorer.desktop.labs.isolation.ladder.sql_words import Ink, fitted, lines, lines_with_chips, pieces, text_of
from explorer.desktop.labs.isolation.ladder.words import at_time, duration, shown_rows, table, wait_forms
from explorer.labs.isolation.graph import Edge, Graph
from explorer.labs.isolation.trace import Ran, Wait
from tests.unit.desktop_arithmetic.isolation_runs import LOST_UPDATE, MS, aborted, blocked, reads, retried, trace

LEVEL = "REPEATABLE READ"


def test_before_a_run_all_steps_are_to_come() -> None:
    shown = ladder(LOST_UPDATE, LEVEL, None, 0)
    assert [card.label for card in shown.cards] == ["1", "2", "3", "4", "5", "6"]
    assert {card.state for card in shown.cards} == {"to come"}
    assert all(card.movable for card in shown.cards)
    assert shown.heads[1] == ("B", "Bonus", "BEGIN REPEATABLE READ")
    assert ladder(LOST_UPDATE, "AUTOCOMMIT", None, 0).heads[0][2] == "no transaction"


def test_a_blocked_statement_says_for_whom_it_waits_and_how_long_by_now() -> None:
    shown = ladder(LOST_UPDATE, LEVEL, blocked(), 647 * MS)
    card = shown.cards[3]
    assert (card.state, card.waits, card.wait) == ("blocked", True, "blocked by A · 640 ms")
    assert (card.row, card.through) == (3, 3)
    assert card.pace == card.paced == "", "nothing has ended it yet"
    assert shown.links == (Link(3, 2, waits=True),), "A's write holds the row, not its read"
    assert shown.cards[4].state == "to come"


def test_a_wait_is_as_tall_as_the_rows_it_waited_through() -> None:
    shown = ladder(LOST_UPDATE, LEVEL, aborted(), 0)
    card = shown.cards[3]
    assert (card.row, card.through, card.wait) == (3, 4, "blocked by A · 640 ms")
    assert shown.links == (Link(3, 2, waits=True), Link(4, 3, waits=False))
    assert card.aborts
    assert card.failed == "Aborted"
    assert "Step 4, B, UPDATE" in card.spoken
    assert "blocked by A · 640 ms (lab's pace 639 ms), Aborted 40001, could not serialize access." in card.spoken


def test_of_a_wait_it_is_told_how_much_was_the_labs_own_pace() -> None:
    card = ladder(LOST_UPDATE, LEVEL, aborted(), 0).cards[3]
    assert card.pace == "639 ms"
    assert wait_forms(card.wait, card.pace) == (
        "blocked by A · 640 ms (lab's pace 639 ms)",
        "blocked by A · 640 ms (pace 639 ms)",
        "by A · 640 ms (pace 639 ms)",
        "blocked by A · 640 ms",
    )
    assert wait_forms("blocked by A · 640 ms", "") == ("blocked by A · 640 ms",)
    assert card.paced == (
        "It was blocked for 639 ms until the lab sent step 5: that is the pace of the steps, or your hand. "
        "1.0 ms later the database let it go on."
    )
    run = aborted()
    by_itself = replace(run.ran[3], waits=(Wait(7 * MS, ("A",), 647 * MS),))  # a circle that the database cut
    cut = ladder(LOST_UPDATE, LEVEL, trace([*run.ran[:3], by_itself, *run.ran[4:]], 6), 0).cards[3]
    assert (cut.wait, cut.pace, cut.paced) == ("blocked by A · 640 ms", "", "")
    both = (Wait(7 * MS, ("A",), 20 * MS, released_by=2), Wait(30 * MS, ("A",), 647 * MS, released_by=4))
    twice = ladder(LOST_UPDATE, LEVEL, trace([*run.ran[:3], replace(run.ran[3], waits=both), *run.ran[4:]], 6), 0)
    assert twice.cards[3].pace == "616 ms", "what was sent before the wait began took none of it"


def test_the_lane_of_an_aborted_session_is_faded_until_it_rolls_back() -> None:
    run = aborted()
    left = Ran(5, 5, "B", "SELECT 1", 650 * MS, transaction=1, state="left out")
    back = replace(run.ran[5], number=6, step=-1)
    schedule = replace(LOST_UPDATE, steps=(*LOST_UPDATE.steps[:5], replace(LOST_UPDATE.steps[5], sql="SELECT 1")))
    shown = ladder(schedule, LEVEL, trace([*run.ran[:5], left, back], 6), 0)
    assert [card.faded for card in shown.cards] == [False] * 5 + [True, False]
    assert Chip("left out", "note") in shown.cards[5].chips
    assert Chip("sent by the lab", "note") in shown.cards[6].chips


def test_a_retry_has_rows_of_its_own() -> None:
    shown = ladder(LOST_UPDATE, LEVEL, retried(), 0)
    assert [card.label for card in shown.cards] == ["1", "2", "3", "4", "5", "", "2", "4", "6"]
    assert [card.movable for card in shown.cards] == [True] * 5 + [False, False, False, True]
    assert shown.cards[6].chips == (Chip("attempt 2", "note"), Chip("read 150", "read"))
    assert not shown.cards[6].faded
    assert may_retry(aborted()) == ("B",)
    assert may_retry(retried()) == ()


def test_a_late_statement_stands_where_it_was_sent() -> None:
    run = aborted()
    late = replace(run.ran[5], late=True, step=4)
    commit = replace(run.ran[4], step=5)
    shown = ladder(LOST_UPDATE, LEVEL, trace([*run.ran[:4], commit, late], 6), 0)
    assert [card.label for card in shown.cards] == ["1", "2", "3", "4", "6", "5"]
    assert Chip("late", "note") in shown.cards[5].chips


def test_only_a_read_that_missed_an_ended_write_returned_an_old_version() -> None:
    run = trace(reads(), 3)
    read_later = replace(run.ran[1], number=3, began=8 * MS, ended=9 * MS)
    run.ran.append(read_later)
    old = Graph(edges=(Edge("rw", 1, 0, "account Ann", (3, 2)), Edge("rw", 1, 0, "account Ann", (1, 2))))
    shown = ladder(LOST_UPDATE, LEVEL, run, 0, old)
    has = [any(chip.kind == "old" for chip in card.chips) for card in shown.cards[:4]]
    assert has == [False, False, False, True]


def test_the_statement_that_names_the_same_values_is_taken_for_the_holder() -> None:
    both = [
        Ran(0, 0, "A", "UPDATE account SET balance = 1 WHERE owner = 'Ann'", 0, transaction=0, ended=1, state="done"),
        Ran(1, 1, "A", "UPDATE account SET balance = 2 WHERE owner = 'Bob'", 2, transaction=0, ended=3, state="done"),
        Ran(
            2, 2, "B", "UPDATE account SET balance = 3 WHERE owner = 'Ann'", 4, transaction=1, waits=(Wait(5, ("A",)),)
        ),
    ]
    assert holder(both, 2, "A") == 0
    assert holder(both, 2, "C") is None


def test_sql_is_coloured_and_broken_at_its_clauses() -> None:
    assert [ink for text, ink in pieces("SET a = 'x y' + 5") if text != " "] == [
        Ink.KEYWORD, Ink.PLAIN, Ink.PLAIN, Ink.TEXT, Ink.PLAIN, Ink.NUMBER
    ]  # fmt: skip
    read = "SELECT balance FROM account WHERE owner = 'Ann'"
    assert [text_of(line) for line in lines(read, (60, 60))] == ["SELECT balance FROM account", "WHERE owner = 'Ann'"]
    assert [text_of(line) for line in lines(read, (24,))] == ["SELECT balance FROM acc…"]
    write = "UPDATE account SET balance = balance + 20 WHERE owner = 'Ann'"
    assert [text_of(line) for line in fitted(write, (30, 30))] == ["UPDATE … balance = … + 20", "WHERE owner = 'Ann'"]
    assert [text_of(line) for line in fitted(write, (60, 60))] == [
        "UPDATE account SET balance = balance + 20", "WHERE owner = 'Ann'"
    ]  # fmt: skip


def test_chips_have_a_line_of_their_own_where_the_last_is_full() -> None:
    shown = fitted("UPDATE on_call SET state = 'off' WHERE doctor = 'Ann' AND 2 = 2", (34, 34, 26))
    assert [len(text_of(line)) for line in shown] == [32, 30]
    assert (lines_with_chips(shown, 29), lines_with_chips(shown, 30)) == (3, 2)


def test_words() -> None:
    assert [duration(ns) for ns in (0, 40_000, 3_200_000, 640 * MS, 1_400 * MS)] == [
        "0 µs", "40 µs", "3.2 ms", "640 ms", "1.4 s"
    ]  # fmt: skip
    assert [at_time(ns) for ns in (0, 400_000, 1_208 * MS)] == ["0 ms", "0.4 ms", "1,208 ms"]
    assert shown_rows(()) == "no row"
    assert shown_rows(((None,),)) == "read NULL"
    assert shown_rows((("Ann", 1), ("Bob", 2))) == "2 rows"
    assert table(("owner", "n"), (("Ann", 1), ("Barbara", 20))).splitlines()[1] == "Ann      1"


@pytest.mark.parametrize("room", [200.0, 400.0, 2000.0])
def test_cards_have_room_and_do_not_overlap(room: float) -> None:
    shown = ladder(LOST_UPDATE, LEVEL, aborted(), 0)
    where = geometry(shown, 700.0, room)
    boxes = {card.label: where.card(card) for card in shown.cards}
    for card in shown.cards:
        left, top, width, height = where.card(card)
        assert where.at(shown, left + width / 2, top + height / 2) == card
        assert height >= 36
    assert boxes["4"][3] > 1.9 * boxes["3"][3], "it waited through two rows"
    assert boxes["1"][0] + boxes["1"][2] < boxes["2"][0]
    assert boxes["4"][1] + boxes["4"][3] < boxes["6"][1]
    assert where.at(shown, boxes["1"][0] + 5, boxes["2"][1] + 5) is None


def test_heights_name_places_in_the_schedule() -> None:
    shown = ladder(LOST_UPDATE, LEVEL, retried(), 0)
    where = geometry(shown, 700.0, 600.0)
    _, top, _, _ = where.card(shown.cards[2])
    assert where.boundary(top) == 2
    assert [place_at(shown, 6, row) for row in (0, 2, 5, 9)] == [0, 2, 5, 6]
    assert [boundary_at(shown, place) for place in (0, 5, 6)] == [0, 8, 9]
