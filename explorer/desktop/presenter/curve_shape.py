"""Paints a sweep of the parallelism lab on a slide: what was measured over the number of workers, below the ideal."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from explorer.desktop.presenter.grid import LABEL, font, ground
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import CENTER, LEFT, RIGHT, draw_box, draw_dot, draw_text, text_width
from explorer.desktop.widgets.scale import round_125

PLACE: Final = QRectF(120, 140, 706, 452)
ABOVE: Final = 1.12
DOT: Final = 11.0
STEPS: Final = 4


@dataclass(frozen=True, slots=True)
class Line:
    """What one runner measured: `speedups` over one coroutine, by numbers of `workers`."""

    title: str
    workers: tuple[int, ...]
    speedups: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """The chart: at most `most` workers on `cores` that may be used."""

    cores: float
    most: int
    lines: tuple[Line, ...] = ()

    def ideal(self, workers: float) -> float:
        """What so many workers could come to."""
        return min(workers, max(self.cores, 1.0))

    @property
    def top(self) -> float:
        """The end of the scale."""
        seen = [value for line in self.lines for value in line.speedups]
        return max([self.ideal(self.most), *seen]) * ABOVE


class CurveShape:
    """Paints curves in a theme, on a painter whose units are the grid's."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme

    def paint(self, painter: QPainter, curve: Curve, size: float) -> None:
        """Axes, the ideal, and each line with its points."""
        self._axes(painter, curve, size)
        self._ideal(painter, curve, size)
        for at, line in enumerate(curve.lines):
            self._line(painter, curve, line, first=at == 0, size=size, several=len(curve.lines) > 1)

    def _at(self, curve: Curve, workers: float, value: float) -> QPointF:
        across = (workers - 0.5) / max(1, curve.most)
        return QPointF(PLACE.left() + across * PLACE.width(), PLACE.bottom() - value / curve.top * PLACE.height())

    def _axes(self, painter: QPainter, curve: Curve, size: float) -> None:
        theme = self._theme
        made = font(theme, min(LABEL * size, 30), 600)
        step = round_125(curve.top / STEPS, up=True)
        value = 0.0
        while value <= curve.top:
            y = self._at(curve, 1, value).y()
            painter.setPen(QPen(theme.color("line2"), 2))
            painter.drawLine(QPointF(PLACE.left(), y), QPointF(PLACE.right(), y))
            box = QRectF(40, y - 18, PLACE.left() - 52, 36)
            draw_text(painter, box, f"{value:g}×", made, theme.color("text"), RIGHT)
            value += step
        every = max(1, round(curve.most / 8))
        for workers in range(1, curve.most + 1, every):
            x = self._at(curve, workers, 0).x()
            word = "worker" if workers == 1 else "workers"
            words = f"{workers} {word}" if curve.most <= 5 or workers == 1 else f"{workers}"
            box = QRectF(x - 90, PLACE.bottom() + 10, 180, 36)
            draw_text(painter, box, words, made, theme.color("text"), CENTER)

    def _ideal(self, painter: QPainter, curve: Curve, size: float) -> None:
        theme = self._theme
        numbers = sorted({1.0, min(float(curve.most), max(curve.cores, 1.0)), float(curve.most)})
        points = [self._at(curve, one, curve.ideal(one)) for one in numbers]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.color("text2"), 4, Qt.PenStyle.DashLine))
        painter.drawPolyline(QPolygonF(points))
        words = f"ideal on {curve.cores:g} core{'' if curve.cores == 1 else 's'}"
        made = font(theme, LABEL * min(size, 1.15), 500)
        box = QRectF(PLACE.right() - text_width(made, words) - 4, points[-1].y() - 44, text_width(made, words) + 4, 36)
        draw_text(painter, box, words, made, theme.color("text2"), RIGHT)

    def _line(self, painter: QPainter, curve: Curve, line: Line, *, first: bool, size: float, several: bool) -> None:
        theme = self._theme
        color = theme.color("accent" if first else "ink")
        points = [self._at(curve, *pair) for pair in zip(line.workers, line.speedups, strict=True)]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(color, 6))
        painter.drawPolyline(QPolygonF(points))
        made = font(theme, LABEL * min(size, 1.15), 700)
        for point, value in zip(points, line.speedups, strict=True):
            draw_dot(painter, point, DOT + 3, ground(theme))
            draw_dot(painter, point, DOT, color)
            if first:
                words = f"{value:.2f}"
                wide = text_width(made, words) + 14
                plate = QRectF(point.x() - wide / 2, point.y() + 18, wide, 34)
                draw_box(painter, plate, 6, ground(theme))
                draw_text(painter, plate, words, made, theme.color("text"), CENTER)
        if several and points:
            box = QRectF(points[0].x() - 30, points[0].y() - 50, 300, 36)
            draw_text(painter, box, line.title, made, color, LEFT)


def lines_of(told: Sequence[tuple[str, Sequence[int], Sequence[float]]]) -> tuple[Line, ...]:
    """Lines of title, workers and speed-ups; the one with the most points first."""
    lines = [Line(title, tuple(workers), tuple(speedups)) for title, workers, speedups in told if workers]
    return tuple(sorted(lines, key=lambda line: -len(line.workers)))
