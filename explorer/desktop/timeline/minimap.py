"""The minimap: the whole run in stacked shares, and the part of it that the lanes show as a window to be dragged.

It counts a run in the time that frames leave it (`whole_run`). Markers are accent lines, losses red, search hits ink
ticks below the upper edge.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from enum import Enum, auto
from typing import Final

import numpy as np
from PySide6.QtCore import QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QColor,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.collect.source import Array
from explorer.desktop.theme import Theme
from explorer.desktop.timeline.hands import ZOOM_STEP
from explorer.desktop.timeline.view import TimelineView
from explorer.desktop.timeline.whole_run import WholeRun
from explorer.desktop.widgets.focus import BY_KEYBOARD
from explorer.desktop.widgets.paint import LEFT, draw_text
from explorer.desktop.words import duration, moment
from explorer.records.states import State
from explorer.store.coverage import STATES
from explorer.store.store import Store

HEIGHT: Final = 44
COMPACT_HEIGHT: Final = 26
PAD: Final = 4
NARROWEST_PX: Final = 10
"""The window is at least as wide, so that it is seen and can be taken hold of."""
REACH: Final = 5
ALLOWANCE_S: Final = 0.001
"""Time of a frame that may go into counting."""
SHARE: Final = 0.015
MOST_ALLOWANCE_S: Final = 0.008
"""Where frames come late, since the machine is busy, each has more to count: this share of the time since the one
before, and no more than that.
"""
AGAIN_MS: Final = 15
AGAIN_ALLOWANCE_S: Final = 0.004
"""The same where no frames come any more, and how often."""
EVERY_S: Final = 0.25
"""How often what is new is looked for, and the picture made anew."""
RECOUNT_S: Final = 5.0
"""What was missed is a reason to count anew, but not more often."""
VEIL: Final = 110
CHOSEN: Final = 46
HIT_TALL: Final = 7
STEP_SHARE: Final = 0.02
PAGE_SHARE: Final = 0.1
MOST_COLUMNS: Final = 1_024


class Grip(Enum):
    """What of the window is held."""

    INSIDE = auto()
    BEGIN = auto()
    END = auto()


class Minimap(QWidget):
    """Stands above a view's axis. `clock` (seconds of this thread) measures the allowance, `wall` tells time."""

    def __init__(
        self,
        theme: Theme,
        view: TimelineView,
        parent: QWidget | None = None,
        clock: Callable[[], float] = time.thread_time,
        wall: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._view = view
        self._scene = view.scene
        self._clock, self._wall = clock, wall
        self._run: WholeRun | None = None
        self._next: WholeRun | None = None
        self._image: QImage | None = None
        self._pixels: Array | None = None
        self._placed = (0, 0)
        self._seen = -1
        self._pictured = 0  # how many spans the picture is of
        self._looked = self._recounted = self._framed = float("-inf")
        self._hits: Array = np.zeros(0, "<i8")
        self._changes = self._deaths = self._hits
        self._losses: Array = np.zeros((0, 2), "<i8")
        self._marks_known: object = None
        self._grip: Grip | None = None
        self._grip_x = 0.0
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.timeout.connect(lambda: self._work(AGAIN_ALLOWANCE_S))
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Whole run")
        self.setAccessibleDescription("Arrow keys move what the lanes show, plus and minus show less or more time.")
        self.set_compact(False)
        view.view_changed.connect(lambda: self.update())
        view.header_width_changed.connect(lambda: self.update())
        view.range.changed.connect(lambda: self.update())
        theme.changed.connect(self._restyle)

    @property
    def run(self) -> WholeRun | None:
        """What has been counted, to be read."""
        return self._run

    @property
    def waiting(self) -> bool:
        """Whether there is more to be counted."""
        return self._run is not None and (self._run.busy or self._next is not None or self._seen != self._newest())

    @property
    def hits(self) -> Array:
        """The moments (ns) that are marked as hits of a search."""
        return self._hits

    def set_compact(self, compact: bool) -> None:
        """26 px high instead of 44."""
        self._compact = compact
        self.setFixedHeight(self._theme.px(COMPACT_HEIGHT if compact else HEIGHT))

    def set_hits(self, times_ns: Array) -> None:
        """Mark these moments ((n,) of i8 ns), the hits of a search; none takes the marks away."""
        self._hits = np.asarray(times_ns, "<i8")
        self.update()

    def frame(self) -> None:
        """Count a little of what is new; to be called at each frame."""
        store = self._scene.store
        if (self._run.store if self._run is not None else None) is not store:
            self._begin(store)
        if self._run is None or not self.isVisible():
            return
        now = self._wall()
        since, self._framed = now - self._framed, now
        if self._run.busy or self._next is not None or now - self._looked >= EVERY_S:
            self._work(max(ALLOWANCE_S, min(SHARE * since, MOST_ALLOWANCE_S)))
        elif self.waiting and not self._scene.follow.live and not self._again.isActive():
            self._again.start(round(EVERY_S * 1000))  # this may be the last frame, of a recording that has been read

    def sizeHint(self) -> QSize:
        """One strip."""
        return QSize(500, self.height())

    # -- counting --------------------------------------------------------------------------------------------------

    def _begin(self, store: Store | None) -> None:
        self._run = None if store is None else WholeRun(store)
        self._next, self._image, self._seen, self._pictured = None, None, -1, 0
        self._looked = self._recounted = float("-inf")
        self._hits = np.zeros(0, "<i8")
        self.update()

    def _newest(self) -> int:
        store = self._scene.store
        return 0 if store is None else store.count + store.dropped

    def _work(self, allowance: float) -> None:
        run, began = self._run, self._clock()
        if run is None or not self.isVisible():
            return
        if self._next is None and run.missed and self._wall() - self._recounted >= RECOUNT_S:
            self._recounted, self._next = self._wall(), WholeRun(run.store)
        newest, due, done = self._newest(), self._wall() - self._looked >= EVERY_S, False

        def allowed() -> bool:
            return self._clock() - began < allowance

        # What is new goes first: whoever looks must not wait until all has been counted anew.
        if due or run.busy or self._next is None:
            done = run.update(allowed)
            self._seen = newest if done else self._seen
        if self._next is not None and not run.busy and (not done or allowed()) and self._next.update(allowed):
            run, self._run, self._next, done = self._next, self._next, None, True
        if due or (done and run.spans != self._pictured):
            self._looked = self._wall()
            self._draw()
        # A live run has frames, which go on with it. One that has ended has none: the rest would never be counted.
        if self.waiting and not self._scene.follow.live:
            self._again.start(AGAIN_MS if run.busy or self._next is not None else round(EVERY_S * 1000))

    def _draw(self) -> None:
        run = self._run
        if run is None:
            return
        self._pictured = run.spans
        lane = self._theme.color("lane").rgb()
        palette = np.full(STATES, lane, "<u4")
        for state in State:
            if state is not State.NONE:
                fill = self._theme.color("idle") if state is State.UNKNOWN else self._theme.state(state).fill
                palette[state] = fill.rgb()
        height = max(1, min(255, self.height() - 2 * PAD))
        most = max(16, min(MOST_COLUMNS, self._room().width()))
        picture, begin, bits = run.picture(most, height, palette)
        self._pixels = np.ascontiguousarray(picture)
        columns = self._pixels.shape[1]
        self._image = QImage(self._pixels.data, columns, height, columns * 4, QImage.Format.Format_RGB32)
        self._placed = begin, begin + (columns << bits)
        self.update()

    # -- places ----------------------------------------------------------------------------------------------------

    def _room(self) -> QRect:
        left = self._view.headers.width()
        return QRect(left, 0, max(1, self.width() - left), self.height())

    def _extent(self) -> tuple[int, int]:
        begin, end = self._scene.bounds()
        return begin, max(end, begin + 1)

    def _x(self, time: int) -> float:
        begin, end = self._extent()
        room = self._room()
        return room.left() + (time - begin) * room.width() / (end - begin)

    def _time(self, x: float) -> int:
        begin, end = self._extent()
        room = self._room()
        return begin + round((x - room.left()) * (end - begin) / room.width())

    def window_rect(self) -> QRectF:
        """Where the part that the lanes show is, at least ten pixels wide."""
        room, view = self._room(), self._scene.view
        left = min(max(self._x(view.begin), room.left()), room.right() - NARROWEST_PX)
        right = min(max(self._x(view.end), room.left()), room.right())
        if right - left < NARROWEST_PX:
            middle = min(max((left + right) / 2, room.left() + NARROWEST_PX / 2), room.right() - NARROWEST_PX / 2)
            left, right = middle - NARROWEST_PX / 2, middle + NARROWEST_PX / 2
        return QRectF(left, 1, right - left, self.height() - 3)

    def _grip_at(self, x: float) -> Grip | None:
        box = self.window_rect()
        # A small window is held by what lies outside it, so that its middle is left to move it.
        inner = min(REACH, box.width() / 4)
        if box.left() - REACH <= x < box.left() + inner:
            return Grip.BEGIN
        if box.right() - inner < x <= box.right() + REACH:
            return Grip.END
        return Grip.INSIDE if box.left() <= x <= box.right() else None

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what came while nobody looked."""
        super().showEvent(event)
        self.frame()

    # -- painting --------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Words at the left, the run, what is marked in it, and the window over all."""
        theme, painter = self._theme, QPainter(self)
        room, height = self._room(), self.height()
        painter.fillRect(self.rect(), theme.color("panel"))
        painter.fillRect(QRect(room.left(), 0, room.width(), height), theme.color("lane"))
        painter.fillRect(QRect(room.left() - 1, 0, 1, height), theme.color("line"))
        painter.fillRect(QRect(0, height - 1, self.width(), 1), theme.color("line"))
        if self._scene.store is not None and self._scene.store.first is not None:
            self._paint_words(painter, room)
            painter.setClipRect(room)
            self._paint_run(painter, room)
            self._paint_marks(painter, room)
            self._paint_window(painter)
        painter.end()

    def _paint_words(self, painter: QPainter, room: QRect) -> None:
        begin, end = self._extent()
        rect = QRectF(12, 0, room.left() - 20, self.height() - 1)
        words = f"Whole run, {duration(end - begin)}"
        draw_text(painter, rect, words, self._theme.font(11, 500), self._theme.color("text3"), int(LEFT))

    def _paint_run(self, painter: QPainter, room: QRect) -> None:
        if self._image is not None:
            left, right = self._x(self._placed[0]), self._x(self._placed[1])
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
            painter.drawImage(QRectF(left, PAD, right - left, self.height() - 2 * PAD), self._image)
        box, veil = self.window_rect(), self._theme.color("shade", VEIL)
        painter.fillRect(QRectF(room.left(), 0, box.left() - room.left(), self.height() - 1), veil)
        painter.fillRect(QRectF(box.right(), 0, room.right() + 1 - box.right(), self.height() - 1), veil)

    def _paint_marks(self, painter: QPainter, room: QRect) -> None:
        theme, scene, height = self._theme, self._scene, self.height()
        store = scene.store
        if store is None:
            return
        self._note_marks(store)
        self._stripes(painter, self._losses[:, 0], self._losses[:, 1], theme.color("danger", 190))
        written = np.array([note.time for note in scene.notes.shown] if scene.notes is not None else [], "<i8")
        for times, ink in ((self._changes, "accent"), (written, "accent"), (self._deaths, "danger")):
            self._stripes(painter, times, times, theme.color(ink))
        if scene.range is not None:
            left, right = self._x(scene.range.begin), self._x(scene.range.end)
            painter.fillRect(QRectF(left, 0, max(2.0, right - left), height - 1), theme.color("accent", CHOSEN))
        self._stripes(painter, self._hits, self._hits, theme.color("text"), min(HIT_TALL, height // 3))

    def _note_marks(self, store: Store) -> None:
        """Take the times of markers and losses out of a store's lists, where these have changed."""
        known = len(store.markers), len(store.losses), store.markers[-1:], store.losses[-1:]
        if known == self._marks_known:
            return
        self._marks_known = known
        shown = [marker for marker in store.markers if marker.kind not in ("begin", "end")]
        self._changes = np.array([marker.time for marker in shown if marker.kind != "death"], "<i8")
        self._deaths = np.array([marker.time for marker in shown if marker.kind == "death"], "<i8")
        self._losses = np.array([(loss.start, loss.end) for loss in store.losses], "<i8").reshape(-1, 2)

    def _stripes(self, painter: QPainter, begins: Array, ends: Array, ink: QColor, high: int | None = None) -> None:
        """Mark stretches of time, each at least two pixels wide: of thousands only as many as there are pixels."""
        if not len(begins):
            return
        begin, end = self._extent()
        room = self._room()
        width, scale = room.width(), room.width() / (end - begin)
        left = ((begins - begin) * scale).astype("<i8")
        right = np.maximum(((ends - begin) * scale).astype("<i8"), left + 2)
        left, right = np.clip(left, 0, width), np.clip(right, 0, width)
        begun = np.bincount(left, minlength=width + 1) - np.bincount(right, minlength=width + 1)
        edges = np.flatnonzero(np.diff(np.cumsum(begun) > 0, prepend=False, append=False))
        top = self.height() - 1 if high is None else high
        for first, last in edges.reshape(-1, 2).tolist():
            painter.fillRect(QRect(room.left() + first, 0, last - first, top), ink)

    def _paint_window(self, painter: QPainter) -> None:
        theme, box = self._theme, self.window_rect()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        held = self.hasFocus() or self._grip is not None
        painter.setPen(QPen(theme.color("accent" if held else "text"), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box.adjusted(1, 0, -1, 0), 3, 3)

    # -- hands -----------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the window, or go where there is none, and hold it there."""
        x = event.position().x()
        if event.button() is not Qt.MouseButton.LeftButton or x < self._room().left() or self._scene.store is None:
            event.ignore()
            return
        self._grip = self._grip_at(x)
        if self._grip is None:
            self._grip = Grip.INSIDE
            self._centre(x)
        view = self._scene.view
        held = {Grip.INSIDE: view.begin, Grip.BEGIN: view.begin, Grip.END: view.end}[self._grip]
        self._grip_x = x - self._x(held)
        self._point(x)
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag what is held."""
        x = event.position().x()
        if self._grip is None or not event.buttons() & Qt.MouseButton.LeftButton:
            self._grip = None
            self._point(x)
            return
        view, time = self._scene.view, self._time(x - self._grip_x)
        if self._grip is Grip.INSIDE:
            self._view.look(replace(view, begin=time))
        elif self._grip is Grip.BEGIN:
            self._view.show_time(min(time, view.end - 1), view.end)
        else:
            self._view.show_time(view.begin, max(time, view.begin + 1))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._grip = None
        self._point(event.position().x())
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom the lanes around the middle of what they show; sideways moves them."""
        delta = event.angleDelta()
        if abs(delta.x()) > abs(delta.y()):
            self._view.look(self._scene.view.panned(delta.x()))
        elif delta.y():
            self._view.zoom(ZOOM_STEP ** (-delta.y() / 120))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move by a little, Page up and down by much; plus and minus zoom."""
        if event.modifiers() & ~(Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier):
            super().keyPressEvent(event)
            return
        match Qt.Key(event.key()):
            case Qt.Key.Key_Left:
                self._step(-STEP_SHARE)
            case Qt.Key.Key_Right:
                self._step(STEP_SHARE)
            case Qt.Key.Key_PageUp:
                self._step(-PAGE_SHARE)
            case Qt.Key.Key_PageDown:
                self._step(PAGE_SHARE)
            case Qt.Key.Key_Up | Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self._view.zoom_in()
            case Qt.Key.Key_Down | Qt.Key.Key_Minus:
                self._view.zoom_out()
            case Qt.Key.Key_Home:
                self._view.go_begin()
            case Qt.Key.Key_End:
                self._view.go_now()
            case _:
                super().keyPressEvent(event)
                return
        self._announce()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Say what is shown, if it was the keyboard that came here."""
        if event.reason() in BY_KEYBOARD:
            self._announce()
        self.update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The outline is ink again."""
        self.update()
        super().focusOutEvent(event)

    def words(self) -> str:
        """ "Shows 1.204 s to 1.468 s of 20 s"."""
        begin, end = self._extent()
        view, origin = self._scene.view, self._scene.origin
        shown = (moment(max(begin, min(time, end)) - origin, 3) for time in (view.begin, view.end))
        return f"Shows {' to '.join(shown)} of {duration(end - begin)}"

    def _announce(self) -> None:
        words = self.words()
        self.setAccessibleDescription(words)
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))

    def _centre(self, x: float) -> None:
        view = self._scene.view
        self._view.look(replace(view, begin=self._time(x) - view.length // 2))

    def _step(self, share: float) -> None:
        begin, end = self._extent()
        view = self._scene.view
        self._view.look(replace(view, begin=view.begin + round(share * (end - begin))))

    def _point(self, x: float) -> None:
        grip = self._grip or self._grip_at(x)
        if grip in (Grip.BEGIN, Grip.END):
            self.setCursor(Qt.CursorShape.SizeHorCursor)
        elif grip is Grip.INSIDE:
            held = self._grip is Grip.INSIDE
            self.setCursor(Qt.CursorShape.ClosedHandCursor if held else Qt.CursorShape.OpenHandCursor)
        else:
            self.unsetCursor()

    def _restyle(self) -> None:
        self.set_compact(self._compact)
        self._draw()
