"""The mark of each kind of event: a small shape in a muted colour, the same in lanes, lists and chips.

The nine hues of the window are states, so the colours here are greys with a tint, and it is the shape that says the
kind: it is read without colour, and at seven pixels.
"""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen, QPixmap, QPolygonF

from explorer.desktop.theme import Theme
from explorer.records.event_kinds import EventKind

SIZE: Final = 7
"""Width and height of a mark in a lane, px."""
HALO: Final = 1
"""Width of the rim in the lane's colour that parts a mark from the bar below it, px."""


def _circle(at: float) -> QPainterPath:
    path = QPainterPath()
    path.addEllipse(QRectF(-at, -at, 2 * at, 2 * at))
    return path


def _polygon(*points: tuple[float, float]) -> Callable[[float], QPainterPath]:
    def make(at: float) -> QPainterPath:
        path = QPainterPath()
        path.addPolygon(QPolygonF([QPointF(x * at, y * at) for x, y in points]))
        path.closeSubpath()
        return path

    return make


_ARM: Final = 0.34
_PLUS: Final = (
    (-_ARM, -1), (_ARM, -1), (_ARM, -_ARM), (1, -_ARM), (1, _ARM), (_ARM, _ARM),
    (_ARM, 1), (-_ARM, 1), (-_ARM, _ARM), (-1, _ARM), (-1, -_ARM), (-_ARM, -_ARM),
)  # fmt: skip
_CROSS: Final = tuple(((x - y) * 0.78, (x + y) * 0.78) for x, y in _PLUS)
SHAPES: Final[dict[EventKind, Callable[[float], QPainterPath]]] = {
    EventKind.HTTP: _circle,
    EventKind.WEBSOCKET: _polygon((0, -1.15), (1.15, 0), (0, 1.15), (-1.15, 0)),
    EventKind.SSE: _polygon((-0.85, -1), (1, 0), (-0.85, 1)),
    EventKind.DATABASE: _polygon((-1, -1), (1, -1), (1, 1), (-1, 1)),
    EventKind.TIMER: _polygon((-1.05, -0.9), (1.05, -0.9), (0, 1.0)),
    EventKind.THREAD: _polygon(*_PLUS),
    EventKind.SIGNAL: _polygon(*_CROSS),
}
"""Outlines around the origin, for half a size."""


def draw_mark(
    painter: QPainter, theme: Theme, center: QPointF, kind: EventKind, size: float = SIZE, *, halo: bool = False
) -> None:
    """The mark of a kind around a point."""
    path = SHAPES[kind](size / 2).translated(center)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if halo:
        pen = QPen(theme.color("lane"), 2 * HALO)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.strokePath(path, pen)
    painter.fillPath(path, theme.event_color(kind))


def mark_picture(theme: Theme, kind: EventKind, ratio: float) -> QPixmap:
    """The mark with its halo as a picture for a screen of `ratio` device pixels each; see `mark_box` for its size."""
    box = mark_box(theme)
    picture = QPixmap(round(box * ratio), round(box * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    draw_mark(painter, theme, QPointF(box / 2, box / 2), kind, theme.px(SIZE), halo=True)
    painter.end()
    return picture


def mark_box(theme: Theme) -> int:
    """Width and height of a mark's picture, px: odd, so that its middle is the middle of a pixel."""
    box = theme.px(SIZE) + 2 * HALO + 2
    return box + 1 - box % 2
