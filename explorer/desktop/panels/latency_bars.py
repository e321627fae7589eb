"""A histogram of latencies on a logarithmic axis, with marks such as the median; in ink, as it counts no state."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from explorer.collect.source import Array
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import CENTER, draw_text, text_width
from explorer.desktop.widgets.scale import Axis, log_axis, ticks_125
from explorer.desktop.words import count, duration

HEIGHT: Final = 130
FOOT: Final = 18
HEAD: Final = 18
BAR: Final = 7
"""Width of a bar, px; the axis has as many as there is room for."""


@dataclass(frozen=True, slots=True)
class Bins:
    """`counts` (n,) between `edges` (n + 1,) of ns, on `axis` (ns)."""

    edges: Array
    counts: Array
    axis: Axis


def bins_of(latencies: Array, bins: int) -> Bins:
    """The histogram of (n,) ns in so many bins of equal width on a logarithmic axis with round ends."""
    axis = log_axis(np.maximum(latencies, 1).astype("<f8"))
    edges = np.geomspace(axis.low, axis.high, max(2, bins) + 1)
    counts, _ = np.histogram(np.maximum(latencies, 1), edges)
    return Bins(edges, counts, axis)


class LatencyBars(QWidget):
    """Shows latencies ((n,) i8 ns, ascending)."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._values: Array = np.zeros(0, "<i8")
        self._marks: tuple[tuple[str, int], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(60)
        self.setAccessibleName("Latencies")
        theme.changed.connect(self.update)

    def show_latencies(self, values: Array, marks: tuple[tuple[str, int], ...]) -> None:
        """Show these; `marks` are named moments of the axis (ns), such as the median."""
        self._values, self._marks = values, marks
        said = ", ".join(f"{name} {duration(at)}" for name, at in marks)
        self.setAccessibleDescription(f"{count(len(values))} requests. {said}".strip())
        self.update()

    def sizeHint(self) -> QSize:
        """A small chart."""
        return QSize(300, self._theme.px(HEIGHT))

    def bins(self) -> Bins:
        """The bins as they are drawn."""
        return bins_of(self._values, max(8, self.width() // self._theme.px(BAR)))

    def event(self, event: QEvent) -> bool:
        """How many requests a bar stands for."""
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and len(self._values):
            bins = self.bins()
            at = min(int(event.pos().x() * len(bins.counts) / max(1, self.width())), len(bins.counts) - 1)
            low, high = duration(bins.edges[at]), duration(bins.edges[at + 1])
            QToolTip.showText(event.globalPos(), f"{count(int(bins.counts[at]))} requests took {low} to {high}", self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Bars on their axis."""
        theme, painter = self._theme, QPainter(self)
        painter.fillRect(self.rect(), theme.color("panel"))
        if len(self._values):
            bins = self.bins()
            self._paint_bars(painter, bins)
            self._paint_axis(painter, bins)
            self._paint_marks(painter, bins)
        painter.end()

    def _floor(self) -> int:
        return self.height() - self._theme.px(FOOT)

    def _paint_bars(self, painter: QPainter, bins: Bins) -> None:
        head, floor = self._theme.px(HEAD), self._floor()
        step = self.width() / len(bins.counts)
        most = int(bins.counts.max())
        ink = self._theme.color("text3")
        for at in np.flatnonzero(bins.counts).tolist():
            # One request among ten thousand is still seen.
            high = max(1.5, (floor - head) * int(bins.counts[at]) / most)
            painter.fillRect(QRectF(at * step, floor - high, max(1.0, step - 1), high), ink)
        painter.fillRect(QRectF(0, floor, self.width(), 1), self._theme.color("line2"))

    def _paint_axis(self, painter: QPainter, bins: Bins) -> None:
        theme, font = self._theme, self._theme.font(11)
        free = 0.0
        for tick in ticks_125(bins.axis):
            x = float(bins.axis.share(np.array([tick]))[0]) * self.width()
            words = duration(tick)
            wide = text_width(font, words)
            left = min(max(x - wide / 2, 0.0), self.width() - wide)
            if left < free:
                continue
            painter.fillRect(QRectF(x, self._floor(), 1, 4), theme.color("line2"))
            box = QRectF(left, self._floor() + 3, wide + 1, theme.px(FOOT) - 3)
            draw_text(painter, box, words, font, theme.color("text2"), CENTER)
            free = left + wide + 8

    def _paint_marks(self, painter: QPainter, bins: Bins) -> None:
        theme, font = self._theme, self._theme.font(11, 500)
        painter.setPen(theme.color("ink"))
        taken = -1.0
        for name, at in self._marks:
            x = float(bins.axis.share(np.array([float(max(1, at))]))[0]) * self.width()
            painter.setPen(Qt.PenStyle.DashLine)
            painter.drawLine(QPointF(x, theme.px(HEAD)), QPointF(x, self._floor()))
            words = f"{name} {duration(at)}"
            wide = text_width(font, words)
            left = min(max(x - wide / 2, 0.0, taken), self.width() - wide)
            draw_text(painter, QRectF(left, 0, wide + 1, theme.px(HEAD) - 2), words, font, theme.color("text"), CENTER)
            taken = left + wide + 8
