"""Hands on the lanes: wheel, pinch, drag, click, double-click, the mouse's own back and forward, and the chip that
follows the pointer.
"""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QMouseEvent, QNativeGestureEvent, QWheelEvent

from explorer.collect.source import Array, OpenSpan
from explorer.desktop.event_marks import SIZE
from explorer.desktop.timeline.bands import band_at
from explorer.desktop.timeline.chip import Chip
from explorer.desktop.timeline.counters import value_at
from explorer.desktop.timeline.follow import Follow
from explorer.desktop.timeline.marks import TOP, mark_at
from explorer.desktop.timeline.rows import Row, RowKind
from explorer.desktop.timeline.selection import AnySpan, describe, span_at
from explorer.desktop.timeline.viewport import Viewport
from explorer.desktop.words import count, duration, event_words, moment
from explorer.records.event_kinds import EVENT_KINDS
from explorer.records.states import Kind
from explorer.store.rows import Span

if TYPE_CHECKING:
    from explorer.desktop.timeline.view import TimelineView

HOVER_MS = 150
NEAR_PX = 4
DRAG_FROM = 4
ZOOM_STEP = 1.25
PINCH_MOST = 0.9
PANNING = Qt.MouseButton.LeftButton | Qt.MouseButton.MiddleButton


class Hands(QObject):
    """Watches a view's lanes and headers and turns what the mouse does into moves of the view."""

    def __init__(self, view: "TimelineView", chip: Chip) -> None:
        super().__init__(view)
        self._view = view
        self._scene = view.scene
        self._lanes = view.lanes
        self._chip = chip
        self._press: QPoint | None = None
        self._press_view: Viewport | None = None
        self._press_scroll = 0
        self._dragged = False
        self._pointer: QPoint | None = None
        self._hover = QTimer(self)
        self._hover.setSingleShot(True)
        self._hover.setInterval(HOVER_MS)
        self._hover.timeout.connect(self._show_chip)
        view.view_changed.connect(self.look_again)
        view.lanes.installEventFilter(self)
        view.headers.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hands on the lanes; the wheel on the headers too."""
        if watched is self._lanes:
            if isinstance(event, QMouseEvent):
                return self._mouse(event)
            if isinstance(event, QWheelEvent):
                self._wheel(event)
                return True
            if isinstance(event, QNativeGestureEvent):
                return self._pinch(event)
            if event.type() is QEvent.Type.Leave:
                self._pointer = None
                self._hover.stop()
                self._chip.hide()
        elif isinstance(event, QWheelEvent):
            self._view.scroll_to(self._scene.scroll - event.angleDelta().y() // 2)
            return True
        return False

    def _mouse(self, event: QMouseEvent) -> bool:
        kind, place = event.type(), event.position().toPoint()
        if kind is QEvent.Type.MouseMove:
            self._move(event, place)
        elif event.button() not in PANNING:
            return self._back_or_forward(event)
        elif kind is QEvent.Type.MouseButtonPress:
            self._view.setFocus(Qt.FocusReason.MouseFocusReason)
            self._scene.cursor_shown = False
            self._press, self._press_view, self._dragged = place, self._scene.view, False
            self._press_scroll = self._scene.scroll
        elif kind is QEvent.Type.MouseButtonDblClick:
            if event.button() is Qt.MouseButton.LeftButton:
                self._double_click(place)
        elif kind is QEvent.Type.MouseButtonRelease:
            left = event.button() is Qt.MouseButton.LeftButton
            if left and self._press is not None and not self._dragged:
                self._click(place)
            self._press = None
            self._lanes.unsetCursor()
        else:
            return False
        return True

    def _back_or_forward(self, event: QMouseEvent) -> bool:
        """The side buttons of a mouse go back to where the view was, and forward again."""
        if event.button() not in (Qt.MouseButton.BackButton, Qt.MouseButton.ForwardButton):
            return False
        if event.type() in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick):
            if event.button() is Qt.MouseButton.BackButton:
                self._view.go_back()
            else:
                self._view.go_forward()
        return True

    def _pinch(self, event: QNativeGestureEvent) -> bool:
        """Two fingers on a trackpad zoom at the place between them."""
        if event.gestureType() is not Qt.NativeGestureType.ZoomNativeGesture:
            return False
        self._chip.hide()
        self._view.zoom(1 / (1 + min(max(event.value(), -PINCH_MOST), PINCH_MOST)), event.position().x())
        return True

    def _move(self, event: QMouseEvent, place: QPoint) -> None:
        self._pointer = place
        if self._press is not None and self._press_view is not None and event.buttons() & PANNING:
            moved = place - self._press
            if not self._dragged and abs(moved.x()) < DRAG_FROM and abs(moved.y()) < DRAG_FROM:
                return
            if not self._dragged:
                self._dragged = True
                self._chip.hide()
                self._lanes.setCursor(Qt.CursorShape.ClosedHandCursor)
            self._view.look(self._press_view.panned(moved.x()))
            self._view.scroll_to(self._press_scroll - moved.y())
            return
        if self._chip.isVisible():
            self._show_chip()
        else:
            self._hover.start()

    def _click(self, place: QPoint) -> None:
        placed = self._scene.row_at(place.y())
        if placed is not None and placed.row.kind in (RowKind.GROUP, RowKind.FOLD):
            self._view.toggle(placed.row)
            return
        span = self._under(place)
        if isinstance(span, Span):  # what is over would soon be out of sight; what goes on stays
            self._view.set_following(False)
        self._view.select(span)

    def _double_click(self, place: QPoint) -> None:
        span = self._under(place)
        if span is not None:
            self._view.select(span)
            self._view.zoom_to_selection()
        self._press = None

    def _wheel(self, event: QWheelEvent) -> None:
        delta, modifiers = event.angleDelta(), event.modifiers()
        if modifiers & Qt.KeyboardModifier.ShiftModifier or abs(delta.x()) > abs(delta.y()):
            if modifiers & Qt.KeyboardModifier.ShiftModifier:
                self._view.scroll_to(self._scene.scroll - (delta.y() or delta.x()) // 2)
            else:
                view = self._scene.view
                self._view.look(view.panned(delta.x()))
            return
        if delta.y():
            self._chip.hide()
            self._view.zoom(ZOOM_STEP ** (-delta.y() / 120), event.position().x())

    def _under(self, place: QPoint) -> AnySpan | None:
        scene, store = self._scene, self._scene.store
        placed = scene.row_at(place.y())
        band = band_at(placed, scene.content_y(place.y())) if placed is not None else None
        if store is None or placed is None or band is None:
            return None
        view = scene.view
        tolerance = max(1, round(view.ns_per_px * NEAR_PX))
        time, pixel = view.time(place.x()), round(view.ns_per_px)
        if scene.follow.replays and time > scene.follow.now:
            return None
        event = self._mark_under(place)
        if event is not None and place.y() <= scene.top_of(placed) + TOP + SIZE:
            # Who points at a mark means what it marks, however short that was.
            marked = store.find(placed.row.track, 0, int(event["time"]))
            if marked is not None:
                return marked
        return span_at(store, scene.open_spans, band.track, time, tolerance, scene.known(), pixel)

    def _mark_under(self, place: QPoint) -> Array | None:
        """The event that is marked there on a loop's lane."""
        scene = self._scene
        placed = scene.row_at(place.y())
        if scene.events is None or placed is None or not scene.is_loop(placed.row.track):
            return None
        view = scene.view
        time = view.time(place.x())
        if time > scene.known():
            return None
        tolerance = round(view.ns_per_px * NEAR_PX)
        return mark_at(scene.events, placed.row.track, time, tolerance, scene.event_kinds)

    def look_again(self) -> None:
        """The lanes have moved under the pointer: what it says is that of another place."""
        if self._chip.isVisible() and (not self._view.following or self._scene.follow.replays):
            self._show_chip()

    def _show_chip(self) -> None:
        place, scene, store = self._pointer, self._scene, self._scene.store
        if place is None or store is None:
            self._chip.hide()
            return
        lines: tuple[str, ...] = ()
        span = self._under(place)
        placed = scene.row_at(place.y())
        if span is not None:
            lines = describe(store, as_known(span, scene.follow), scene.lane_title(span.track), scene.follow.now)
            if span.kind is Kind.GIL_HELD and placed is not None:
                lines = (f"{self._holder(span, placed.row)} {lines[0]}", lines[-1])
            event = self._mark_under(place)
            if event is not None:
                lines = (*lines[:-1], event_words(EVENT_KINDS[int(event["kind"]) - 1], int(event["wait"])), lines[-1])
        elif placed is not None and placed.row.kind is RowKind.COUNTER and placed.row.track in store.counters:
            time = scene.view.time(place.x())
            value = value_at(store.counters[placed.row.track], time)
            if value is not None and time <= self._scene.known():
                at = moment(time - scene.origin, 3)
                lines = (f"{count(value)} {placed.row.tag}".strip(), placed.row.title, f"at {at}")
        lines = lines or self._hatch_words(scene.view.time(place.x()))
        if lines:
            self._chip.show_at(self._lanes.mapTo(self._view, place), lines, self._lanes.geometry())
        else:
            self._chip.hide()

    def _holder(self, span: AnySpan, row: Row) -> str:
        """Who held the GIL, by the name of its lane."""
        _, title = self._scene.threads(row.group).get(span.value, (0, ""))
        return title or f"thread {span.value}" if span.value else "A thread that is not known"

    def _hatch_words(self, time: int) -> tuple[str, ...]:
        """Why a live view is hatched at `time` (ns), if it is."""
        follow = self._scene.follow
        if not follow.live or not follow.horizon < time <= follow.now:
            return ()
        lag = duration(round((follow.now - follow.horizon) / 1e6) * 1_000_000)
        return ("Not yet known", f"What ended in the last {lag} is still being collected")


def as_known(span: AnySpan, follow: Follow) -> AnySpan:
    """A span as it was at the moment that is shown: what a replay has not come to the end of goes on."""
    if not isinstance(span, Span) or follow.until(span.end) == span.end:
        return span
    return OpenSpan(span.track, span.depth, span.start, span.name, span.request, span.kind, span.state, span.value)
