"""Hands on the range: Shift-drag chooses one, its edges can be dragged, Shift-click moves the nearer edge."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QMouseEvent

from explorer.desktop.timeline.range.time_range import Edge, TimeRange, between

if TYPE_CHECKING:
    from explorer.desktop.timeline.view import TimelineView

REACH = 5
DRAG_FROM = 4
SHIFT = Qt.KeyboardModifier.ShiftModifier
LEFT = Qt.MouseButton.LeftButton


class RangeHands(QObject):
    """Sees what the mouse does on a view's lanes before `Hands` does, and takes what means the range."""

    def __init__(self, view: "TimelineView") -> None:
        super().__init__(view)
        self._view = view
        self._scene = view.scene
        self._lanes = view.lanes
        self._pressed: float | None = None
        self._anchor = 0
        self._edge: Edge | None = None
        self._dragged = False
        self._over_edge = False
        view.lanes.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the events of a drag that means the range."""
        if not isinstance(event, QMouseEvent) or self._scene.store is None:
            return False
        kind, x = event.type(), event.position().x()
        if kind is QEvent.Type.MouseMove:
            return self._move(event, x)
        if event.button() is not LEFT:
            return False
        if kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick):
            return self._press(event, x)
        if kind is QEvent.Type.MouseButtonRelease and self._pressed is not None:
            self._release(x)
            return True
        return False

    def _press(self, event: QMouseEvent, x: float) -> bool:
        edge = self._edge_at(x)
        if not event.modifiers() & SHIFT and edge is None:
            return False
        self._view.setFocus(Qt.FocusReason.MouseFocusReason)
        self._view.chip.hide()
        # What is chosen must not run away from under the pointer.
        self._view.set_following(False)
        self._pressed, self._edge, self._dragged = x, edge, False
        self._anchor = self._scene.view.time(x)
        return True

    def _move(self, event: QMouseEvent, x: float) -> bool:
        if self._pressed is None:
            self._show_cursor(x)
            return False
        if not event.buttons() & LEFT:
            self._pressed = None
            return False
        if not self._dragged and abs(x - self._pressed) < DRAG_FROM:
            return True
        self._dragged = True
        time = self._scene.view.time(min(max(x, 0.0), self._lanes.width()))
        chosen = self._scene.range
        if self._edge is not None and chosen is not None:
            moved, self._edge = chosen.moved(self._edge, time)
            self._view.range.choose(moved)
        else:
            self._view.range.choose(between(self._anchor, time))
        return True

    def _release(self, x: float) -> None:
        chosen = self._scene.range
        if self._dragged:
            self._view.range.announce()
        elif self._edge is None and chosen is not None:
            self._view.range.choose(_reaching(chosen, self._scene.view.time(x)), announce=True)
        self._pressed = None
        self._show_cursor(x)

    def _edge_at(self, x: float) -> Edge | None:
        chosen = self._scene.range
        return None if chosen is None else chosen.edge_at(self._scene.view, x, REACH)

    def _show_cursor(self, x: float) -> None:
        over = self._edge_at(x) is not None
        if over:
            self._lanes.setCursor(Qt.CursorShape.SizeHorCursor)
        elif self._over_edge:
            self._lanes.unsetCursor()
        self._over_edge = over


def _reaching(chosen: TimeRange, time: int) -> TimeRange:
    """With the nearer edge moved to `time`."""
    nearer = Edge.BEGIN if abs(time - chosen.begin) < abs(time - chosen.end) else Edge.END
    return chosen.moved(nearer, time)[0]
