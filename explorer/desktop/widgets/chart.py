"""A small chart of the last minute: lines, areas and dots in ink, a hue only where a series counts a state.

Arrays come in, pixels go out (`raster.py`): the cost of a repaint depends on the size of the chart and hardly on the
length of the run.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets import raster
from explorer.desktop.widgets.paint import LEFT, draw_text, text_width
from explorer.desktop.widgets.scale import Axis, Floats, ticks_125
from explorer.records.states import State

AREA_ALPHA = 60
DOT_ALPHA = 120
LABEL_ALPHA = 205
"""Of the ground behind the words at a line, so that they can be read before whatever is drawn there."""
DOT_RADIUS = 1.3
FAILED_RADIUS = 2.4
DENSITY_FROM = 2000
"""From this many dots on, their density is drawn: single dots would only cost time and hide one another."""
DENSE_ALPHA = 60
"""Opacity of one dot of a density: about twelve on a pixel make it as dark as it gets."""
HOLD = 5.0
"""So near to a line that can be moved the mouse takes hold of it, pixels."""
LABEL_WIDTH = 40
LABEL_GAP = 13
REACH = 6.0
"""A click this many pixels from a dot still means it."""


def _none() -> Floats:
    return np.empty(0, np.float64)


@dataclass(frozen=True, slots=True)
class Series:
    """A line through `values` at `times` (seconds, ascending); NaN breaks it.

    Its ink is a token, or that of a state it counts.
    """

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

    def within(self, begin: float, end: float) -> npt.NDArray[np.bool_]:
        """Which dots lie between two times."""
        return (self.times >= begin) & (self.times <= end)

    def failures(self) -> npt.NDArray[np.bool_]:
        """Which dots are failed requests; none, if that was not given."""
        return self.failed if len(self.failed) == len(self.times) else np.zeros(len(self.times), np.bool_)


@dataclass(frozen=True, slots=True)
class Mark:
    """A line across the chart at `value`: "law" is dashed, "you" violet, and can be moved."""

    value: float
    kind: str


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
    marks: Sequence[Mark] = ()


class LineChart(QWidget):
    """Shows `ChartData`; `dot_clicked(index)` follows a click on a dot, `clicked` one elsewhere.

    `mark_moved(value)` follows the hand that moves the line of what the user expects.
    """

    dot_clicked = Signal(int)
    clicked = Signal()
    mark_moved = Signal(float)

    def __init__(self, theme: Theme, *, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._data: ChartData | None = None
        self._now: float | None = None
        self._still: QPixmap | None = None
        self._holds = False
        self.setMouseTracking(True)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(24)
        theme.changed.connect(self._redraw)

    def show_data(self, data: ChartData, summary: str = "") -> None:
        """Draw `data` at the next repaint; `summary` is what a screen reader says of it."""
        self._data, self._still = data, None
        if summary:
            self.setAccessibleDescription(summary)
        self.update()

    def show_now(self, now: float | None) -> None:
        """Draw the now-line of a replay at a time in seconds, if that is shown; None: there is no replay."""
        if now != self._now:
            self._now = now
            self.update()

    @property
    def shown(self) -> tuple[float, float] | None:
        """The times in seconds between which it shows something."""
        return None if self._data is None else (self._data.begin, self._data.end)

    def x_of(self, time: float) -> float | None:
        """The pixel of a time in seconds, None if it is not shown."""
        data = self._data
        if data is None or not data.begin <= time <= data.end:
            return None
        return (time - data.begin) / max(1e-9, data.end - data.begin) * self._plot_width()

    def sizeHint(self) -> QSize:
        """A small chart; it takes what room there is."""
        return QSize(self._theme.px(120), self._theme.px(36))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The line that can be moved, a dot, or the chart."""
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        if self._near_mark(event.position()):
            self._holds = True
            return
        index = self.dot_at(event.position())
        if index is None:
            self.clicked.emit()
        else:
            self.dot_clicked.emit(index)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the line, or show that it can be moved."""
        if self._holds and self._data is not None:
            below = (event.position().y() - 1.0) / max(1.0, self.height() - 5.0)
            self.mark_moved.emit(float(f"{self._data.axis.value(1.0 - below):.3g}"))
        elif self._near_mark(event.position()):
            self.setCursor(Qt.CursorShape.SizeVerCursor)
        else:
            self.unsetCursor()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go of the line."""
        self._holds = False

    def _near_mark(self, where: QPointF) -> bool:
        data = self._data
        marks = [] if data is None else [mark for mark in data.marks if mark.kind == "you"]
        return data is not None and any(abs(self._height_of(data, one.value) - where.y()) <= HOLD for one in marks)

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
        """The chart, and over it the now-line, which moves while the chart stays."""
        painter = QPainter(self)
        if self._now is None:
            self._still = None
            self._draw(painter)
        else:
            painter.drawPixmap(0, 0, self._picture())
            at = self.x_of(self._now)
            if at is not None:
                painter.fillRect(QRectF(round(at) - 1, 0, 2, self.height() - 2), self._theme.color("accent"))
        painter.end()

    def _picture(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        if self._still is None or self._still.size() != self.size() * ratio:
            self._still = QPixmap(self.size() * ratio)
            self._still.setDevicePixelRatio(ratio)
            self._still.fill(Qt.GlobalColor.transparent)
            painter = QPainter(self._still)
            self._draw(painter)
            painter.end()
        return self._still

    def _redraw(self) -> None:
        self._still = None
        self.update()

    def _draw(self, painter: QPainter) -> None:
        """Floor, labels, changes, limit, dots, lines."""
        theme, width, height = self._theme, self._plot_width(), self.height() - 2
        painter.fillRect(QRectF(0, height, width, 1), theme.color("line"))
        if (data := self._data) is not None:
            if data.labels:
                self._draw_labels(painter, data)
            self._draw_marks(painter, data)
            if data.dots is not None:
                self._draw_dots(painter, data, data.dots)
            for series in data.series:
                self._draw_series(painter, data, series)
            self._draw_values(painter, data)
            if data.dots is not None:
                self._draw_failed(painter, data, data.dots)

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
        xs, ys = self._pixels(data, times, values)
        scale = self.devicePixelRatioF()
        width, height = self._device_size(scale)
        low, high = raster.line_spans(xs * scale, ys * scale, width)
        covered = raster.line_coverage(low, high, series.width * scale, height)
        if series.area:
            area = raster.area_coverage(low, high, (self.height() - 2) * scale, height)
            covered = raster.over(covered, area * (AREA_ALPHA / 255))
        color = self._theme.state(series.state).fill if series.state is not None else self._theme.color(series.ink)
        self._put(painter, covered, color, scale)

    def _draw_dots(self, painter: QPainter, data: ChartData, dots: Dots) -> None:
        good = np.flatnonzero(dots.within(data.begin, data.end) & ~dots.failures())
        dense = len(good) >= DENSITY_FROM
        radius, alpha = (0.5, DENSE_ALPHA) if dense else (DOT_RADIUS, DOT_ALPHA)
        self._draw_discs(painter, data, dots, good, radius, self._theme.color("dot", alpha))

    def _draw_failed(self, painter: QPainter, data: ChartData, dots: Dots) -> None:
        bad = np.flatnonzero(dots.within(data.begin, data.end) & dots.failures())
        self._draw_discs(painter, data, dots, bad, FAILED_RADIUS, self._theme.color("danger"))

    def _draw_discs(
        self,
        painter: QPainter,
        data: ChartData,
        dots: Dots,
        chosen: npt.NDArray[np.intp],
        radius: float,
        color: QColor,
    ) -> None:
        if not len(chosen):
            return
        scale = self.devicePixelRatioF()
        width, height = self._device_size(scale)
        # Thinned out before the logarithm of each is taken.
        chosen = chosen[:: -(-len(chosen) // raster.DOTS_MOST)]
        xs, ys = self._pixels(data, dots.times[chosen], dots.values[chosen])
        covered = raster.dots_coverage(xs * scale, ys * scale, radius * scale, color.alphaF(), width, height)
        color.setAlpha(255)
        self._put(painter, covered, color, scale)

    def _device_size(self, scale: float) -> tuple[int, int]:
        return max(1, round(self._plot_width() * scale)), max(1, round(self.height() * scale))

    @staticmethod
    def _put(painter: QPainter, covered: Floats, color: QColor, scale: float) -> None:
        picture = raster.image(covered, color)
        picture.setDevicePixelRatio(scale)
        painter.drawImage(QPointF(0, 0), picture)

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

    def _draw_values(self, painter: QPainter, data: ChartData) -> None:
        """Lines of the law and of what the user expects; words at an end, the law's above it and yours below."""
        theme, width, px = self._theme, self._plot_width(), self._theme.px
        roomy = self.height() >= px(56)
        for mark in data.marks:
            y = round(self._height_of(data, mark.value)) + 0.5
            mine = mark.kind == "you"
            color = theme.color("accent" if mine else "text")
            style = Qt.PenStyle.SolidLine if mine else Qt.PenStyle.DashLine
            painter.setPen(QPen(color, 1.6 if mine else 1.2, style))
            painter.drawLine(QPointF(0, y), QPointF(width, y))
            if roomy:
                below = y + px(14) <= self.height() if mine else y < px(14)
                place = QRectF(2, y if below else y - px(14), width - 2, px(14))
                words, font = f"{mark.kind} {mark.value:,.4g}", theme.font(11, 600)
                wide = text_width(font, words) + 4
                # At its own end, so that two that are near one another can be read.
                place = QRectF(0 if mine else width - wide, place.top(), wide, place.height())
                painter.fillRect(place, theme.color("panel", LABEL_ALPHA))
                draw_text(painter, place, words, font, color, LEFT)

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
