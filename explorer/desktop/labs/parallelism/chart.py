"""The scaling chart: speed-up over workers, a line for each runner, the ideal, and both laws for the chosen one.

A runner is no state, so that it has no hue: it is told by its mark and its name at the line's end. The chosen one is
drawn in the accent, with the bands in which its laws lie.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import CENTER, LEFT, RIGHT, draw_text, text_width
from explorer.desktop.widgets.scale import round_125
from explorer.labs.parallelism.fits import Band, Fits

MARKS: Final[Mapping[str, str]] = {
    "coroutine": "circle",
    "threads": "square",
    "process_pool": "diamond",
    "interpreter_pool": "triangle",
    "numpy": "cross",
    "cluster": "plus",
}
SIZE: Final = 4.5
NEAR: Final = 14
ROOM_ABOVE: Final = 1.15


@dataclass(frozen=True, slots=True)
class Series:
    """The points of a runner: numbers of workers and speed-ups."""

    runner: str
    title: str
    workers: Sequence[int]
    speedups: Sequence[float]


class ScalingChart(QWidget):
    """`chosen(runner)`: a click near a point of a runner."""

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._series: Sequence[Series] = ()
        self._fits: Mapping[str, Fits] = {}
        self._cores = 1.0
        self._runner = ""
        self._most = 4
        self._base = 1.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(260, 180)
        self.setAccessibleName("Speed-up by number of workers")
        theme.changed.connect(self.update)

    def show_points(
        self,
        series: Sequence[Series],
        fits: Mapping[str, Fits],
        cores: float,
        most: int,
        runner: str,
        base: float,
    ) -> None:
        """Draw these; `most` workers are on the axis, the laws are those of `runner`, one coroutine takes `base` s."""
        self._base = base
        self._series, self._fits, self._cores = series, fits, cores
        self._most, self._runner = max(most, 2), runner
        spoken = [
            f"{one.title}: "
            + ", ".join(f"{n} workers {s:.2f} times" for n, s in zip(one.workers, one.speedups, strict=True))
            for one in series
        ]
        self.setAccessibleDescription(". ".join(spoken))
        self.update()

    def sizeHint(self) -> QSize:
        """As large as there is room."""
        return QSize(self._theme.px(440), self._theme.px(280))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the runner of the nearest point."""
        at, best = event.position(), float(NEAR**2)
        found = ""
        for one in self._series:
            for workers, speedup in zip(one.workers, one.speedups, strict=True):
                point = self.place(workers, speedup)
                distance = (point.x() - at.x()) ** 2 + (point.y() - at.y()) ** 2
                if distance < best:
                    best, found = distance, one.runner
        if found:
            self.chosen.emit(found)

    def place(self, workers: float, speedup: float) -> QPointF:
        """Where a point lies, px; one above the scale lies at its top."""
        room = self._room()
        x = room.left() + (workers - 1) / max(1, self._most - 1) * room.width()
        return QPointF(x, room.bottom() - min(1.0, speedup / self._top()) * room.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Grid, ideal, laws, points."""
        theme, painter = self._theme, QPainter(self)
        painter.fillRect(self.rect(), theme.color("lane"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_grid(painter)
        self._paint_ideal(painter)
        self._paint_laws(painter)
        for one in self._series:
            self._paint_series(painter, one)
        self._paint_names(painter)
        self._paint_key(painter)
        if not self._series:
            draw_text(painter, self._room(), "Nothing is measured yet.", theme.font(13), theme.color("text2"), CENTER)
        painter.end()

    def _top(self) -> float:
        """The largest speed-up of the scale: code in another language must not press all others to the floor."""
        limit = 2.0 * max(self._most, self._cores)
        seen = [s for one in self._series for s in one.speedups if s <= limit]
        return max([self._ideal(self._most), *seen]) * ROOM_ABOVE

    def _ideal(self, workers: float) -> float:
        return min(workers, max(self._cores, 1.0))

    def _room(self) -> QRectF:
        px = self._theme.px
        return QRectF(px(44), px(26), max(10, self.width() - px(44 + 112)), max(10, self.height() - px(26 + 40)))

    def _paint_grid(self, painter: QPainter) -> None:
        theme, room, px = self._theme, self._room(), self._theme.px
        font, grey = theme.font(11), theme.color("text3")
        step = round_125(self._top() / 5, up=True)
        value = 0.0
        while value <= self._top() * 1.001:
            y = self.place(1, value).y()
            painter.fillRect(QRectF(room.left(), round(y), room.width(), 1), theme.color("line"))
            draw_text(painter, QRectF(0, y - 8, room.left() - 8, 16), f"{value:g}×", font, grey, RIGHT)
            value += step
        every = max(1, round(self._most / max(1, room.width() / px(34))))
        for workers in range(1, self._most + 1):
            if (workers - 1) % every == 0 or workers == self._most:
                x = self.place(workers, 0).x()
                draw_text(painter, QRectF(x - 20, room.bottom() + 4, 40, 16), f"{workers}", font, grey, CENTER)
        below = QRectF(room.left(), room.bottom() + px(18), room.width(), 18)
        draw_text(painter, below, "workers", theme.font(11), theme.color("text3"), CENTER)
        above = QRectF(px(10), 4, self.width(), px(18))
        draw_text(painter, above, "Speed-up over one coroutine", theme.font(12, 600), theme.color("text2"), LEFT)

    def _paint_ideal(self, painter: QPainter) -> None:
        theme, px = self._theme, self._theme.px
        turn = min(max(self._cores, 1.0), float(self._most))
        line = [self.place(1, 1), self.place(turn, self._ideal(turn)), self.place(self._most, self._ideal(self._most))]
        painter.setPen(QPen(theme.color("text3"), 1.2, Qt.PenStyle.DashLine))
        painter.drawPolyline(QPolygonF(line))
        words = f"ideal on {self._cores:g} core{'' if self._cores == 1 else 's'}"
        at = QRectF(line[1].x() + 4, line[1].y() - px(18), px(160), 16)
        draw_text(painter, at, words, theme.font(11), theme.color("text3"), LEFT)

    def _paint_laws(self, painter: QPainter) -> None:
        found = self._fits.get(self._runner)
        points = next((one for one in self._series if one.runner == self._runner), None)
        if found is None or points is None or not points.speedups:
            return
        # The laws tell of more workers over one of the same kind, the chart of all over one coroutine.
        theme = self._theme
        if found.usl is not None and found.usl_band is not None and found.usl.told:
            usl, scale = found.usl, self._scale(found.usl.one)
            self._paint_law(painter, found.usl_band, scale, usl.speedup, Qt.PenStyle.DotLine, theme.color("ink"), 26)
        if found.amdahl is not None and found.amdahl_band is not None and found.amdahl.told:
            amdahl, cores = found.amdahl, self._cores
            scale = self._scale(amdahl.one)
            self._paint_law(
                painter, found.amdahl_band, scale, lambda n: amdahl.speedup(n, cores), Qt.PenStyle.SolidLine,
                theme.color("accent"), 52,
            )  # fmt: skip

    def _paint_key(self, painter: QPainter) -> None:
        """What the curves of the chosen runner are."""
        found, theme, px = self._fits.get(self._runner), self._theme, self._theme.px
        if found is None:
            return
        laws = [("Amdahl", Qt.PenStyle.SolidLine, theme.color("accent"))] if found.amdahl and found.amdahl.told else []
        laws += [("USL", Qt.PenStyle.DotLine, theme.color("ink"))] if found.usl and found.usl.told else []
        right, y = float(self.width() - px(10)), px(13)
        for name, pen, color in reversed(laws):
            font = theme.font(11)
            width = text_width(font, name)
            draw_text(painter, QRectF(right - width, y - 8, width + 2, 16), name, font, theme.color("text2"), LEFT)
            painter.setPen(QPen(color, 1.6, pen))
            painter.drawLine(QPointF(right - width - px(26), y), QPointF(right - width - px(6), y))
            right -= width + px(38)

    def _scale(self, one: float) -> float:
        """What a law's speed-up of one, whose time that is, comes to in the chart's measure."""
        return self._base / one if one > 0 else 1.0

    def _paint_law(
        self,
        painter: QPainter,
        band: Band,
        scale: float,
        curve: Callable[[float], float],
        pen: Qt.PenStyle,
        color: QColor,
        alpha: int,
    ) -> None:
        low = [self.place(float(n), float(s) * scale) for n, s in zip(band.workers, band.low, strict=True)]
        high = [self.place(float(n), float(s) * scale) for n, s in zip(band.workers, band.high, strict=True)]
        ground = QColor(color)
        ground.setAlpha(alpha)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawPolygon(QPolygonF([*low, *reversed(high)]))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(color, 1.6, pen))
        painter.drawPolyline(QPolygonF([self.place(float(n), float(curve(float(n))) * scale) for n in band.workers]))

    def _paint_series(self, painter: QPainter, one: Series) -> None:
        theme, mine = self._theme, one.runner == self._runner
        color = theme.color("accent") if mine else theme.color("ink", 200)
        points = [self.place(n, s) for n, s in zip(one.workers, one.speedups, strict=True)]
        painter.setPen(QPen(color, 1.0))
        painter.drawPolyline(QPolygonF(points))
        for point in points:
            draw_mark(painter, point, MARKS.get(one.runner, "circle"), color, self._theme.color("lane"))

    def _paint_names(self, painter: QPainter) -> None:
        """Each runner's name at the end of its line, moved apart where they would lie upon one another."""
        theme, px = self._theme, self._theme.px
        ends = [(self.place(one.workers[-1], one.speedups[-1]), one) for one in self._series if one.workers]
        taken: list[QRectF] = []
        for point, one in sorted(ends, key=lambda end: end[0].y()):
            above = one.speedups[-1] > self._top()
            words = f"{one.title} up to {max(one.speedups):,.0f}×" if above else one.title
            font = theme.font(11, 600 if one.runner == self._runner else 400)
            left, width = point.x() + 9, text_width(font, words)
            if left + width > self.width() - 4:
                left = max(4.0, self.width() - 4 - width)
            # A single point may lie on the others' lines: its name stands above them.
            place = QRectF(left, point.y() - px(7 if len(one.workers) > 1 else 18), width, px(14))
            while any(place.intersects(other) for other in taken):
                place.translate(0, px(4))
            taken.append(place)
            color = theme.color("accent" if one.runner == self._runner else "text2")
            painter.fillRect(place.adjusted(-2, 0, 2, 0), theme.color("lane", 220))
            draw_text(painter, place.adjusted(0, -2, 4, 2), words, font, color, LEFT)


def draw_mark(painter: QPainter, at: QPointF, mark: str, color: QColor, ground: QColor) -> None:
    """The mark of a runner, filled."""
    x, y = at.x(), at.y()
    painter.setPen(QPen(ground, 1.0))
    painter.setBrush(color)
    if mark == "circle":
        painter.drawEllipse(at, SIZE, SIZE)
    elif mark == "square":
        painter.drawRect(QRectF(x - SIZE + 0.5, y - SIZE + 0.5, 2 * SIZE - 1, 2 * SIZE - 1))
    elif mark in ("diamond", "triangle"):
        low = y + SIZE + 0.5 if mark == "diamond" else y + SIZE - 1
        sides = [QPointF(x + SIZE + 0.5, y), QPointF(x, low), QPointF(x - SIZE - 0.5, y)]
        corners = [QPointF(x + SIZE, low), QPointF(x - SIZE, low)] if mark == "triangle" else sides
        painter.drawPolygon(QPolygonF([QPointF(x, y - SIZE - 0.5), *corners]))
    else:
        painter.setPen(QPen(color, 2.2))
        if mark == "cross":
            painter.drawLine(QPointF(x - SIZE, y - SIZE), QPointF(x + SIZE, y + SIZE))
            painter.drawLine(QPointF(x - SIZE, y + SIZE), QPointF(x + SIZE, y - SIZE))
        else:
            painter.drawLine(QPointF(x - SIZE, y), QPointF(x + SIZE, y))
            painter.drawLine(QPointF(x, y - SIZE), QPointF(x, y + SIZE))
    painter.setBrush(Qt.BrushStyle.NoBrush)
