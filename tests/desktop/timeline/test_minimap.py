"""The minimap under the mouse and the keys; what is marked on it; how it fills in the time that frames leave."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from explorer.collect.source import Batch, Track
from explorer.desktop.theme import Theme
from explorer.desktop.timeline.minimap import NARROWEST_PX, Minimap
from explorer.desktop.timeline.range.time_range import TimeRange
from explorer.desktop.timeline.view import TimelineView
from explorer.desktop.timeline.whole_run import SPANS_AT_ONCE
from explorer.records.states import State, TrackKind
from explorer.store.store import Store
from tests.desktop.timeline.conftest import MakeView
from tests.desktop.timeline.sample import BEGIN, MS, SECOND, sample_store
from tests.unit.desktop_arithmetic.fakes import spans_of, store_of

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
Key = Qt.Key


@pytest.fixture(scope="module")
def store() -> Store:
    """Ten seconds of a run with a marker and a loss, which no test writes to."""
    return sample_store(10.0, decorated=True)


@pytest.fixture
def view(dark: Theme, make_view: MakeView, store: Store) -> TimelineView:
    """Two of ten seconds of a run that has ended."""
    view = make_view(dark, store, live=False)
    view.show_time(BEGIN + 4 * SECOND, BEGIN + 6 * SECOND)
    return view


@pytest.fixture
def minimap(view: TimelineView, dark: Theme, qtbot: QtBot) -> Minimap:
    """Of that view, counted."""
    return made(view, dark, qtbot)


def made(view: TimelineView, theme: Theme, qtbot: QtBot) -> Minimap:
    minimap = Minimap(theme, view)
    qtbot.addWidget(minimap)
    minimap.resize(1196, minimap.height())
    with qtbot.waitExposed(minimap):
        minimap.show()
    minimap.frame()
    qtbot.waitUntil(lambda: not minimap.waiting)
    return minimap


def drag(minimap: Minimap, begin: float, end: float) -> None:
    y = minimap.height() // 2
    QTest.mousePress(minimap, LEFT, NONE, QPoint(round(begin), y))
    QTest.mouseMove(minimap, QPoint(round((begin + end) / 2), y))
    QTest.mouseMove(minimap, QPoint(round(end), y))
    QTest.mouseRelease(minimap, LEFT, NONE, QPoint(round(end), y))


def px(minimap: Minimap, view: TimelineView) -> float:
    """Nanoseconds of one of its pixels."""
    begin, end = view.scene.bounds()
    return (end - begin) / (minimap.width() - view.headers.width())


def test_it_shows_the_run_in_the_colours_of_its_states(minimap: Minimap, dark: Theme) -> None:
    image = minimap.grab().toImage()
    box = minimap.window_rect().toRect()
    colours = {
        image.pixelColor(x, y).rgb() for x in range(box.left() + 3, box.right() - 3) for y in range(5, box.bottom() - 3)
    }
    for state in (State.RUNNING, State.WAITING_GIL, State.BLOCKED):
        assert dark.state(state).fill.rgb() in colours


def test_the_window_lies_where_the_lanes_are(minimap: Minimap, view: TimelineView) -> None:
    box = minimap.window_rect()
    begin, _ = view.scene.bounds()
    left = view.headers.width() + (view.scene.view.begin - begin) / px(minimap, view)
    assert box.left() == pytest.approx(left, abs=1)
    assert box.width() == pytest.approx(view.length_ns / px(minimap, view), abs=1)
    view.show_time(BEGIN + SECOND, BEGIN + SECOND + MS)
    assert minimap.window_rect().width() == NARROWEST_PX


def test_the_window_can_be_dragged(minimap: Minimap, view: TimelineView) -> None:
    begin, length = view.scene.view.begin, view.length_ns
    middle = minimap.window_rect().center().x()
    drag(minimap, middle, middle + 120)
    assert view.length_ns == length
    assert view.scene.view.begin == pytest.approx(begin + 120 * px(minimap, view), abs=2 * px(minimap, view))


def test_a_click_beside_the_window_goes_there_and_a_drag_goes_on(minimap: Minimap, view: TimelineView) -> None:
    length = view.length_ns
    left = view.headers.width()
    QTest.mouseClick(minimap, LEFT, NONE, QPoint(left + 700, 10))
    middle = view.scene.view.begin + length // 2
    assert middle == pytest.approx(view.scene.bounds()[0] + 700 * px(minimap, view), abs=2 * px(minimap, view))
    drag(minimap, left + 200, left + 250)
    middle = view.scene.view.begin + length // 2
    assert middle == pytest.approx(view.scene.bounds()[0] + 250 * px(minimap, view), abs=2 * px(minimap, view))
    assert view.length_ns == length


def test_dragging_an_edge_zooms(minimap: Minimap, view: TimelineView) -> None:
    shown, box = view.scene.view, minimap.window_rect()
    drag(minimap, box.right(), box.right() - 80)
    assert view.scene.view.begin == pytest.approx(shown.begin, abs=2)
    assert view.scene.view.end == pytest.approx(shown.end - 80 * px(minimap, view), abs=2 * px(minimap, view))
    drag(minimap, box.left(), box.left() - 60)
    assert view.scene.view.begin == pytest.approx(shown.begin - 60 * px(minimap, view), abs=2 * px(minimap, view))


def test_the_wheel_zooms(minimap: Minimap, view: TimelineView) -> None:
    length = view.length_ns
    at = QPointF(600, 10)
    turn = QWheelEvent(
        *(at, QPointF(minimap.mapToGlobal(at)), QPoint(), QPoint(0, 240), Qt.MouseButton.NoButton, NONE),
        *(Qt.ScrollPhase.NoScrollPhase, False),
    )
    QApplication.sendEvent(minimap, turn)
    assert view.length_ns == pytest.approx(length / 1.25**2, rel=1e-3)


def test_keys_move_and_zoom_and_say_what_is_shown(minimap: Minimap, view: TimelineView) -> None:
    shown = view.scene.view
    QTest.keyClick(minimap, Key.Key_Right)
    assert view.scene.view.begin == pytest.approx(shown.begin + 0.2 * SECOND, rel=1e-3)
    QTest.keyClick(minimap, Key.Key_PageUp)
    assert view.scene.view.begin < shown.begin
    QTest.keyClick(minimap, Key.Key_Plus)
    assert view.length_ns < shown.length
    assert minimap.accessibleDescription() == minimap.words()
    assert minimap.words().startswith("Shows ")


def test_markers_losses_hits_and_the_range_are_on_it(minimap: Minimap, view: TimelineView, dark: Theme) -> None:
    view.show_time(BEGIN, BEGIN + SECOND)

    def inks(time: int) -> set[int]:
        begin, _ = view.scene.bounds()
        x = view.headers.width() + round((time - begin) / px(minimap, view))
        image = minimap.grab().toImage()
        return {image.pixelColor(x + dx, 2).rgb() for dx in (-1, 0, 1)}

    end = BEGIN + 10 * SECOND
    assert dark.color("accent").rgb() in inks(end - 220 * MS)
    plain = inks(end - 140 * MS), inks(BEGIN + 5 * SECOND), inks(BEGIN + 3 * SECOND)
    assert dark.color("text").rgb() not in plain[1]
    minimap.set_hits(np.array([BEGIN + 5 * SECOND]))
    assert dark.color("text").rgb() in inks(BEGIN + 5 * SECOND)
    view.range.choose(TimeRange(BEGIN + 2 * SECOND, BEGIN + 4 * SECOND))
    assert inks(BEGIN + 3 * SECOND) != plain[2]
    assert any((ink >> 16 & 255) > 150 and (ink >> 8 & 255) < 130 for ink in plain[0])


def test_a_live_run_is_counted_as_it_comes(dark: Theme, make_view: MakeView, qtbot: QtBot) -> None:
    store = sample_store(0.5)
    view = make_view(dark, store)
    time = [0.0]
    minimap = Minimap(dark, view, clock=lambda: 0.0, wall=lambda: time[0])
    qtbot.addWidget(minimap)
    with qtbot.waitExposed(minimap):
        minimap.show()
    minimap.frame()
    assert minimap.run is not None
    first = minimap.run.spans
    assert first
    more = spans_of([(10, store.now + MS, store.now + 2 * MS, State.RUNNING)])
    store.append(Batch(store.now + 2 * MS, more))
    minimap.frame()
    assert minimap.run.spans == first
    time[0] = 1.0
    minimap.frame()
    assert minimap.run.spans == first + 1


def test_without_time_a_frame_counts_one_go(dark: Theme, make_view: MakeView, qtbot: QtBot) -> None:
    view = make_view(dark, store_of([(10, at * MS, (at + 1) * MS, State.RUNNING) for at in range(5 * SPANS_AT_ONCE)]))
    ticks = iter(range(10_000))
    minimap = Minimap(dark, view, clock=lambda: float(next(ticks)), wall=lambda: 0.0)
    qtbot.addWidget(minimap)
    with qtbot.waitExposed(minimap):
        minimap.show()
    minimap.frame()
    assert minimap.run is not None
    counted = [minimap.run.spans]
    for _ in range(3):
        minimap.frame()
        counted.append(minimap.run.spans)
    assert counted == sorted(set(counted))


def test_what_is_new_does_not_wait_until_all_is_counted_anew(dark: Theme, make_view: MakeView, qtbot: QtBot) -> None:
    rows = 20 * SPANS_AT_ONCE
    store = store_of([(10, at * MS, (at + 1) * MS, State.RUNNING) for at in range(rows)])
    ticks, time = iter(range(1_000_000)), [0.0]
    minimap = Minimap(dark, make_view(dark, store), clock=lambda: float(next(ticks)), wall=lambda: time[0])
    qtbot.addWidget(minimap)
    with qtbot.waitExposed(minimap):
        minimap.show()
    minimap.frame()
    run = minimap.run
    assert run is not None
    while run.spans < rows or run.busy:
        minimap.frame()
    run.missed = True
    for second in range(1, 5):
        time[0] = float(second)
        now = (rows + second) * MS
        store.append(Batch(now, spans_of([(10, now - MS, now, State.RUNNING)])))
        for _ in range(3):  # of the many that counting anew takes
            minimap.frame()
        assert minimap.run is run
        assert run.spans == rows + second
    time[0] = 5.0
    for _ in range(200):
        minimap.frame()
    anew = minimap.run
    assert anew is not None
    assert anew is not run
    assert not anew.missed
    time[0] = 6.0
    minimap.frame()
    assert anew.spans == store.count


def test_a_frame_that_comes_late_counts_more(dark: Theme, make_view: MakeView, qtbot: QtBot) -> None:
    rows = [(track, at * MS, (at + 1) * MS, State.RUNNING) for track in range(10, 50) for at in range(3_000)]
    assert frames_until_counted(store_of(rows), 1.0, dark, make_view, qtbot) * 2 < frames_until_counted(
        store_of(rows), 0.0, dark, make_view, qtbot
    )


def frames_until_counted(store: Store, pause: float, theme: Theme, make_view: MakeView, qtbot: QtBot) -> int:
    """How many frames it takes, with `pause` seconds between them."""
    ticks, time = iter(range(1_000_000)), [0.0]
    view = make_view(theme, store)
    minimap = Minimap(theme, view, clock=lambda: next(ticks) * 0.0006, wall=lambda: time[0])
    qtbot.addWidget(minimap)
    with qtbot.waitExposed(minimap):
        minimap.show()
    frames = 1
    while minimap.waiting:
        time[0] += pause
        minimap.frame()
        frames += 1
    return frames


def test_what_came_with_the_last_frame_is_shown(dark: Theme, make_view: MakeView, qtbot: QtBot) -> None:
    store = Store()
    minimap = Minimap(dark, make_view(dark, store, live=False))
    qtbot.addWidget(minimap)
    with qtbot.waitExposed(minimap):
        minimap.show()
    minimap.frame()
    spans = spans_of([(10, BEGIN + n * MS, BEGIN + (n + 1) * MS, State.RUNNING) for n in range(100)])
    store.append(Batch(BEGIN + 100 * MS, spans, tracks=[Track(10, TrackKind.THREAD, "worker", 1)]))
    minimap.frame()  # too soon after the one before to count, and none comes after it
    qtbot.waitUntil(lambda: not minimap.waiting)
    assert minimap.run is not None
    assert minimap._pictured == minimap.run.spans == 100


def test_what_was_counted_in_several_goes_is_painted_in_the_end(view: TimelineView, dark: Theme, qtbot: QtBot) -> None:
    ticks = iter(range(1_000_000))
    minimap = Minimap(dark, view, clock=lambda: float(next(ticks)), wall=lambda: 0.0)
    qtbot.addWidget(minimap)
    with qtbot.waitExposed(minimap):
        minimap.show()
    minimap.frame()
    qtbot.waitUntil(lambda: not minimap.waiting)
    assert minimap.run is not None
    assert minimap._pictured == minimap.run.spans > 0
