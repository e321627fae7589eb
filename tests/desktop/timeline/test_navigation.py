"""Going back to where the view was, and choosing a range, by mouse and by keyboard."""

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QNativeGestureEvent, QPointingDevice
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from explorer.desktop.theme import Theme
from explorer.desktop.timeline.range.time_range import TimeRange
from explorer.desktop.timeline.view import TimelineView
from explorer.store.store import Store
from tests.desktop.timeline.conftest import MakeView
from tests.desktop.timeline.sample import BEGIN, MS, SECOND, sample_store

ALT, SHIFT, NONE = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.NoModifier
LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
Key = Qt.Key


@pytest.fixture(scope="module")
def store() -> Store:
    """Three seconds of a run, which no test writes to."""
    return sample_store(3.0)


@pytest.fixture
def view(dark: Theme, make_view: MakeView, store: Store) -> TimelineView:
    """A second of a run that has ended, in view."""
    view = make_view(dark, store, live=False)
    view.show_time(BEGIN + SECOND, BEGIN + 2 * SECOND)
    return view


def drag(
    view: TimelineView, begin: int, end: int, button: Qt.MouseButton = LEFT, held: Qt.KeyboardModifier = SHIFT
) -> None:
    """Press at pixel `begin`, move to `end` in two steps, let go."""
    y = 200
    steps = (
        (QEvent.Type.MouseButtonPress, begin, button, button),
        (QEvent.Type.MouseMove, (begin + end) // 2, Qt.MouseButton.NoButton, button),
        (QEvent.Type.MouseMove, end, Qt.MouseButton.NoButton, button),
        (QEvent.Type.MouseButtonRelease, end, button, Qt.MouseButton.NoButton),
    )
    for kind, x, changed, down in steps:
        at = QPointF(x, y)
        event = QMouseEvent(kind, at, QPointF(view.lanes.mapToGlobal(at.toPoint())), changed, down, held)
        QApplication.sendEvent(view.lanes, event)


def test_alt_left_goes_back_and_alt_right_forward(view: TimelineView) -> None:
    before = view.scene.view
    view._history._last = float("-inf")
    QTest.keyClick(view, Key.Key_W)
    closer = view.scene.view
    assert closer != before
    QTest.keyClick(view, Key.Key_Left, ALT)
    assert view.scene.view == before
    QTest.keyClick(view, Key.Key_Right, ALT)
    assert view.scene.view == closer


def test_rows_are_those_of_the_view_after_each_step_of_a_zoom(view: TimelineView) -> None:
    view.show_time(BEGIN, BEGIN + MS)  # the users begin to ask 3 ms one after the other
    shown = [len(view.scene.rows)]
    for _ in range(4):
        view.zoom_out()
        shown.append(len(view.scene.rows))
        view.scene.rebuild(force=True)
        assert shown[-1] == len(view.scene.rows)
    assert shown[-1] > shown[0]


def test_the_side_buttons_of_a_mouse_go_back_and_forward(view: TimelineView) -> None:
    before = view.scene.view
    view._history._last = float("-inf")
    view.pan(0.4)
    later = view.scene.view
    QTest.mouseClick(view.lanes, Qt.MouseButton.BackButton, NONE, QPoint(50, 50))
    assert view.scene.view == before
    QTest.mouseClick(view.lanes, Qt.MouseButton.ForwardButton, NONE, QPoint(50, 50))
    assert view.scene.view == later


def test_going_back_to_the_present_follows_again(dark: Theme, make_view: MakeView, store: Store) -> None:
    view = make_view(dark, store)
    view.pan(-2.0)
    assert not view.following
    view.frame(store.now + 300 * MS)
    view.go_back()
    assert view.following
    assert view.scene.view.begin < store.now + 300 * MS < view.scene.view.end


def test_another_run_has_no_places_before_it(view: TimelineView) -> None:
    view.pan(0.3)
    view.set_store(sample_store(1.0), live=False)
    shown = view.scene.view
    view.go_back()
    assert view.scene.view == shown


def test_the_middle_button_pans_and_selects_nothing(view: TimelineView) -> None:
    begin = view.scene.view.begin
    drag(view, 400, 300, MIDDLE, NONE)
    assert view.scene.view.begin == pytest.approx(begin + 100 * view.scene.view.ns_per_px, abs=2)
    drag(view, 400, 400, MIDDLE, NONE)
    assert not view.scene.selection


def test_a_pinch_zooms_between_the_fingers(view: TimelineView) -> None:
    at = QPointF(300, 100)
    time, length = view.scene.view.time(300), view.length_ns
    event = QNativeGestureEvent(
        *(Qt.NativeGestureType.ZoomNativeGesture, QPointingDevice.primaryPointingDevice(), 2, at, at, at, 0.25),
        QPointF(),
    )
    QApplication.sendEvent(view.lanes, event)
    assert view.length_ns == pytest.approx(length / 1.25, rel=1e-6)
    assert view.scene.view.x(time) == pytest.approx(300, abs=0.5)


def test_shift_drag_chooses_a_range(view: TimelineView) -> None:
    told: list[TimeRange | None] = []
    view.range.changed.connect(told.append)
    shown = view.scene.view
    drag(view, 200, 300)
    assert view.range.time == TimeRange(shown.time(200), shown.time(300))
    assert told[-1] == view.range.time
    assert view.scene.view == shown
    drag(view, 320, 280)
    assert view.range.time == TimeRange(shown.time(280), shown.time(320))


def test_a_range_is_painted_with_edges_and_a_veil(view: TimelineView) -> None:
    plain = view.lanes.grab().toImage()
    drag(view, 200, 300)
    shown = view.lanes.grab().toImage()
    y = view.lanes.height() - 6
    assert shown.pixelColor(200, y) == shown.pixelColor(300, y)
    assert shown.pixelColor(200, y) != plain.pixelColor(200, y)
    assert shown.pixelColor(250, y) not in (plain.pixelColor(250, y), shown.pixelColor(200, y))
    assert shown.pixelColor(350, y) == plain.pixelColor(350, y)


def test_an_edge_can_be_dragged_past_the_other(view: TimelineView) -> None:
    shown = view.scene.view
    drag(view, 200, 300)
    drag(view, 301, 400, held=NONE)
    assert view.range.time is not None
    assert view.range.time.begin == shown.time(200)
    assert view.range.time.end == shown.time(400)
    drag(view, 199, 450, held=NONE)
    assert view.range.time == TimeRange(shown.time(400), shown.time(450))
    assert view.scene.view == shown


def test_shift_click_moves_the_nearer_edge(view: TimelineView) -> None:
    shown = view.scene.view
    drag(view, 200, 300)
    QTest.mouseClick(view.lanes, LEFT, SHIFT, QPoint(360, 200))
    assert view.range.time == TimeRange(shown.time(200), shown.time(360))


def test_choosing_a_range_lets_go_of_now_and_drops_the_selection(
    dark: Theme, make_view: MakeView, store: Store
) -> None:
    view = make_view(dark, store)
    view.step_span(1)
    view.select_cursor()
    assert view.scene.selection
    view.set_following(True)
    drag(view, 200, 300)
    assert not view.following
    assert not view.scene.selection
    assert view.range.time is not None


def test_esc_takes_back_the_span_first_and_then_the_range(view: TimelineView) -> None:
    drag(view, 200, 300)
    view.step_span(1)
    view.select_cursor()
    QTest.keyClick(view, Key.Key_Escape)
    assert not view.scene.selection
    assert view.range.time is not None
    QTest.keyClick(view, Key.Key_Escape)
    assert view.range.time is None


def test_z_zooms_to_the_range(view: TimelineView) -> None:
    drag(view, 200, 300)
    chosen = view.range.time
    QTest.keyClick(view, Key.Key_Z)
    assert chosen is not None
    assert view.length_ns == pytest.approx(chosen.length * 1.2, rel=0.01)
    assert view.scene.view.begin < chosen.begin < chosen.end < view.scene.view.end


def test_shift_and_arrows_take_in_spans(view: TimelineView) -> None:
    view.setFocus(Qt.FocusReason.TabFocusReason)
    view._cursor.into_view()
    first = view.scene.cursor
    QTest.keyClick(view, Key.Key_Right, SHIFT)
    second = view.scene.cursor
    assert first is not None
    assert second is not None
    assert first.start < second.start
    chosen = view.range.time
    assert chosen is not None
    assert chosen.begin == first.start
    assert chosen.end == second.end  # type: ignore[union-attr]  # a run that has ended has no open spans
    assert "Range of" in view.accessibleDescription()
    assert view.scene.cursor is not None


def test_b_and_shift_b_set_the_ends_of_the_range(view: TimelineView) -> None:
    view._cursor.into_view()
    first = view.scene.cursor
    QTest.keyClick(view, Key.Key_B)
    for _ in range(3):
        QTest.keyClick(view, Key.Key_Right)
    last = view.scene.cursor
    QTest.keyClick(view, Key.Key_B, SHIFT)
    assert first is not None
    assert last is not None
    assert view.range.time == TimeRange(first.start, last.end)  # type: ignore[union-attr]  # all have ended


def test_another_run_has_no_range(view: TimelineView) -> None:
    drag(view, 200, 300)
    told: list[TimeRange | None] = []
    view.range.changed.connect(told.append)
    view.set_store(Store(), live=False)
    assert view.range.time is None
    assert told == [None]
