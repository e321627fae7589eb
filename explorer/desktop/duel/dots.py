"""The latency of every request of a duel: a dot for each, all runs in one chart, time from the first send."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.collect.source import Array
from explorer.desktop.duel.badge import SIZE, draw_badge, draw_sample
from explorer.desktop.duel.shown import Lane
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import LEFT, RIGHT, draw_text, text_width
from explorer.desktop.widgets.scale import Axis, log_axis, round_125, ticks_125
from explorer.desktop.words import duration

HEIGHT: Final = 150
MOST_DOTS: Final = 2_000
"""Of a run; of more every n-th is drawn, and the head says so."""
NEAR_PX: Final = 10


class LatencyDots(QWidget):
    """Dots of all runs; `chosen(k)`: a click near a dot chooses request number k."""

    chosen = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._lanes: Sequence[Lane] = ()
        self._number = 0
        self._points: list[tuple[str, Array, Array, Array]] = []
        self._seconds = 1.0
        self._step = 1
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Latency of every request")
        theme.changed.connect(self.updateGeometry)

    def show_lanes(self, lanes: Sequence[Lane]) -> None:
        """Show the requests of these runs."""
        self._lanes, self._points = lanes, []
        most = max((len(lane.requests) for lane in lanes), default=0)
        self._step = max(1, -(-most // MOST_DOTS))
        ends: list[float] = [0.05]
        for lane in lanes:
            requests = lane.requests[:: self._step]
            at = (requests["start"] - lane.first) / 1e9
            latency = np.maximum((requests["end"] - requests["start"]) / 1e6, 1e-3)
            numbers = np.arange(1, len(lane.requests) + 1)[:: self._step]
            self._points.append((lane.badge, at, latency, numbers))
            ends.append(float(at.max(initial=0.0)))
        self._seconds = max(ends)
        self.update()

    def select(self, number: int) -> None:
        """Mark request number k in all runs; 0 marks nothing."""
        self._number = number
        self.update()

    def sizeHint(self) -> QSize:
        """A low chart."""
        return QSize(500, self._theme.px(HEIGHT))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the request whose dot is nearest."""
        room, axis = self._room(), self._axis()
        best, found = float(NEAR_PX**2), 0
        for _, at, latency, numbers in self._points:
            if not len(at):
                continue
            xs = room.left() + at / self._seconds * room.width()
            ys = room.bottom() - axis.share(latency) * room.height()
            distance = (xs - event.position().x()) ** 2 + (ys - event.position().y()) ** 2
            place = int(distance.argmin())
            if distance[place] < best:
                best, found = float(distance[place]), int(numbers[place])
        if found:
            self.chosen.emit(found)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Head, axes, dots."""
        theme, painter = self._theme, QPainter(self)
        painter.fillRect(self.rect(), theme.color("panel"))
        painter.fillRect(QRectF(0, 0, self.width(), 1), theme.color("line"))
        self._paint_head(painter)
        room, axis = self._room(), self._axis()
        font, grey = theme.font(11), theme.color("text3")
        for value in [tick for tick in ticks_125(axis) if _decade(tick) or axis.high / axis.low < 50]:
            y = room.bottom() - float(axis.share(np.array([value]))[0]) * room.height()
            painter.fillRect(QRectF(room.left(), round(y), room.width(), 1), theme.color("line", 140))
            where = QRectF(room.right() + 8, y - 8, theme.px(60), 16)
            draw_text(painter, where, duration(round(value * 1e6)), font, grey, LEFT)
        self._paint_times(painter, room)
        for badge, at, latency, numbers in self._points:
            xs = room.left() + at / self._seconds * room.width()
            ys = room.bottom() - axis.share(latency) * room.height()
            for x, y, number in zip(xs.tolist(), ys.tolist(), numbers.tolist(), strict=True):
                draw_sample(painter, theme, QPointF(x, y), badge, 4.0 if number == self._number else 1.9)
        painter.end()

    def _paint_head(self, painter: QPainter) -> None:
        theme, px = self._theme, self._theme.px
        words = "Latency of every request" if self._step == 1 else f"Latency of every {self._step:,}th request"
        draw_text(painter, QRectF(px(16), 4, self.width(), px(26)), words, theme.font(12), theme.color("text2"), LEFT)
        right, size = float(self.width() - px(16)), px(SIZE) - 2
        for lane in reversed(self._lanes):
            latencies = (lane.requests["end"] - lane.requests["start"])[lane.requests["ok"]]
            text = f"{duration(float(np.median(latencies)))} p50" if len(latencies) else "no answer"
            font = theme.font(12, 500)
            wide = text_width(font, text)
            draw_text(painter, QRectF(right - wide - 2, 4, wide + 2, px(26)), text, font, theme.color("text"), RIGHT)
            right -= wide + 2 + px(6) + size
            draw_badge(painter, theme, QRectF(right, 4 + (px(26) - size) / 2, size, size), lane.badge)
            right -= px(16)

    def _paint_times(self, painter: QPainter, room: QRectF) -> None:
        theme = self._theme
        step = round_125(self._seconds / max(2.0, room.width() / theme.px(140)), up=True)
        value = 0.0
        while value <= self._seconds * 1.0001:
            x = room.left() + value / self._seconds * room.width()
            where = QRectF(x if not value else x - 30, room.bottom() + 4, 60, 14)
            flags = LEFT if not value else int(Qt.AlignmentFlag.AlignCenter)
            draw_text(painter, where, f"{value:g} s", theme.font(11), theme.color("text3"), flags)
            value += step

    def _room(self) -> QRectF:
        px = self._theme.px
        return QRectF(px(16), px(36), max(10, self.width() - px(16 + 68)), max(10, self.height() - px(36 + 24)))

    def _axis(self) -> Axis:
        values = [latency for _, _, latency, _ in self._points]
        return log_axis(np.concatenate(values) if values else np.zeros(0))


def _decade(value: float) -> bool:
    power = np.log10(value)
    return bool(abs(power - round(power)) < 1e-9)
