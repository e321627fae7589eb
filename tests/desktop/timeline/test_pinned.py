"""Pinned rows stay at the top while the others scroll below them."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from explorer.desktop.theme import Theme
from explorer.desktop.timeline.layout import Density
from explorer.desktop.timeline.view import TimelineView
from tests.desktop.timeline.conftest import MakeView
from tests.desktop.timeline.sample import BEGIN, FIRST_WORKER, SECOND, sample_store

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
WORKER = FIRST_WORKER + 1


def pin(view: TimelineView, worker: int) -> None:
    view.change_lanes(lambda choices: choices.toggle_pin(f"server › Worker {worker}"))


@pytest.fixture
def view(dark: Theme, make_view: MakeView) -> TimelineView:
    """Two workers pinned, in a view that has no room for all lanes."""
    made = make_view(dark, sample_store(2.0), live=False, height=330)
    made.set_density(Density.WIDE)
    made.show_time(BEGIN, BEGIN + SECOND // 2)
    pin(made, 2)
    pin(made, 3)
    assert made.scene.head == made.scene.layout.placed[3].y
    assert made.scene.most_scroll > 100
    return made


def picture(view: TimelineView) -> QImage:
    """The timeline without its scroll bar, once all of it is painted."""
    view.grab()
    while view.lanes.waiting:
        view.grab()
    return view.grab().toImage().copy(0, 0, view.width() - 12, view.height())


def head_of(view: TimelineView) -> QImage:
    """The pinned rows as shown, without the line below them."""
    return picture(view).copy(0, view.lanes.y(), view.width() - 12, view.scene.head - 1)


def test_they_stay_in_sight_and_the_others_scroll(view: TimelineView) -> None:
    scene = view.scene
    at_first, all_at_first = head_of(view), picture(view)
    view.scroll_to(scene.most_scroll)
    assert head_of(view) == at_first
    assert picture(view) != all_at_first
    assert scene.in_sight(scene.layout.placed[-1]), "the last row is reached"
    assert [placed.row.title for placed in scene.in_view()[:3]] == ["Pinned", "Worker 2", "Worker 3"]
    view.scroll_to(0)
    assert picture(view) == all_at_first


def test_what_is_at_a_height_is_what_is_seen_there(view: TimelineView) -> None:
    scene = view.scene
    view.scroll_to(scene.most_scroll)
    before = head_of(view)
    pinned = scene.layout.of_track(WORKER)
    assert pinned is not None
    assert scene.top_of(pinned) == pinned.y
    assert scene.row_at(pinned.y + 1) is pinned
    below = scene.row_at(scene.head)
    assert below is not None
    assert scene.top_of(below) <= scene.head < scene.top_of(below) + below.height
    assert scene.row_at(scene.room - 1) is scene.layout.placed[-1]
    store = scene.store
    assert store is not None
    span = next(iter(store.slices(WORKER, 0, BEGIN, BEGIN + SECOND // 2)))
    x = round(scene.view.x(int(span.start[0] + span.end[0]) // 2))
    QTest.mouseClick(view.lanes, LEFT, NONE, QPoint(x, pinned.bottom - 12))
    assert scene.selection.span is not None
    assert scene.selection.span.track == WORKER
    assert head_of(view) != before, "what is selected is marked there, too"


def test_too_many_of_them_leave_the_others_room(view: TimelineView) -> None:
    pin(view, 1)
    pin(view, 4)
    scene = view.scene
    assert 0 < scene.head <= 0.6 * scene.room
    titles = [placed.row.title for placed in scene.head_rows()]
    assert titles == ["Pinned", "Worker 2", "Worker 3"]
    view.scroll_to(scene.most_scroll)
    assert scene.in_sight(scene.layout.placed[-1])
    view.change_lanes(lambda choices: choices.reset_order())
    assert scene.head == 0


def test_what_is_gone_to_is_not_behind_them(view: TimelineView) -> None:
    scene = view.scene
    others = [placed.row.key for placed in scene.layout.placed if placed.y >= scene.head]
    for key in others:
        for scroll in (0, scene.most_scroll):
            view.scroll_to(scroll)
            view.go_to_row(key)
            placed = scene.layout.find(key)
            assert placed is not None
            assert scene.in_sight(placed), placed.row.title
    last = scene.layout.placed[-1]
    view.scroll_to(0)
    assert scene.in_sight(last) is False
    assert scene.scroll_to_see(last) <= last.y - scene.head


def test_the_frame_of_the_keyboard_is_around_all_lanes(view: TimelineView) -> None:
    view.setFocus()
    view.scene.cursor_shown = True
    at_first = head_of(view)
    view.scroll_to(view.scene.most_scroll)
    shown = picture(view).copy(0, view.lanes.y(), view.width() - 12, view.scene.head - 1)
    view.clearFocus()
    view.scroll_to(0)
    assert head_of(view) != at_first
    assert shown == at_first
