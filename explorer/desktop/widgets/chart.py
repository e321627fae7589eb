"""A small chart of the last minute: lines, areas and dots in ink, a hue only where a series counts a state.

Arrays come in, pixels go out: each repaint maps what it was given to at most four points a pixel column, so that the
cost depends on the width of the chart and not on the length of the run.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import LEFT, draw_text
from explorer.desktop.widgets.scale import Axis, Floats, envelope, ticks_125
from explorer.records.states import State

AREA_ALPHA = 60
DOT_ALPHA = 120
DOT_SIZE = 2.6
FAILED_SIZE = 4.8
DENSITY_FROM = 2000
"""From this many dots on, their density is drawn: single dots would only cost time and hide one another."""
DENSE_AT = 6
"""Dots on one pixel that make it as dark as it gets."""
LABEL_WIDTH = 32
LABEL_GAP = 13
REACH = 6.0
"""A click this many pixels from a dot still means it."""


def _none() -> Floats:
    return np.empty(0, np.float64)


@dataclass(frozen=True, slots=True)
class Series:
    """A line through `values` at `times` (seconds, ascending). Its ink is a token, or that of a state it counts."""

    times: Floats
    values: Floats
    ink: str = "ink"
    state: State | None = None
    width: float = 2.0
    area: bool = False


@dataclass(frozen=True, slots=True)
class Dots:
    """One dot per request; `failed` ones are red, larger and on top."""

    times: Floats = field(default_factory=_none)
    values: Floats = field(default_factory=_none)
    failed: npt.NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, np.bool_))


@dataclass(frozen=True, slots=True)
class ChartData:
    """What a chart shows between the times `begin` and `end` (seconds)."""

    begin: float
    end: float
    axis: Axis
    series: Sequence[Series] = ()
    dots: Dots | None = None
    changes: Sequence[float] = ()
    limit: float | None = None
    labels: bool = False


class LineChart(QWidget):
    """Shows `ChartData`; `dot_clicked(index)` follows a click on a dot, `clicked` one elsewhere."""

    dot_clicked = Signal(int)
    clicked = Signal()

    def __init__(self, theme: Theme, *, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._data: ChartData | None = None
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(24)
        theme.changed.connect(self.update)

    def show_data(self, data: ChartData, summary: str = "") -> None:
        """Draw `data` at the next repaint; `summary` is what a screen reader says of it."""
        self._data = data
        if summary:
            self.setAccessibleDescription(summary)
        self.update()

    def sizeHint(self) -> QSize:
        """A small chart; it takes what room there is."""
        return QSize(self._theme.px(120), self._theme.px(36))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A dot, or the chart."""
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        index = self.dot_at(event.position())
        if index is None:
            self.clicked.emit()
        else:
            self.dot_clicked.emit(index)

    def dot_at(self, where: QPointF) -> int | None:
        """Index of the dot nearest to a point, if one is within reach."""
        data = self._data
        if data is None or data.dots is None or not len(data.dots.times):
            return None
        xs, ys = self._pixels(data, data.dots.times, data.dots.values)
        far = np.hypot(xs - where.x(), ys - where.y())
        nearest = int(np.argmin(far))
        return nearest if far[nearest] <= REACH else None

    def paintEvent(self, event: QPaintEvent) -> None:
        """Floor, labels, changes, limit, dots, lines."""
        painter = QPainter(self)
        theme, width, height = self._theme, self._plot_width(), self.height() - 2
        painter.fillRect(QRectF(0, height, width, 1), theme.color("line"))
        if (data := self._data) is not None:
            if data.labels:
                self._draw_labels(painter, data)
            self._draw_marks(painter, data)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if data.dots is not None and len(data.dots.times):
                self._draw_dots(painter, data, data.dots)
            for series in data.series:
                self._draw_series(painter, data, series)
        painter.end()

    def _plot_width(self) -> float:
        labels = self._data is not None and self._data.labels
        return max(1.0, self.width() - (self._theme.px(LABEL_WIDTH) if labels else 0))

    def _pixels(self, data: ChartData, times: Floats, values: Floats) -> tuple[Floats, Floats]:
        span = max(1e-9, data.end - data.begin)
        xs = (times - data.begin) / span * self._plot_width()
        # A pixel of air above and below, so that a line at a bound keeps its width.
        return xs, 1.0 + (self.height() - 5.0) * (1.0 - data.axis.share(values))

    def _draw_series(self, painter: QPainter, data: ChartData, series: Series) -> None:
        inside = np.flatnonzero((series.times >= data.begin) & (series.times <= data.end) & np.isfinite(series.values))
        if not len(inside):
            return
        # One point on either side, so that the line enters and leaves the chart instead of starting inside it.
        chosen = slice(max(0, int(inside[0]) - 1), int(inside[-1]) + 2)
        times, values = series.times[chosen], series.values[chosen]
        known = np.isfinite(values)
        xs, ys = envelope(*self._pixels(data, times[known], values[known]))
        points = [QPointF(x, y) for x, y in zip(xs.tolist(), ys.tolist(), strict=True)]
        color = self._theme.state(series.state).fill if series.state is not None else self._theme.color(series.ink)
        painter.save()
        painter.setClipRect(QRectF(0, 0, self._plot_width(), self.height()))
        if series.area:
            self._draw_area(painter, points, color)
        painter.setPen(QPen(color, series.width, j=Qt.PenJoinStyle.BevelJoin))
        painter.drawPolyline(QPolygonF(points))
        painter.restore()

    def _draw_area(self, painter: QPainter, points: list[QPointF], color: QColor) -> None:
        floor = self.height() - 2.0
        weak = QColor(color)
        weak.setAlpha(AREA_ALPHA)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(weak)
        painter.drawPolygon(QPolygonF([QPointF(points[0].x(), floor), *points, QPointF(points[-1].x(), floor)]))

    def _draw_dots(self, painter: QPainter, data: ChartData, dots: Dots) -> None:
        inside = (dots.times >= data.begin) & (dots.times <= data.end)
        failed = dots.failed if len(dots.failed) == len(dots.times) else np.zeros(len(dots.times), np.bool_)
        xs, ys = self._pixels(data, dots.times, dots.values)
        good = inside & ~failed
        if np.count_nonzero(good) >= DENSITY_FROM:
            self._draw_density(painter, xs[good], ys[good])
        else:
            self._draw_points(painter, xs[good], ys[good], DOT_SIZE, self._theme.color("dot", DOT_ALPHA))
        bad = inside & failed
        self._draw_points(painter, xs[bad], ys[bad], FAILED_SIZE, self._theme.color("danger"))

    @staticmethod
    def _draw_points(painter: QPainter, xs: Floats, ys: Floats, size: float, color: QColor) -> None:
        if len(xs):
            painter.setPen(QPen(color, size, c=Qt.PenCapStyle.RoundCap))
            painter.drawPoints([QPointF(x, y) for x, y in zip(xs.tolist(), ys.tolist(), strict=True)])

    def _draw_density(self, painter: QPainter, xs: Floats, ys: Floats) -> None:
        width, height = int(self._plot_width()), self.height()
        columns = np.clip(xs.astype(np.int64), 0, width - 1)
        rows = np.clip(ys.astype(np.int64), 0, height - 1)
        counts = np.bincount(rows * width + columns, minlength=width * height)
        alpha = np.minimum(counts * (255 // DENSE_AT), 255).astype(np.uint32)
        # Premultiplied: each channel is already weighted with alpha.
        color = self._theme.color("dot")
        red, green, blue = (alpha * part // 255 for part in (color.red(), color.green(), color.blue()))
        pixels = np.ascontiguousarray(alpha << 24 | red << 16 | green << 8 | blue, np.uint32)
        image = QImage(pixels.data, width, height, width * 4, QImage.Format.Format_ARGB32_Premultiplied)
        painter.drawImage(QPointF(0, 0), image)

    def _draw_marks(self, painter: QPainter, data: ChartData) -> None:
        theme, width, floor = self._theme, self._plot_width(), self.height() - 2
        painter.setPen(QPen(theme.color("accent"), 1, Qt.PenStyle.DashLine))
        for change in data.changes:
            if data.begin <= change <= data.end:
                at = round((change - data.begin) / (data.end - data.begin) * width) + 0.5
                painter.drawLine(QPointF(at, 0), QPointF(at, floor))
        if data.limit is not None:
            y = self._height_of(data, data.limit)
            painter.setPen(QPen(theme.color("text3"), 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(0, y), QPointF(width, y))

    def _draw_labels(self, painter: QPainter, data: ChartData) -> None:
        theme, width = self._theme, self._plot_width()
        taken = float("inf")
        ticks = ticks_125(data.axis) if data.axis.log else [data.axis.low, data.axis.high]
        for tick in ticks:
            y = self._height_of(data, tick)
            painter.fillRect(QRectF(0, round(y), width, 1), theme.color("line"))
            middle = min(max(y, theme.px(7)), self.height() - theme.px(7))
            if taken - middle >= theme.px(LABEL_GAP):
                taken = middle
                rect = QRectF(width + 4, middle - theme.px(8), theme.px(LABEL_WIDTH), theme.px(16))
                draw_text(painter, rect, f"{tick:,.4g}", theme.font(11), theme.color("text3"), LEFT)

    def _height_of(self, data: ChartData, value: float) -> float:
        _, ys = self._pixels(data, np.array([data.begin]), np.array([value], np.float64))
        return float(ys[0])
