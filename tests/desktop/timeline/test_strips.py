"""What the sampler saw, on the screen: the strip at a lane's foot, the row of the GIL, and what the pointer says."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from explorer.collect.source import SAMPLE, Batch, OpenSpan, Process, Track
from explorer.desktop.theme import Theme
from explorer.desktop.timeline.layout import bar_room, strip_room
from explorer.desktop.timeline.rows import RowKind, build_rows
from explorer.desktop.timeline.strips import holder_color
from explorer.desktop.timeline.view import TimelineView
from explorer.records.schema import span_argument
from explorer.records.states import Kind, Role, State, TrackKind
from explorer.store.store import Store
from tests.desktop.timeline.conftest import MakeView
from tests.desktop.timeline.test_painting import BASE, LENGTH, MS, color, ended, look_at, picture, wait_until_painted
from tests.unit.desktop_arithmetic.fakes import Given, process, spans_of, store_of

LANE, STATES, GIL, WAITING = 1, 21, 22, 23
SAMPLER = 5
PERIOD_US = 1_000
TID = 1000 + LANE


def put(store: Store, rows: list[Given], kind: Kind, value: int) -> None:
    """Spans of the sampler."""
    spans = spans_of(rows)
    spans["kind"], spans["argument"] = kind, span_argument(value)
    store.append(Batch(BASE + LENGTH, spans))


@pytest.fixture
def store() -> Store:
    """A worker that ran for 60 ms, of which it waited 30 for the GIL."""
    return sampled(ended([(LANE, BASE + 20 * MS, BASE + 80 * MS, State.RUNNING)]))


def sampled_until_it_ended() -> Store:
    """The same, with nothing known afterwards."""
    return sampled(store_of([(LANE, BASE + 20 * MS, BASE + 80 * MS, State.RUNNING)]))


def sampled(store: Store) -> Store:
    """What the sampler saw of it."""
    sampler = Process(SAMPLER, 4100, Role.SAMPLER, "", 1, 1, "", 0)
    pid = process().pid
    tracks = [
        Track(STATES, TrackKind.STATES, "", SAMPLER, pid=pid, tid=TID),
        Track(GIL, TrackKind.GIL, "GIL", SAMPLER, pid=pid),
        Track(WAITING, TrackKind.COUNTER, "gil_waiting", SAMPLER, pid=pid, unit="threads"),
    ]
    samples = np.zeros(2, SAMPLE)
    samples[0] = (BASE + 10 * MS, 3.0, WAITING, 0)
    samples[1] = (BASE + 50 * MS, 1.0, WAITING, 0)
    store.append(Batch(BASE, processes=[sampler], tracks=tracks, samples=samples))
    states: list[Given] = [
        (STATES, BASE, BASE + 20 * MS, State.IDLE),
        (STATES, BASE + 20 * MS, BASE + 50 * MS, State.WAITING_GIL),
        (STATES, BASE + 50 * MS, BASE + 80 * MS, State.RUNNING),
    ]
    put(store, states, Kind.THREAD_STATE, PERIOD_US)
    put(store, [(GIL, BASE + 50 * MS, BASE + 80 * MS, State.RUNNING)], Kind.GIL_HELD, TID)
    put(store, [(GIL, BASE + 10 * MS, BASE + 40 * MS, State.RUNNING)], Kind.GIL_HELD, 0)
    return store


def strip_of(view: TimelineView) -> int:
    """A height within the lane's strip."""
    placed = view.scene.layout.of_track(LANE)
    assert placed is not None
    top, floor = strip_room(placed)
    assert floor - top == placed.strip
    return (top + floor) // 2


def gil_row(view: TimelineView) -> tuple[int, int]:
    placed = view.scene.layout.of_track(GIL)
    assert placed is not None
    assert placed.row.kind is RowKind.GIL
    top, floor = bar_room(placed)
    return top, floor


def test_the_strip_has_the_states_of_the_thread_below_its_bars(theme: Theme, make_view: MakeView, store: Store) -> None:
    view = make_view(theme, store, live=False)
    look_at(view)
    image, at = picture(view), strip_of(view)
    gil, running = theme.state(State.WAITING_GIL).fill.name(), theme.state(State.RUNNING).fill.name()
    lane = theme.color("lane").name()
    assert [color(image, x, at) for x in (205, 495, 505, 795, 805)] == [gil, gil, running, running, lane]
    assert color(image, 100, at) not in (gil, running, lane), "idle was looked at, and is not nothing"
    placed = view.scene.layout.of_track(LANE)
    assert placed is not None
    _, floor = bar_room(placed)
    assert color(image, 700, floor - 2) == running
    assert color(image, 410, floor - 2) == gil, "what only the sampler sees is painted into the bar"
    assert color(image, 410, floor) == lane, "a line of the lane parts the two"


def test_what_is_open_in_a_recording_ends_where_the_recording_ends(theme: Theme, make_view: MakeView) -> None:
    store = sampled_until_it_ended()
    now = BASE + LENGTH
    begun = [OpenSpan(track, 0, BASE + 85 * MS, 0, 0, Kind.JOB, State.WAITING_LOCK) for track in (LANE, STATES)]
    store.append(Batch(now, open_spans=begun))
    view = make_view(theme, store, live=False)
    view.frame(0)
    assert view.scene.whole().end < now + 50 * MS
    look_at(view, BASE, 2 * LENGTH)
    image, placed = picture(view), view.scene.layout.of_track(LANE)
    assert placed is not None
    waits, lane = theme.state(State.WAITING_LOCK).fill.name(), theme.color("lane").name()
    for at in (bar_room(placed)[1] - 2, strip_of(view)):
        assert [color(image, x, at) for x in (450, 490)] == [waits, waits]
        assert [color(image, x, at) for x in (510, 720, 990)] == [lane, lane, lane]


def test_the_gil_has_a_row_with_its_holders_in_grey_and_how_many_wait(
    theme: Theme, make_view: MakeView, store: Store
) -> None:
    view = make_view(theme, store, live=False)
    look_at(view)
    image, (top, floor) = picture(view), gil_row(view)
    rows = [row.title for row in view.scene.rows if row.group == "process 1"]
    assert rows == ["server", "Worker 1", "Worker 2", "Who holds the GIL"]
    assert color(image, 790, floor - 2) == holder_color(theme, 0).name()
    assert color(image, 450, floor - 2) == theme.color("lane").name()
    unknown = {color(image, x, y) for x in range(150, 200) for y in range(top, floor)}
    assert len(unknown) > 1, "who is not known is hatched"
    assert view.scene.ranges[GIL] == "0 – 3 wait"
    placed = view.scene.layout.of_track(GIL)
    assert placed is not None
    upper, lower = strip_room(placed)
    assert color(image, 300, upper) != color(image, 800, upper), "three wait, then one"
    assert lower <= top


def test_the_pointer_says_what_the_thread_did_and_who_held_the_gil(
    dark: Theme, make_view: MakeView, store: Store, qtbot: QtBot
) -> None:
    view = make_view(dark, store, live=False)
    look_at(view)
    QTest.mouseMove(view.lanes, QPoint(300, strip_of(view)))
    qtbot.waitUntil(view.chip.isVisible)
    assert view.chip.lines()[:2] == ("Waiting for the GIL  30 ms", "Worker 1, looked at every 1 ms")
    QTest.mouseMove(view.lanes, QPoint(600, gil_row(view)[1] - 2))
    qtbot.waitUntil(lambda: view.chip.lines()[0] == "W1 held the GIL  30 ms")
    QTest.mouseMove(view.lanes, QPoint(200, gil_row(view)[1] - 2))
    qtbot.waitUntil(lambda: view.chip.lines()[0] == "A thread that is not known held the GIL  30 ms")


def test_a_click_on_the_strip_selects_what_the_sampler_saw(
    dark: Theme, make_view: MakeView, store: Store, qtbot: QtBot
) -> None:
    view = make_view(dark, store, live=False)
    look_at(view)
    QTest.mouseClick(view.lanes, Qt.MouseButton.LeftButton, pos=QPoint(300, strip_of(view)))
    span = view.scene.selection.span
    assert span is not None
    assert (span.kind, span.state) == (Kind.THREAD_STATE, State.WAITING_GIL)
    placed = view.scene.layout.of_track(LANE)
    assert placed is not None
    assert color(picture(view), 300, strip_room(placed)[1]) == dark.color("text").name()


def test_a_wait_that_the_sampler_saw_into_the_next_look_ends_with_the_work(
    theme: Theme, make_view: MakeView, store: Store
) -> None:
    work: list[Given] = [(LANE, BASE + 85 * MS, BASE + 90 * MS, State.RUNNING)]
    store.append(Batch(BASE + LENGTH, spans_of(work)))
    put(store, [(STATES, BASE + 86 * MS, BASE + 95 * MS, State.WAITING_GIL)], Kind.THREAD_STATE, 6 * PERIOD_US)
    view = make_view(theme, store, live=False)
    look_at(view)
    image, at = picture(view), strip_of(view)
    placed = view.scene.layout.of_track(LANE)
    assert placed is not None
    _, floor = bar_room(placed)
    gil = theme.state(State.WAITING_GIL).fill.name()
    assert [color(image, x, floor - 3) == gil for x in (870, 895, 930)] == [True, True, False]
    assert color(image, 930, at) == gil, "the strip tells what was seen and no less"


def test_far_out_the_bars_show_what_was_seen_too(theme: Theme, make_view: MakeView, store: Store, qtbot: QtBot) -> None:
    work: list[Given] = []
    states: list[Given] = []
    for n in range(10_000):
        begin = BASE + 100 * MS + n * 10_000
        work.append((LANE, begin, begin + 8_000, State.RUNNING))
        states.append((STATES, begin, begin + 5_000, State.WAITING_GIL))
    store.append(Batch(BASE + LENGTH, spans_of(work)))
    put(store, states, Kind.THREAD_STATE, 1)
    view = make_view(theme, store, live=False)
    look_at(view, BASE + 100 * MS)
    wait_until_painted(view, qtbot)
    image, placed = picture(view), view.scene.layout.of_track(LANE)
    assert placed is not None
    top, floor = bar_room(placed)
    seen = [color(image, 503, y) for y in range(top, floor)]
    counts = [seen.count(theme.state(state).fill.name()) for state in (State.RUNNING, State.WAITING_GIL)]
    height = floor - top
    assert abs(counts[0] - 0.3 * height) <= 2
    assert abs(counts[1] - 0.5 * height) <= 2


def test_far_out_the_strip_shows_shares_and_the_gil_stays_grey(
    theme: Theme, make_view: MakeView, store: Store, qtbot: QtBot
) -> None:
    states: list[Given] = []
    held: list[Given] = []
    for n in range(10_000):
        begin = BASE + 100 * MS + n * 10_000
        states.append((STATES, begin, begin + 5_000, State.RUNNING))
        states.append((STATES, begin + 5_000, begin + 10_000, State.WAITING_GIL))
        held.append((GIL, begin, begin + 10_000, State.RUNNING))
    put(store, states, Kind.THREAD_STATE, 1)
    put(store, held, Kind.GIL_HELD, TID)
    view = make_view(theme, store, live=False)
    look_at(view, BASE + 100 * MS)
    wait_until_painted(view, qtbot)
    assert view.lanes.dense >= {STATES, GIL}
    image = picture(view)
    placed = view.scene.layout.of_track(LANE)
    assert placed is not None
    top, floor = strip_room(placed)
    seen = [color(image, 500, y) for y in range(top, floor)]
    fill = {state: theme.state(state).fill.name() for state in (State.RUNNING, State.WAITING_GIL)}
    assert seen[-1] == fill[State.RUNNING]
    assert seen[0] == fill[State.WAITING_GIL]
    assert set(seen) == set(fill.values())
    assert color(image, 500, gil_row(view)[1] - 2) == holder_color(theme, 0).name()


def test_of_several_interpreters_the_row_says_whose_gil_it_shows(store: Store) -> None:
    lane = store.tracks[LANE]
    store.append(Batch(BASE, tracks=[replace(lane, name="interpreter 1")]))
    titles = [row.title for row in build_rows(store, BASE, BASE + LENGTH) if row.kind is RowKind.GIL]
    assert titles == ["Main interpreter's GIL"]
