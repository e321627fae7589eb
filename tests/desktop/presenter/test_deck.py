"""Where a lecture is, its figures in words, its rows and waves: what needs no window."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QRect, Qt

from explorer.desktop.presenter import numbers
from explorer.desktop.presenter.deck import Build, Deck
from explorer.desktop.presenter.kept import FILE, Kept
from explorer.desktop.presenter.keys import KEYS, act_of
from explorer.desktop.presenter.marks import FADES_S, STAYS_S, Marks
from explorer.desktop.presenter.notices import Notices
from explorer.desktop.presenter.picture import Picture, _columns, _latest, waves
from explorer.desktop.presenter.playlist import entries
from explorer.desktop.presenter.screens import corner_of, places_on
from explorer.desktop.presenter.shape import nice
from explorer.desktop.presenter.slide_shot import parse_slide
from explorer.desktop.presenter.speaker import clock_words
from explorer.option_error import OptionError
from explorer.records.states import State
from tests.desktop.presenter.short import lesson

ORDER = [
    ("short:1", Build.ASK), ("short:1", Build.SHOW), ("short:2", Build.SHOW), ("short:2", Build.LAW),
    ("short:3", Build.ASK), ("short:3", Build.SHOW),
]  # fmt: skip


def test_forward_and_back_go_through_every_change_and_stop_at_the_ends() -> None:
    deck = Deck([lesson()])
    seen = [(deck.sheet.name, deck.build)]
    while deck.forward():
        seen.append((deck.sheet.name, deck.build))
    assert seen == ORDER
    assert not deck.forward()
    back = [(deck.sheet.name, deck.build)]
    while deck.back():
        back.append((deck.sheet.name, deck.build))
    assert back == ORDER[::-1]
    assert deck.words == "1 / 3"


def test_a_slide_is_found_by_its_name_and_what_it_lost_is_not_missed() -> None:
    deck = Deck([lesson(), lesson("other")])
    assert deck.go("other:2", 1)
    assert (deck.words, deck.build) == ("5 / 6", Build.LAW)
    assert deck.go("other:3", 9)
    assert deck.build is Build.SHOW
    assert not deck.go("gone:1")
    assert deck.sheet.name == "other:3"
    with pytest.raises(ValueError, match="no slide"):
        Deck([])


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (3.214, "3.2"),
        (5.02, "5"),
        (0.181, "0.18"),
        (12.36, "12.4"),
        (446.4, "446"),
        (6068.0, "6,068"),
        (0, "0"),
        (0.0042, "0.0042"),
    ],
)
def test_a_figure_has_few_digits(value: float, words: str) -> None:
    assert numbers.figure(value) == words


def test_units_of_one_sign_stand_close() -> None:
    assert numbers.with_unit(5, "/s") == "5/s"
    assert numbers.with_unit(3.2, "s") == "3.2 s"
    assert numbers.with_unit(1.7, "×") == "1.7×"


def test_a_slide_needs_the_runs_that_its_number_compares() -> None:
    one = lesson()
    assert [numbers.runs_of(one, slide) for slide in one.slides] == [("main",), ("main",), ("more", "main")]


def test_there_is_no_number_before_it_is_measured() -> None:
    one = lesson()
    assert numbers.measured(one.slides[1], dict(one.values)) is None
    assert numbers.measured(one.slides[1], {**one.values, "main": {"makespan_s": 0.21}}) == 0.21
    assert numbers.law(one, one.slides[1], dict(one.values)) == ("⌈N / T⌉ · S", 0.2)
    assert numbers.law(one, one.slides[0], dict(one.values)) is None


def test_marks_fade_after_eight_seconds_but_for_those_that_are_kept() -> None:
    now = [100.0]
    marks = Marks(lambda: now[0])
    marks.begin((1, 1), kept=False)
    marks.draw((2, 2))
    now[0] += 60
    assert marks.strength(marks.all[0]) == 1.0, "a stroke that is being drawn does not fade"
    marks.end()
    marks.begin((5, 5), kept=True)
    marks.end()
    now[0] += STAYS_S - FADES_S
    assert marks.strength(marks.all[0]) == 1.0
    now[0] += FADES_S / 2
    assert marks.strength(marks.all[0]) == pytest.approx(0.5)
    assert marks.strength(marks.all[0], motion=False) == 1.0
    now[0] += FADES_S
    assert not marks.tidy()
    assert [mark.kept for mark in marks.all] == [True]
    marks.wipe()
    assert not marks.all


def test_every_key_of_the_design_acts() -> None:
    plain, key = Qt.KeyboardModifier.NoModifier, Qt.Key
    wanted = {
        "forward": (key.Key_PageDown, key.Key_Right, key.Key_Down, key.Key_N),
        "back": (key.Key_PageUp, key.Key_Left, key.Key_Up),
        "blank": (key.Key_B, key.Key_Period),
        "white": (key.Key_W,),
        "pointer": (key.Key_L,),
        "pen": (key.Key_P,),
        "wipe": (key.Key_E,),
        "again": (key.Key_R,),
        "room": (key.Key_Q,),
        "larger": (key.Key_Plus,),
        "smaller": (key.Key_Minus,),
        "leave": (key.Key_Escape, key.Key_F5),
    }
    assert {act: all(act_of(one, plain) == act for one in keys) for act, keys in wanted.items()} == dict.fromkeys(
        wanted, True
    )
    assert act_of(key.Key_I, Qt.KeyboardModifier.ControlModifier) == "messages"
    assert act_of(key.Key_P, Qt.KeyboardModifier.ControlModifier) == ""
    assert act_of(0x7FFFFFF, plain) == ""
    keys = [one for each in KEYS for one in each.keys]
    assert len(keys) == len(set(keys))


def test_the_wall_takes_the_other_screen() -> None:
    left, right = QRect(0, 0, 1280, 720), QRect(1280, 0, 1920, 1080)
    assert places_on([left, right], 0) == (right, left)
    assert places_on([left, right], 1) == (left, right)
    assert places_on([left], 0) == (left, None)
    assert left.contains(corner_of(left))


def test_the_last_playlist_is_kept_and_a_broken_file_is_none(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.lessons, kept.place = ["a", "b"], ("b:2", 1)
    kept.save()
    again = Kept(tmp_path)
    assert (again.lessons, again.place) == (["a", "b"], ("b:2", 1))
    for broken in ("{", "[]", json.dumps({"lessons": [1], "place": ["b"]})):
        (tmp_path / FILE).write_text(broken, encoding="utf-8")
        assert Kept(tmp_path).lessons == []
        assert Kept(tmp_path).place is None
    Kept(None).save()


def test_the_chosen_lessons_stand_first_in_their_order() -> None:
    some = [lesson(name) for name in "abc"]
    found = entries(some, ["c", "gone", "a"])
    assert [(one.lesson.id, one.chosen) for one in found] == [("c", True), ("a", True), ("b", False)]


def test_the_latest_messages_are_told_and_none_twice() -> None:
    notices = Notices()
    for number in range(5):
        notices.tell("Title", f"{number % 4}")
    assert [one.sentence for one in notices.all] == ["0", "3", "2"]
    notices.tell("Title", "again", "Run it again")
    assert notices.offer == "Run it again"
    notices.clear()
    assert notices.offer == ""


@pytest.mark.parametrize(
    ("seconds", "step", "unit"),
    [(3.5, 1.0, "s"), (1.0, 0.5, "s"), (0.6, 0.2, "ms"), (12.5, 5.0, "s"), (0.2, 0.05, "ms")],
)
def test_ticks_are_few_and_round(seconds: float, step: float, unit: str) -> None:
    found = nice(seconds)
    assert found[0] == pytest.approx(step)
    assert found[1] == unit


def test_clock_words() -> None:
    assert (clock_words(5), clock_words(760), clock_words(3725)) == ("0:05", "12:40", "1:02:05")


def test_a_slide_is_named_by_lesson_and_number() -> None:
    assert parse_slide("forty-tokens:2", speaker=False).number == 2
    for wrong in ("forty-tokens", "forty-tokens:0", ":2", "a:b"):
        with pytest.raises(OptionError, match="LESSON:NUMBER"):
            parse_slide(wrong, speaker=False)


def picture(left: list[float], length: float = 1.0) -> Picture:
    count = len(left)
    begin = np.array(left)
    return Picture(
        ("",) * count, 4.0, 4.0, np.arange(count, dtype="i4"), begin, begin + length,
        np.full(count, int(State.BLOCKED), "i4"), np.zeros(count, bool),
    )  # fmt: skip


def test_bars_that_begin_together_are_counted_as_waves() -> None:
    found = waves(picture([0.0] * 40 + [1.05] * 40 + [2.1] * 20))
    assert [count for _, _, count in found] == [40, 40, 20]
    assert [middle for middle, _, _ in found] == [pytest.approx(0.5), pytest.approx(1.55), pytest.approx(2.6)]


def test_a_staircase_and_a_handful_are_no_waves() -> None:
    assert waves(picture([at * 0.2 for at in range(20)], 0.2)) == []
    assert waves(picture([0.0] * 10)) == []


def test_what_is_covered_by_a_deeper_bar_is_not_named() -> None:
    none = np.zeros(2)
    made = Picture(
        ("",), 1.0, 1.0, none.astype("i4"), none, np.array([1.0, 0.999]),
        np.array([int(State.RUNNING), int(State.BLOCKED)], "i4"), np.array([False, True]),
    )  # fmt: skip
    assert made.states() == [State.BLOCKED]


def test_a_lock_that_is_held_runs_nothing() -> None:
    made = picture([0.0, 0.0])
    made.state[:] = int(State.RUNNING)
    assert made.states() == [State.RUNNING]
    both = replace(made, locks=(1,))
    assert both.held.tolist() == [False, True]
    assert replace(made, locks=(0, 1)).states() == []


def test_columns_keep_what_most_of_each_was() -> None:
    thin = np.array([[at / 2000, (at + 0.9) / 2000, float(State.RUNNING), 0.0] for at in range(1000)])
    over = np.array([[0.25, 0.375, float(State.BLOCKED), 1.0]])
    found = _columns(np.concatenate([thin, over]), 1.0)
    assert [(round(row[0], 2), round(row[1], 2), State(int(row[2]))) for row in found] == [
        (0.0, 0.25, State.RUNNING), (0.25, 0.38, State.BLOCKED), (0.38, 0.5, State.RUNNING),
    ]  # fmt: skip


def test_of_many_phones_those_that_sent_last_are_shown_by_number() -> None:
    count = 8
    begin = np.array([3.0, 1.0, 5.0, 2.0, 6.0, 4.0, 0.0, 7.0])
    lines = Picture(
        titles=tuple(f"Phone {at + 1}" for at in range(count)),
        seconds=10.0,
        now=10.0,
        row=np.arange(count, dtype="i4"),
        left=begin,
        right=begin + 0.5,
        state=np.full(count, int(State.BLOCKED), "i4"),
        deep=np.zeros(count, bool),
    )
    found = _latest(lines)
    assert found.titles == ("3", "5", "6", "8")
    assert found.row.tolist() == [0, 1, 2, 3]
    assert found.left.tolist() == [5.0, 6.0, 4.0, 7.0]
