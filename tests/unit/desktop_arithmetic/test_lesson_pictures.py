"""packaging/lesson_pictures.py: which lanes of a run are on a lesson's card."""

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from explorer.collect.source import Track
from explorer.lessons.lesson import Watch
from explorer.records.states import Role, State, TrackKind
from explorer.store.store import Store
from tests.unit.desktop_arithmetic.fakes import process, store_of, thread

PACKAGING = Path(__file__).resolve().parents[3] / "packaging"
END = 6_000
WORKER, LOOP, FIRST, SECOND, LOADING = 1, 3, 7, 8, 11


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The module, found in its folder, which is no package."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(PACKAGING))
    monkeypatch.setattr(sys, "path", list(sys.path))  # it puts folders there itself
    yield import_module("lesson_pictures")
    for name in {"lesson_pictures", "scenario_pictures"} - before:
        sys.modules.pop(name, None)


@pytest.fixture
def store() -> Store:
    """A server with a loop and a worker, two requests, a load."""
    tracks = [
        thread(WORKER),
        Track(LOOP, TrackKind.LOOP, "MainThread", 1, tid=9),
        Track(6, TrackKind.REQUESTS, "GET /job", 0),
        Track(FIRST, TrackKind.LANE, "1", 0, parent=6),
        Track(SECOND, TrackKind.LANE, "2", 0, parent=6),
        Track(LOADING, TrackKind.LOOP, "loop", 3),
    ]
    rows = [
        (WORKER, 0, 3_000, State.BLOCKED),
        (LOOP, 0, 6_000, State.RUNNING),
        (FIRST, 0, 3_000, State.BLOCKED),
        (SECOND, 3_000, 6_000, State.QUEUED),
        (LOADING, 0, 6_000, State.RUNNING),
    ]
    return store_of(rows, tracks, [process(1, Role.SERVER), process(3, Role.LOAD)])


def tracks(groups: list[list[object]]) -> list[list[int]]:
    return [[row.track for row in some] for some in groups]  # type: ignore[attr-defined]  # rows, of an untyped module


def test_each_word_has_its_lanes_in_the_order_of_the_words(made: ModuleType, store: Store) -> None:
    found = made.watched(store, Watch(("request", "worker")), 0, END)
    assert tracks(found) == [[FIRST, SECOND], [WORKER]]
    found = made.watched(store, Watch(("worker", "event loop", "worker")), 0, END)
    assert tracks(found) == [[WORKER], [LOOP], []], "a lane is there once, and the load's is not"
    assert tracks(made.watched(store, Watch(("database",)), 0, END)) == [[]]
    assert made.watched(store, Watch(()), 0, END) == []


@pytest.mark.parametrize(
    ("sizes", "most", "kept"),
    [
        ((2, 3), 12, [[0, 1], [0, 1, 2]]),
        ((1, 100), 5, [[0], [0, 25, 50, 75]]),
        ((40, 100), 4, [[0, 20], [0, 50]]),
        ((0, 3), 2, [[], [0, 1]]),
        ((), 3, []),
    ],
)
def test_those_left_out_are_of_the_largest_group_and_evenly(
    made: ModuleType, sizes: tuple[int, ...], most: int, kept: list[list[int]]
) -> None:
    groups = [[(number, at) for at in range(size)] for number, size in enumerate(sizes)]
    assert made.chosen(groups, most) == [(number, at) for number, some in enumerate(kept) for at in some]


def test_where_nothing_is_named_the_lanes_that_worked_are_drawn(made: ModuleType, store: Store) -> None:
    lanes = made.usual(store, 0, END)
    states = [{state for state in lane if state is not State.NONE} for lane in lanes]
    assert states == [{State.RUNNING}, {State.BLOCKED}, {State.BLOCKED}, {State.QUEUED}]
    assert all(len(lane) == made.pictures.COLUMNS for lane in lanes)
