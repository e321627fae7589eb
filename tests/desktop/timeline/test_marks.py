"""Events are marked on their loop's lane: the pixel at a known event is the oracle; a click goes to what it marks."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from explorer.analysis.event_log import EventLog
from explorer.collect.source import SPAN, Array, Batch, Track
from explorer.desktop.event_marks import SIZE
from explorer.desktop.theme import Theme
from explorer.desktop.timeline.marks import CROWDED, RANK, TOP, Marks
from explorer.desktop.timeline.view import TimelineView
from explorer.records.event_kinds import NUMBER, EventKind
from explorer.records.schema import span_argument
from explorer.records.states import Flag, Kind, State, TrackKind
from explorer.store.rows import Span
from explorer.store.store import Store
from tests.desktop.timeline.conftest import MakeView
from tests.unit.desktop_arithmetic.fakes import process, thread

BASE = 10**15
MS = 1_000_000
LOOP, THREAD, SERVED = 1, 2, 3
REQUEST = 41
EVENTS = {
    EventKind.HTTP: (20, Kind.STEP, REQUEST),
    EventKind.TIMER: (40, Kind.TIMER, 0),
    EventKind.THREAD: (60, Kind.HANDOVER, 0),
    EventKind.SIGNAL: (80, Kind.SIGNAL, 0),
}
"""Kinds with when their callbacks begin (ms), which last 200 µs: two pixels of a thousand."""


def run_of(rows: list[tuple[int, int, int, Kind, int, State]]) -> tuple[Store, EventLog]:
    """A store and a log that know these spans (track, start, end, kind, request, state) of a loop and a thread."""
    spans = np.zeros(len(rows), SPAN)
    for at, (track, start, end, kind, request, state) in enumerate(sorted(rows, key=lambda row: row[2])):
        argument = span_argument(2_000)
        spans[at] = (start, end, request, argument, 1, track, 0, kind, state, 0, Flag.COMPLETE)
    tracks = [Track(LOOP, TrackKind.LOOP, "event loop", 1), thread(THREAD)]
    tracks.append(Track(SERVED, TrackKind.REQUESTS, "requests", 1))
    batch = Batch(BASE + 200 * MS, spans, tracks=tracks, processes=[process()], names=[(1, "run_asgi")])
    store, log = Store(), EventLog()
    store.append(batch)
    log.feed(batch)
    return store, log


@pytest.fixture
def run() -> tuple[Store, EventLog]:
    """An event of each kind that a loop tells, and a thread at work."""
    rows = [(THREAD, BASE - 100 * MS, BASE + 200 * MS, Kind.JOB, 0, State.BLOCKED)]
    for begin, kind, request in EVENTS.values():
        start = BASE + begin * MS
        rows.append((LOOP, start, start + MS // 5, kind, request, State.RUNNING))
    rows.append((SERVED, BASE + 20 * MS, BASE + 20 * MS + MS // 10, Kind.REQUEST, REQUEST, State.NONE))
    return run_of(rows)


def shown(make_view: MakeView, theme: Theme, run: tuple[Store, EventLog]) -> TimelineView:
    """A hundred microseconds a pixel from `BASE` on."""
    store, log = run
    view = make_view(theme, store, live=False)
    view.set_store(store, live=False, events=log)
    view.show_time(BASE, BASE + 100 * MS)
    assert view.lanes.width() == 1_000
    return view


def middle(view: TimelineView, track: int = LOOP) -> int:
    """The height of the middle of a lane's marks."""
    placed = view.scene.layout.of_track(track)
    assert placed is not None
    return placed.y - view.scene.scroll + TOP + SIZE // 2 + 1


def picture(view: TimelineView) -> QImage:
    return view.lanes.grab().toImage()


def test_each_kind_is_marked_where_its_loop_took_it(
    theme: Theme, make_view: MakeView, run: tuple[Store, EventLog]
) -> None:
    view = shown(make_view, theme, run)
    image, y = picture(view), middle(view)
    for kind, (begin, _, _) in EVENTS.items():
        assert image.pixelColor(begin * 10, y) == theme.event_color(kind), kind
        assert image.pixelColor(begin * 10 - SIZE, y) == theme.color("lane"), kind
    assert image.pixelColor(200, middle(view, THREAD)) != theme.event_color(EventKind.HTTP), "threads have no marks"


def test_a_filter_leaves_the_marks_of_the_chosen_kinds(
    dark: Theme, make_view: MakeView, run: tuple[Store, EventLog]
) -> None:
    view = shown(make_view, dark, run)
    view.set_event_kinds({EventKind.TIMER})
    image, y = picture(view), middle(view)
    assert image.pixelColor(400, y) == dark.event_color(EventKind.TIMER)
    assert image.pixelColor(600, y) == dark.state(State.RUNNING).fill, "only the bar is left"
    view.set_event_kinds(frozenset())
    assert picture(view).pixelColor(600, y) == dark.event_color(EventKind.THREAD)


def test_marks_take_the_colours_of_the_theme(dark: Theme, make_view: MakeView, run: tuple[Store, EventLog]) -> None:
    view = shown(make_view, dark, run)
    before = picture(view).pixelColor(400, middle(view))
    dark.toggle()
    after = picture(view).pixelColor(400, middle(view))
    assert before != after
    assert after == dark.event_color(EventKind.TIMER)


def test_with_a_request_selected_the_other_marks_step_back(
    dark: Theme, make_view: MakeView, run: tuple[Store, EventLog]
) -> None:
    view = shown(make_view, dark, run)
    view.select_request(REQUEST)
    image, y = picture(view), middle(view)
    assert image.pixelColor(200, y) == dark.event_color(EventKind.HTTP)
    weak = image.pixelColor(400, y)
    assert weak != dark.event_color(EventKind.TIMER)
    assert weak.lightness() < dark.event_color(EventKind.TIMER).lightness()


def test_a_click_on_a_mark_selects_what_it_marks(
    qtbot: QtBot, dark: Theme, make_view: MakeView, run: tuple[Store, EventLog]
) -> None:
    view = shown(make_view, dark, run)
    chosen: list[Span] = []
    view.selected.connect(chosen.append)
    place = QPoint(EVENTS[EventKind.THREAD][0] * 10 - 2, middle(view))
    QTest.mouseClick(view.lanes, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    assert [(span.kind, span.start) for span in chosen] == [(Kind.HANDOVER, BASE + 60 * MS)]


def test_the_pointer_on_a_mark_says_kind_and_wait(
    qtbot: QtBot, dark: Theme, make_view: MakeView, run: tuple[Store, EventLog]
) -> None:
    view = shown(make_view, dark, run)
    for kind, words in ((EventKind.TIMER, "Timer, 512 µs late"), (EventKind.HTTP, "HTTP request, waited 512 µs")):
        view.chip.hide()
        QTest.mouseMove(view.lanes, QPoint(EVENTS[kind][0] * 10 + 2, middle(view)))
        qtbot.waitUntil(view.chip.isVisible)
        assert words in view.chip.lines()


def test_a_crowd_is_strokes_behind_one_shape(dark: Theme, make_view: MakeView) -> None:
    starts = [BASE + 20 * MS + at * 4 * MS // 10 for at in range(10)]
    view = shown(
        make_view, dark, run_of([(LOOP, at, at + 1000, Kind.HANDOVER, 0, State.RUNNING) for at in starts])
    )  # four pixels apart
    image, y = picture(view), middle(view)
    color, lane = dark.event_color(EventKind.THREAD), dark.color("lane")
    assert [image.pixelColor(200 + dx, y) for dx in (-2, 0, 2)] == [color] * 3, "a plus's arms"
    top = y - SIZE // 2
    for at in range(2, 10):
        assert image.pixelColor(200 + 4 * at, top) == color
        assert image.pixelColor(200 + 4 * at + 2, top) == lane


def marks(pixels: list[int], kinds: list[EventKind], lanes: list[int] | None = None) -> Marks:
    numbers = np.array([NUMBER[kind] for kind in kinds], np.uint8)
    return Marks(np.array(lanes or [0] * len(pixels), np.int32), np.array(pixels, np.int32), numbers)


def test_room_is_counted_within_a_lane_and_none_is_left_in_a_crowd() -> None:
    some = marks([30, 10, 14, 31], [EventKind.TIMER] * 4, [0, 0, 0, 1])
    assert some.with_room(8, 2, 100).tolist() == [True, True, False, True]
    many = int(CROWDED * 100) + 1
    assert not marks(list(range(0, 10 * many, 10)), [EventKind.TIMER] * many).with_room(8, 1, 100).any()


def test_of_several_kinds_in_a_column_the_rarer_is_seen() -> None:
    colors: Array = np.arange(8, dtype="<u4") * 100
    http, thread, timer, signal = EventKind.HTTP, EventKind.THREAD, EventKind.TIMER, EventKind.SIGNAL
    some = marks([5, 5, 6, -3, 12, 7, 7, 7], [signal, http, http, timer, timer, http, timer, thread])
    [(lane, row)] = some.strokes(2, 10, colors)
    assert lane == 0
    assert np.flatnonzero(row).tolist() == [5, 6, 7]
    assert [row[5], row[7]] == [100 * NUMBER[signal], 100 * NUMBER[timer]]


def test_every_kind_has_a_rank() -> None:
    assert sorted(RANK) == sorted(NUMBER.values())
