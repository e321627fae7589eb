"""The lab's source lines, values, rows and words."""

from pathlib import Path

import numpy as np
import pytest

from explorer.collect.source import Track
from explorer.desktop.labs.locks.rows import lab_rows
from explorer.desktop.labs.locks.source import Ink, functions_at, shown_lines
from explorer.desktop.labs.locks.values import first_lost, writes
from explorer.desktop.labs.locks.words import WORDS, told
from explorer.desktop.timeline.rows import Row, RowKind
from explorer.labs.locks.scenarios import scenarios
from explorer.records.states import TrackKind
from explorer.store.series import Series

SOURCE = '''"""A body."""


def as_written(lock, n):
    """What it does."""
    with lock:  # here
        work("x")
    return n


def cured(lock, n):
    """Better."""
    work("x")
    with lock:  # here
        pass
    return n
'''


@pytest.fixture
def body(tmp_path: Path) -> Path:
    file = tmp_path / "body.py"
    file.write_text(SOURCE, encoding="utf-8")
    return file


def test_functions_are_shown_with_their_numbers_and_without_docstrings(body: Path) -> None:
    (lines,) = shown_lines(body, ["as_written"])
    assert [line.number for line in lines] == [4, 6, 7, 8]
    assert lines[1].text == "    with lock:  # here"
    assert ("with", Ink.KEYWORD) in lines[1].pieces
    assert ("# here", Ink.COMMENT) in lines[1].pieces
    assert ('"x"', Ink.TEXT) in lines[2].pieces
    assert not any(line.differs for line in lines)


def test_what_the_cure_changes_is_marked(body: Path) -> None:
    (lines,) = shown_lines(body, ["cured"], ["as_written"])
    assert [line.number for line in lines if line.differs] == [13, 15]


def test_the_function_of_a_line_is_found(body: Path) -> None:
    assert functions_at(body, [14]) == ["cured"]
    assert functions_at(body, [1]) == []
    assert functions_at(body, [6, 13]) == ["as_written", "cured"]


def series(*values: float) -> Series:
    found = Series()
    found.append(np.arange(len(values), dtype="<i8") * 10, np.array(values, "<f8"))
    return found


def test_a_write_that_does_not_raise_the_number_is_a_lost_one() -> None:
    found = writes(series(0, 1, 2, 2, 3), 0, 100)
    assert [(write.value, write.lost) for write in found] == [(0, False), (1, False), (2, False), (2, True), (3, False)]
    assert found[3].due == 3
    assert found[3].time == 30
    assert found[3].until == 40
    assert writes(series(0, 1, 2, 2, 3), 25, 35)[0].value == 2


def test_the_close_up_holds_a_lost_write_and_its_neighbours() -> None:
    assert first_lost(series(0, 1, 2, 3, 4, 5, 6)) is None
    stretch = first_lost(series(0, 1, 2, 3, 4, 5, 3, 4, 5, 6))
    assert stretch is not None
    assert stretch[0] < 60 < stretch[1]


def test_the_labs_rows_are_those_who_work_the_loop_and_the_locks() -> None:
    kinds = {
        1: TrackKind.LOOP,
        2: TrackKind.THREAD,
        3: TrackKind.THREAD,
        4: TrackKind.LOCK,
        5: TrackKind.COUNTER,
        6: TrackKind.THREAD,
    }
    tracks = {number: Track(number, kind, "waiting" if number == 5 else "", 9) for number, kind in kinds.items()}
    tracks[7] = Track(7, TrackKind.THREAD, "", 8)

    def row(number: int, kind: RowKind, title: str) -> Row:
        return Row(f"track {number}", kind, "process 9", title, "a tag", number)

    rows = [
        Row("process 9", RowKind.GROUP, "process 9", "server"),
        row(1, RowKind.LANE, "Event loop"),
        row(3, RowKind.LANE, "Worker 2"),
        row(2, RowKind.LANE, "Worker 1"),
        row(6, RowKind.LANE, "Main thread"),
        row(7, RowKind.LANE, "Load"),
        row(4, RowKind.LOCK, "self.lock"),
        row(5, RowKind.COUNTER, "Waiting"),
    ]
    titles = {2: "Worker 1", 3: "Worker 2"}
    found = lab_rows(rows, tracks, lambda process: process == 9, titles, tasks=False)
    assert [one.title for one in found] == ["Worker 1", "Worker 2", "Event loop", "Locks", "lock"]
    assert not any(one.tag for one in found if one.kind is RowKind.LANE)
    folded = lab_rows(rows, tracks, lambda process: True, titles, tasks=True, opened=False, counters=("waiting",))
    assert [one.title for one in folded] == ["Worker 1", "Worker 2", "Event loop", "Waiting", "Locks"]


def test_every_scenario_has_words_and_functions_that_exist() -> None:
    assert set(WORDS) == set(scenarios())
    for identity, scenario in scenarios().items():
        for names in WORDS[identity].functions.values():
            assert len(shown_lines(scenario.source, names)) == len(names)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("longest_wait_ms", 54.4, "54 ms"),
        ("longest_wait_ms", 1234.0, "1.2 s"),
        ("longest_wait_ms", 0.0, "none"),
        ("longest_found_after_ms", None, "–"),
        ("seconds", 0.211, "211 ms"),
        ("lines_per_second", 9.83, "9.8/s"),
        ("lost", 2888, "2,888"),
        ("in_order", True, "yes"),
    ],
)
def test_figures_have_their_units(name: str, value: float | None, words: str) -> None:
    assert told(name, value) == words
