"""The view under wheel, drag, click and keys; what it tells; when it repaints."""

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from explorer.collect.source import Batch, OpenSpan, Track
from explorer.desktop.theme import Theme
from explorer.desktop.timeline.layout import bar_room
from explorer.desktop.timeline.legend import Legend
from explorer.desktop.timeline.rows import RowKind
from explorer.desktop.timeline.tools import TimelineTools
from explorer.desktop.timeline.view import TimelineView
from explorer.desktop.words import STATE_WORDS
from explorer.records.states import Kind, State, TrackKind
from explorer.store.rows import Span
from explorer.store.store import Store
from tests.desktop.timeline.conftest import MakeView
from tests.desktop.timeline.sample import BEGIN, MS, SECOND, SERVER, sample_store
from tests.unit.desktop_arithmetic.fakes import spans_of, store_of

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
END = BEGIN + 5 * SECOND


@pytest.fixture
def store() -> Store:
    """Five seconds of a simulated run."""
    return sample_store(5.0)


class PaintSpy(QObject):
    """Counts paints."""

    count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Sees each event first."""
        self.count += event.type() is QEvent.Type.Paint
        return False


def wheel(view: TimelineView, x: int, y: int, notches: int, shift: bool = False) -> None:
    """Turn the wheel over the lanes."""
    place = QPointF(x, y)
    modifiers = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
    event = QWheelEvent(
        place,
        view.lanes.mapToGlobal(place),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view.lanes, event)


def drag(qtbot: QtBot, view: TimelineView, start: QPoint, by: QPoint) -> None:
    """Drag over the lanes."""
    QTest.mousePress(view.lanes, LEFT, NONE, start)
    QTest.mouseMove(view.lanes, start + by / 2)
    QTest.mouseMove(view.lanes, start + by)
    QTest.mouseRelease(view.lanes, LEFT, NONE, start + by)


def place_of(view: TimelineView, span: Span) -> QPoint:
    """The middle of a span's bar."""
    placed = view.scene.layout.of_track(span.track)
    assert placed is not None
    _, floor = bar_room(placed)
    return QPoint(round(view.scene.view.x((span.start + span.end) // 2)), floor - 3 - view.scene.scroll)


def test_a_live_view_follows(dark: Theme, make_view: MakeView, store: Store) -> None:
    view = make_view(dark, store)
    assert view.following
    before = view.scene.view
    view.frame(END + 500 * MS)
    assert view.scene.view.begin - before.begin == END + 500 * MS - store.now


def test_dragging_away_lets_go_and_tells(dark: Theme, make_view: MakeView, store: Store, qtbot: QtBot) -> None:
    view = make_view(dark, store)
    behind: list[float] = []
    view.behind.connect(behind.append)
    with qtbot.waitSignal(view.following_changed) as told:
        drag(qtbot, view, QPoint(300, 400), QPoint(300, 0))
    assert told.args == [False]
    view.frame(END + 2 * SECOND)
    assert behind[-1] == pytest.approx((END + 2 * SECOND - view.scene.view.end) / 1e9, abs=0.11)
    begin = view.scene.view.begin
    view.frame(END + 3 * SECOND)
    assert view.scene.view.begin == begin


def test_zooming_while_following_goes_on_following(dark: Theme, make_view: MakeView, store: Store) -> None:
    view = make_view(dark, store)
    length = view.length_ns
    wheel(view, 100, 300, 3)
    assert view.length_ns < length
    assert view.following
    wheel(view, 100, 300, -6)
    assert view.length_ns > length
    assert view.following


def test_the_wheel_zooms_at_the_pointer(dark: Theme, make_view: MakeView, store: Store) -> None:
    view = make_view(dark, store, live=False)
    time = view.scene.view.time(333)
    for notches in (5, 20, -7):
        wheel(view, 333, 200, notches)
        assert abs(view.scene.view.x(time) - 333) <= 1.5 + 1_000 / view.length_ns


def test_the_view_stays_between_a_microsecond_and_ten_minutes(dark: Theme, make_view: MakeView, store: Store) -> None:
    view = make_view(dark, store, live=False)
    wheel(view, 500, 200, 200)
    assert view.length_ns == 1_000
    wheel(view, 500, 200, -400)
    assert view.length_ns == 600 * SECOND


def test_keys_pan_zoom_follow_and_fit(dark: Theme, make_view: MakeView, store: Store, qtbot: QtBot) -> None:
    view = make_view(dark, store)
    key = Qt.Key
    start = view.scene.view
    QTest.keyClick(view, key.Key_A)
    small = start.begin - view.scene.view.begin
    assert small > 0
    assert not view.following
    QTest.keyClick(view, key.Key_A, Qt.KeyboardModifier.ShiftModifier)
    assert start.begin - view.scene.view.begin == pytest.approx(6 * small, rel=0.01)
    QTest.keyClick(view, key.Key_F)
    assert view.following
    QTest.keyClick(view, key.Key_W)
    assert view.length_ns < start.length
    QTest.keyClick(view, key.Key_S, Qt.KeyboardModifier.ShiftModifier)
    assert view.length_ns > start.length
    QTest.keyClick(view, key.Key_Home)
    assert view.scene.view.begin <= BEGIN <= view.scene.view.end
    assert not view.following
    QTest.keyClick(view, key.Key_End)
    assert view.following


def test_fit_shows_the_whole_run(dark: Theme, make_view: MakeView, store: Store) -> None:
    view = make_view(dark, store, live=False)
    view.zoom(0.01)
    view.fit()
    assert store.first is not None
    assert store.last is not None
    assert view.scene.view.begin <= store.first
    assert view.scene.view.end >= store.last


def test_fit_shows_a_run_longer_than_ten_minutes_from_its_start(dark: Theme, make_view: MakeView) -> None:
    end = BEGIN + 12 * 60 * SECOND
    store = store_of([(10, BEGIN, BEGIN + SECOND, State.RUNNING), (10, end - SECOND, end, State.RUNNING)])
    view = make_view(dark, store)
    view.fit()
    assert view.scene.view.begin < BEGIN
    assert view.scene.view.end > end
    view.zoom(0.1)
    wheel(view, 500, 200, -400)
    assert view.length_ns > end - BEGIN


def test_a_new_run_begins_with_two_seconds_whatever_the_last_one_was_seen_at(
    dark: Theme, make_view: MakeView, store: Store
) -> None:
    view = make_view(dark, store)
    view.show_time(BEGIN, BEGIN + 5_000)
    view.set_store(sample_store(1.0))
    assert view.length_ns == 2 * SECOND
    assert view.following


def test_following_from_close_up_steps_back_until_something_finished_is_seen(
    dark: Theme, make_view: MakeView, store: Store
) -> None:
    view = make_view(dark, store)
    view.show_time(BEGIN, BEGIN + 5_000)
    assert not view.following
    view.set_following(True)
    view.frame(END + MS)
    assert view.scene.view.begin < view.scene.follow.horizon - view.length_ns // 3
    view.show_time(END - 700 * MS, END)
    view.set_following(True)
    assert view.length_ns == 700 * MS


def read_on(store: Store, view: TimelineView, begin: int, end: int) -> None:
    """Read another stretch of a recording, full of one span."""
    store.append(Batch(0, spans_of([(10, begin, end, State.RUNNING)]), tracks=[Track(10, TrackKind.THREAD, "x", 1)]))
    view.frame(store.last or 0)


@pytest.mark.parametrize("live_at_first", [False, True])
def test_a_recording_is_shown_whole_as_it_is_read_until_the_user_moves(
    dark: Theme, make_view: MakeView, live_at_first: bool
) -> None:
    store = Store()
    view = make_view(dark, store, live=live_at_first)
    view.set_live(False)
    read_on(store, view, BEGIN, BEGIN + SECOND)
    assert view.scene.view.begin <= BEGIN < BEGIN + SECOND <= view.scene.view.end < BEGIN + 2 * SECOND
    read_on(store, view, BEGIN + SECOND, BEGIN + 60 * SECOND)
    assert view.scene.view.begin <= BEGIN < BEGIN + 60 * SECOND <= view.scene.view.end
    view.pan(-0.1)
    chosen = view.scene.view
    read_on(store, view, BEGIN + 60 * SECOND, BEGIN + 90 * SECOND)
    assert view.scene.view == chosen
    view.fit()
    assert view.scene.view.end >= BEGIN + 90 * SECOND


def test_what_was_read_while_the_view_was_hidden_is_there_when_it_shows(dark: Theme, make_view: MakeView) -> None:
    store = Store()
    view = make_view(dark, store, live=False)
    view.hide()
    read_on(store, view, BEGIN, BEGIN + SECOND)
    view.show()
    assert view.scene.view.begin <= BEGIN < BEGIN + SECOND <= view.scene.view.end


def test_a_click_selects_a_span_and_its_request_and_escape_lets_it_go(
    dark: Theme, make_view: MakeView, store: Store, qtbot: QtBot
) -> None:
    view = make_view(dark, store, live=False)
    view.show_time(BEGIN + 2 * SECOND, BEGIN + 2 * SECOND + 300 * MS)
    span = store.find(10, 1, BEGIN + 2 * SECOND + 150 * MS) or store.find(10, 0, BEGIN + 2 * SECOND + 150 * MS)
    assert span is not None
    chosen: list[Any] = []
    requests: list[int] = []
    view.selected.connect(chosen.append)
    view.request_selected.connect(requests.append)
    QTest.mouseClick(view.lanes, LEFT, NONE, place_of(view, span))
    assert chosen == [span]
    assert requests == [span.request]
    assert {other.track for other in view.scene.selection.spans} >= {1, 10}
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert chosen[-1] is None
    assert requests[-1] == 0
    assert not view.scene.selection


def test_a_click_on_what_is_over_stays_there_and_on_what_goes_on_follows_it(
    dark: Theme, make_view: MakeView, store: Store
) -> None:
    view = make_view(dark, store)
    growing = store.open_spans[0]
    row = view.scene.layout.of_track(growing.track)
    assert row is not None
    now = QPoint(round(view.scene.view.x((growing.start + store.now) // 2)), bar_room(row)[1] - 3 - view.scene.scroll)
    QTest.mouseClick(view.lanes, LEFT, NONE, now)
    assert (view.scene.selection.span, view.following) == (growing, True)

    middle = view.scene.view.begin + view.length_ns // 3
    over = next(span for track in (10, 1) if (span := store.find(track, 0, middle)) is not None)
    QTest.mouseClick(view.lanes, LEFT, NONE, place_of(view, over))
    assert view.scene.selection
    assert not view.following


def test_a_double_click_fills_the_view_with_the_span(
    dark: Theme, make_view: MakeView, store: Store, qtbot: QtBot
) -> None:
    view = make_view(dark, store, live=False)
    view.show_time(BEGIN + 2 * SECOND, BEGIN + 2 * SECOND + 300 * MS)
    span = store.find(10, 0, BEGIN + 2 * SECOND + 150 * MS)
    assert span is not None
    view.select(span)
    view.zoom_to_selection()
    shown = view.scene.view
    assert shown.begin < span.start
    assert span.end < shown.end
    assert shown.length < 1.3 * span.duration
    inner = store.find(10, 1, span.start + span.duration // 2)
    assert inner is not None
    QTest.mouseDClick(view.lanes, LEFT, NONE, place_of(view, inner))
    assert view.length_ns < 1.3 * inner.duration


def test_the_cursor_walks_spans_and_rows_and_is_announced(
    dark: Theme, make_view: MakeView, store: Store, qtbot: QtBot
) -> None:
    view = make_view(dark, store, live=False)
    view.show_time(BEGIN + 2 * SECOND, BEGIN + 2 * SECOND + 300 * MS)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down):
        QTest.keyClick(view, key)
    first = view.scene.cursor
    assert isinstance(first, Span)
    assert first.track == 10
    assert view.accessibleDescription().startswith("Worker 1, ")
    QTest.keyClick(view, Qt.Key.Key_Right)
    second = view.scene.cursor
    assert isinstance(second, Span)
    assert second.start >= first.end
    QTest.keyClick(view, Qt.Key.Key_Left)
    assert view.scene.cursor == first
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert view.scene.selection.span == first
    for _ in range(60):
        QTest.keyClick(view, Qt.Key.Key_Right)
    cursor = view.scene.cursor
    assert cursor is not None
    assert view.scene.view.begin <= cursor.start <= view.scene.view.end


def test_the_chip_names_the_span_under_the_pointer(
    dark: Theme, make_view: MakeView, store: Store, qtbot: QtBot
) -> None:
    view = make_view(dark, store, live=False)
    view.show_time(BEGIN + 2 * SECOND, BEGIN + 2 * SECOND + 300 * MS)
    span = store.find(10, 1, BEGIN + 2 * SECOND + 150 * MS)
    assert span is not None
    QTest.mouseMove(view.lanes, place_of(view, span))
    qtbot.waitUntil(view.chip.isVisible)
    assert view.chip.lines()[0].startswith(store.name(span.name))
    assert "Worker 1" in view.chip.lines()[1]
    assert not view.chip.geometry().contains(view.lanes.mapTo(view, place_of(view, span)))
    said = view.chip.lines()
    view.show_time(BEGIN + 4 * SECOND, BEGIN + 4 * SECOND + 300 * MS)  # as keys do: what is there now is another
    qtbot.waitUntil(lambda: not view.chip.isVisible() or view.chip.lines() != said)
    QTest.mouseMove(view.lanes, QPoint(5, view.lanes.height() - 2))
    qtbot.waitUntil(lambda: not view.chip.isVisible())


def test_a_click_on_a_bar_selects_the_bar_that_is_drawn(dark: Theme, make_view: MakeView) -> None:
    store = store_of(
        [(10, BEGIN, BEGIN + 500 * MS, State.RUNNING), (10, BEGIN + SECOND, BEGIN + 2 * SECOND, State.IDLE)]
    )
    sliver = BEGIN + 250 * MS
    store.append(Batch(END, spans_of([(10, sliver, sliver + 86_000, State.BLOCKED)], depth=1)))
    view = make_view(dark, store, live=False)
    bar = store.find(10, 0, sliver)
    assert isinstance(bar, Span)
    QTest.mouseClick(view.lanes, LEFT, NONE, place_of(view, bar))
    assert view.scene.selection.span == bar
    view.zoom_to_selection()
    assert view.scene.view.begin < bar.start < bar.end < view.scene.view.end


def test_the_hatch_before_now_says_what_it_is(dark: Theme, make_view: MakeView, store: Store, qtbot: QtBot) -> None:
    view = make_view(dark, store)
    view.frame(END + 400 * MS)
    follow = view.scene.follow
    place = QPoint(round(view.scene.view.x((follow.horizon + follow.now) // 2)), view.lanes.height() - 4)
    QTest.mouseMove(view.lanes, place)
    qtbot.waitUntil(view.chip.isVisible)
    assert view.chip.lines()[0] == "Not yet known"
    assert view.chip.lines()[1].endswith(" ms is still being collected")
    QTest.mouseMove(view.lanes, QPoint(view.lanes.width() - 2, view.lanes.height() - 4))
    qtbot.waitUntil(lambda: not view.chip.isVisible())


def test_a_narrow_header_shows_whole_pids_or_none(
    dark: Theme, make_view: MakeView, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = make_view(dark, store)
    written: list[str] = []
    monkeypatch.setattr("explorer.desktop.timeline.headers.draw_text", lambda *call: written.append(call[2]))
    for width in range(120, 160, 4):
        view.set_header_width(width)
        view.headers.repaint()
    groups = {"server", "load", "sampler", "Requests"}
    assert groups <= set(written)
    assert not any("…" in words and words.strip("…").isdigit() for words in written)


def test_a_group_closes_and_opens_again(dark: Theme, make_view: MakeView, store: Store, qtbot: QtBot) -> None:
    view = make_view(dark, store, live=False)
    before = [placed.row.key for placed in view.scene.layout.placed]
    assert view.scene.layout.of_track(10) is not None
    QTest.mouseClick(view.headers, LEFT, NONE, QPoint(60, 8))
    assert view.scene.layout.of_track(10) is None
    QTest.mouseClick(view.headers, LEFT, NONE, QPoint(60, 8))
    assert [placed.row.key for placed in view.scene.layout.placed] == before


def test_the_header_is_dragged_within_its_bounds(dark: Theme, make_view: MakeView, store: Store, qtbot: QtBot) -> None:
    view = make_view(dark, store, live=False)
    edge = QPoint(view.headers.width() - 2, 200)
    QTest.mousePress(view.headers, LEFT, NONE, edge)
    QTest.mouseMove(view.headers, QPoint(250, 200))
    assert view.headers.width() == 250
    QTest.mouseMove(view.headers, QPoint(900, 200))
    assert view.headers.width() == 320
    QTest.mouseMove(view.headers, QPoint(20, 200))
    QTest.mouseRelease(view.headers, LEFT, NONE, QPoint(20, 200))
    assert view.headers.width() == 120
    assert view.lanes.x() == 120


def test_what_does_not_fit_is_folded_and_then_scrolls(dark: Theme, make_view: MakeView, qtbot: QtBot) -> None:
    view = make_view(dark, sample_store(2.0, users=40, workers=30), live=False, height=300)
    folds = [placed for placed in view.scene.layout.placed if placed.row.kind is RowKind.FOLD]
    assert folds
    assert view.scene.most_scroll <= 100
    view.lanes.grab()
    QTest.mouseClick(view.headers, LEFT, NONE, QPoint(60, folds[0].y + 5))
    assert view.scene.most_scroll > 100
    wheel(view, 300, 100, -3, shift=True)
    assert view.scene.scroll > 0


def test_frames_in_which_nothing_changes_are_not_painted(
    dark: Theme, make_view: MakeView, store: Store, qtbot: QtBot
) -> None:
    view = make_view(dark, store, live=False)
    painted = PaintSpy()
    view.lanes.installEventFilter(painted)
    qtbot.waitUntil(lambda: not view.lanes.waiting)
    for _ in range(3):
        view.frame(store.now)
        QApplication.processEvents()
    painted.count = 0
    for step in range(10):
        view.frame(store.now + step * 16 * MS)
        QApplication.processEvents()
    assert painted.count == 0
    view.pan(0.1)
    QApplication.processEvents()
    assert painted.count == 1


def test_a_run_that_ends_stands_still_with_everything_known(dark: Theme, make_view: MakeView, store: Store) -> None:
    view = make_view(dark, store)
    view.set_live(False)
    begin = view.scene.view.begin
    view.frame(END + 10 * SECOND)
    assert not view.following
    assert view.scene.view.begin == begin
    view.set_live(True)
    assert view.following


def test_new_lanes_appear_while_it_runs(dark: Theme, make_view: MakeView, store: Store) -> None:
    view = make_view(dark, store)
    assert view.scene.layout.of_track(10) is not None
    rows = len(view.scene.layout.placed)
    track = store.tracks[10]
    store.append(
        Batch(
            END + MS,
            spans_of([(50, END - 5 * MS, END, State.RUNNING)]),
            tracks=[type(track)(50, track.kind, track.name, track.process, tid=999)],
        )
    )
    view.frame(END + 20 * MS)
    assert view.scene.layout.of_track(50) is not None
    assert len(view.scene.layout.placed) == rows + 1


def test_a_request_that_begins_on_a_lane_without_a_row_gets_it_in_the_next_frame(
    dark: Theme, make_view: MakeView, store: Store
) -> None:
    view = make_view(dark, store)
    store.append(Batch(END, tracks=[Track(190, TrackKind.LANE, "9", 0, parent=2)]))
    view.frame(END + 20 * MS)
    assert view.scene.layout.of_track(190) is None
    store.append(Batch(END, open_spans=[OpenSpan(190, 0, END, 3, 77, Kind.PIECE, State.QUEUED)]))
    view.frame(END + 40 * MS)
    assert view.scene.layout.of_track(190) is not None


def test_a_run_that_went_on_while_nobody_looked_is_shown_when_somebody_does(qtbot: QtBot, dark: Theme) -> None:
    view, growing = TimelineView(dark), Store()
    qtbot.addWidget(view)
    view.resize(1196, 600)
    view.set_store(growing, live=True)  # behind another page
    growing.append(Batch(END, spans_of([(1, BEGIN, END, State.RUNNING)])))
    view.set_live(False)
    with qtbot.waitExposed(view):
        view.show()
    shown = view.scene.view
    assert shown.begin <= BEGIN
    assert shown.end >= END
    view.close()


def test_an_open_request_stays_selected_when_it_ends(dark: Theme, make_view: MakeView, store: Store) -> None:
    view = make_view(dark, store)
    store.append(Batch(END, open_spans=[OpenSpan(10, 0, END - MS, 3, 77, Kind.JOB, State.RUNNING)]))
    view.frame(END)
    view.select(store.open_spans[0])
    store.append(
        Batch(END + 5 * MS, spans_of([(10, END - MS, END + 4 * MS, State.RUNNING)], request=77), open_spans=[])
    )
    view.frame(END + 20 * MS)
    assert isinstance(view.scene.selection.span, Span)
    assert view.scene.selection.request == 77


def test_a_request_out_of_sight_is_brought_into_view(dark: Theme, make_view: MakeView, store: Store) -> None:
    view = make_view(dark, store)
    span = store.find(10, 0, BEGIN + SECOND)
    assert span is not None
    view.select_request(span.request)
    assert view.scene.view.begin <= span.start <= view.scene.view.end
    assert not view.following


def test_the_legend_lists_the_states_of_the_run_and_singles_them_out(
    dark: Theme, make_view: MakeView, store: Store, qtbot: QtBot
) -> None:
    view = make_view(dark, store, live=False)
    legend = Legend(dark, view)
    qtbot.addWidget(legend)
    legend.resize(1_200, 36)
    with qtbot.waitExposed(legend):
        legend.show()
    listed = [state for state in STATE_WORDS if legend.entry(state).isVisible()]
    assert listed == [State.RUNNING, State.WAITING_GIL, State.QUEUED, State.BLOCKED, State.IDLE]
    assert legend.entry(State.WAITING_GIL).accessibleName() == "Waiting for the GIL"
    QTest.mouseClick(legend.entry(State.BLOCKED), LEFT)
    assert view.scene.only == {State.BLOCKED}
    QTest.mouseClick(legend.entry(State.QUEUED), LEFT, Qt.KeyboardModifier.ShiftModifier)
    assert view.scene.only == {State.BLOCKED, State.QUEUED}
    view.clear()
    assert view.scene.only == frozenset()
    assert legend.chosen() == frozenset()
    QTest.keyClick(legend.entry(State.IDLE), Qt.Key.Key_Return)
    assert view.scene.only == {State.IDLE}


@pytest.mark.parametrize("threads", [" free-threaded", ""])
def test_the_legend_offers_the_gil_while_a_server_has_one_or_a_wait_for_it_is_in_view(
    dark: Theme, make_view: MakeView, store: Store, qtbot: QtBot, threads: str
) -> None:
    view = make_view(dark, store)
    legend = Legend(dark, view)
    qtbot.addWidget(legend)
    entry = legend.entry(State.WAITING_GIL)
    later = store.now + 60 * SECOND
    successor = replace(store.processes[SERVER], number=900, epoch=2, interpreter=f"cpython 3.13.5{threads}")
    store.append(Batch(now=later, processes=[successor], tally=store.tally))
    assert not entry.isHidden()
    view.frame(later)
    assert view.following
    assert entry.isHidden() == bool(threads)
    view.go_begin()
    view.frame(later + SECOND)
    assert not entry.isHidden()


def test_the_tools_show_how_the_view_stands(dark: Theme, make_view: MakeView, store: Store, qtbot: QtBot) -> None:
    view = make_view(dark, store)
    tools = TimelineTools(dark, view)
    qtbot.addWidget(tools)
    assert tools.follow.text() == "Following live"
    view.pan(-0.5)
    view.frame(END + 3 * SECOND)
    assert tools.follow.text().startswith("Follow, ")
    assert tools.follow.text().endswith(" s behind")
    tools.follow.click()
    assert view.following
    assert tools.follow.text() == "Following live"
    view.set_live(False)
    assert not tools.follow.isEnabled()


def test_the_tools_stay_where_they_are_while_the_words_change(
    dark: Theme, make_view: MakeView, store: Store, qtbot: QtBot
) -> None:
    view = make_view(dark, store)
    tools = TimelineTools(dark, view)
    qtbot.addWidget(tools)
    with qtbot.waitExposed(tools):
        tools.show()
    width = tools.follow.width()
    view.pan(-0.5)
    view.frame(END + 86 * SECOND)
    assert tools.follow.text().startswith("Follow, 1:2")
    assert tools.follow.width_for(tools.follow.text()) <= tools.follow.width()
    QApplication.processEvents()
    assert tools.follow.width() == width
