"""Where a request stands among all of its route: the histogram of their latencies, its own bin in the accent."""

import numpy as np
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.collect.source import Array
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import CENTER, LEFT, RIGHT, draw_text
from explorer.desktop.words import duration

BINS = 48
HEIGHT, AXIS = 44, 16
WIDE_RANGE = 30.0


class PlaceChart(QWidget):
    """Latencies from the lowest to the highest, on a log axis if they differ by much; and the place of one."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._counts = np.zeros(BINS, np.int64)
        self._own = -1
        self._ends: tuple[float, float, float] = (0.0, 0.0, 0.0)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)
        theme.changed.connect(self.update)

    def show_place(self, latencies: Array, own: int) -> str:
        """Draw `latencies` (n,) ns and mark `own` (ns); returns the place in words: "slower than 98 %"."""
        low, high = max(1.0, float(latencies.min())), max(2.0, float(latencies.max()))
        log = high / low > WIDE_RANGE
        scale = np.log if log else np.asarray
        first, last = float(scale(low)), float(scale(high))
        width = max(last - first, 1e-9) / BINS
        at = np.clip(((scale(np.maximum(latencies, 1.0)) - first) / width).astype(np.int64), 0, BINS - 1)
        self._counts = np.bincount(at, minlength=BINS)
        self._own = int(np.clip((float(scale(max(own, 1.0))) - first) / width, 0, BINS - 1))
        middle = float(np.exp((first + last) / 2)) if log else (first + last) / 2
        self._ends = low, middle, high
        below = 100 * float(np.count_nonzero(latencies < own)) / len(latencies)
        words = f"slower than {below:.1f} %" if 99 < below < 100 else f"slower than {below:.0f} %"
        self.setAccessibleName(f"Latencies from {duration(low)} to {duration(high)}; this one is {words} of them")
        self.update()
        return words

    def sizeHint(self) -> QSize:
        """Bars and an axis."""
        return QSize(self._theme.px(200), self._theme.px(HEIGHT + AXIS))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Bars, the own one in the accent and at least 3 px high, and three figures."""
        theme, px, painter = self._theme, self._theme.px, QPainter(self)
        floor, most = px(HEIGHT), max(1, int(self._counts.max()))
        width = self.width() / BINS
        for place, number in enumerate(self._counts.tolist()):
            if not number and place != self._own:
                continue
            high = max(2.0 if place != self._own else 4.0, (floor - 2) * number / most)
            color = theme.color("accent" if place == self._own else "line2")
            painter.fillRect(QRectF(place * width, floor - high, max(1.0, width - 1), high), color)
        painter.fillRect(QRectF(0, floor, self.width(), 1), theme.color("line"))
        font, ink = theme.font(11), theme.color("text3")
        for text, side in zip((duration(end) for end in self._ends), (LEFT, CENTER, RIGHT), strict=True):
            draw_text(painter, QRectF(0, floor + 1, self.width(), px(AXIS)), text, font, ink, side)
        painter.end()
