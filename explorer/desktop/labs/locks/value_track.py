"""The number that a race is about, under the lanes and on their axis: each value in a box for as long as it stood, and
red where a write took others' additions back.
"""

from typing import Final

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.desktop.labs.locks.values import Write, writes
from explorer.desktop.theme import Theme
from explorer.desktop.timeline.view import TimelineView
from explorer.desktop.timeline.viewport import Viewport
from explorer.desktop.widgets.paint import CENTER, LEFT, draw_box, draw_text, text_width
from explorer.store.series import Series
from explorer.store.store import Store

HEIGHT: Final = 44


class ValueTrack(QWidget):
    """Paints one counter of the store below a view, by the name in `counter`; empty: none."""

    def __init__(self, theme: Theme, view: TimelineView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._view = view
        self.counter = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("The number that all raise")
        view.view_changed.connect(lambda begin, end: self.update())
        theme.changed.connect(self.updateGeometry)

    def series(self, store: Store | None) -> Series | None:
        """The counter's samples in a store."""
        if store is None or not self.counter:
            return None
        for number, series in store.counters.items():
            track = store.tracks.get(number)
            if track is not None and track.name == self.counter and len(series):
                return series
        return None

    def sizeHint(self) -> QSize:
        """One row."""
        return QSize(self._theme.px(300), self._theme.px(HEIGHT))

    def shown(self) -> list[Write]:
        """The values in view."""
        scene = self._view.scene
        series = self.series(scene.store)
        return [] if series is None else writes(series, scene.view.begin, min(scene.view.end, scene.known()))

    def story(self) -> str:
        """What happened at the first red value in view, in a sentence; empty where there is none."""
        found = self.shown()
        at = next((at for at, write in enumerate(found) if at and write.lost), 0)
        if not at:
            return ""
        write, before = found[at], found[at - 1].value
        gone = before - write.value + 1
        lost = "one addition is" if gone == 1 else f"{gone:,} additions are"
        return (
            f"Close up: somebody had read {write.value - 1:,}. Others went on to {before:,} meanwhile; then "
            f"{write.value:,} was written over it, and {lost} lost."
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        """Boxes, or where there are too many what to do."""
        painter, theme, px = QPainter(self), self._theme, self._theme.px
        scene = self._view.scene
        left = float(self._view.headers.width())
        draw_text(
            painter,
            QRectF(px(28), 0, left - px(28), self.height()),
            self.counter,
            theme.font(11, 600, True),
            theme.color("text2"),
            LEFT,
        )
        painter.setClipRect(QRectF(left, 0, self.width() - left, self.height()))
        found = self.shown()
        if not found and self.series(scene.store) is not None:
            words = "Zoom in (W) to see each value."
            draw_text(
                painter,
                QRectF(left, 0, self.width() - left, self.height()),
                words,
                theme.font(11),
                theme.color("text3"),
                CENTER,
            )
        for write in found:
            self._box(painter, scene.view, write, left)
        painter.end()

    def _box(self, painter: QPainter, view: Viewport, write: Write, left: float) -> None:
        theme = self._theme
        begin, end = view.x(write.time), view.x(write.until)
        begin, end = max(begin, -20.0), min(end, view.width + 20.0)
        box = QRectF(left + begin, 2, max(2.0, end - begin - 2), self.height() - 4)
        lost = write.lost
        border = theme.color("danger" if lost else "line2")
        draw_box(painter, box, 4, theme.color("danger_bg" if lost else "raised"), border, 1.6 if lost else 1.0)
        font, small = theme.font(13, 600), theme.font(11, 500)
        ink = theme.color("danger" if lost else "text")
        due = f"not {write.due:,}"
        if lost and text_width(small, due) <= box.width() - 4:
            lower = box.adjusted(0, box.height() * 0.46, 0, -2)
            draw_text(painter, lower, due, small, ink, CENTER)
            box = box.adjusted(0, 2, 0, -box.height() * 0.44)
        if text_width(font, f"{write.value:,}") <= box.width() - 4:
            draw_text(painter, box, f"{write.value:,}", font, ink, CENTER)
