"""Textures for bars: small repeating pictures that tell states apart without colour."""

from collections.abc import Callable

from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPixmap

from explorer.tokens import Pattern

CELL = 6
WIDE_CELL = 10


def texture(pattern: Pattern, color: QColor, scale: float = 1.0) -> QBrush | None:
    """A brush that paints `pattern` in `color` over whatever is below, `scale` times as large; None for PLAIN."""
    if pattern is Pattern.PLAIN:
        return None
    cell = WIDE_CELL if pattern is Pattern.WIDE else CELL
    size = round(cell * scale)
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(size / cell, size / cell)
    painter.setPen(QPen(color, 1.2))
    _DRAW[pattern](painter, cell)
    painter.end()
    return QBrush(pixmap)


def _diagonal(painter: QPainter, cell: int) -> None:
    # The two short pieces in the corners close the line across neighbouring cells.
    painter.drawLine(QLineF(0, cell, cell, 0))
    painter.drawLine(QLineF(-1, 1, 1, -1))
    painter.drawLine(QLineF(cell - 1, cell + 1, cell + 1, cell - 1))


def _crossed(painter: QPainter, cell: int) -> None:
    _diagonal(painter, cell)
    painter.drawLine(QLineF(0, 0, cell, cell))


def _vertical(painter: QPainter, cell: int) -> None:
    painter.drawLine(QLineF(2.5, 0, 2.5, cell))


def _horizontal(painter: QPainter, cell: int) -> None:
    painter.drawLine(QLineF(0, 2.5, cell, 2.5))


def _dots(painter: QPainter, cell: int) -> None:
    painter.setBrush(painter.pen().color())
    painter.setPen(Qt.PenStyle.NoPen)
    for center in (QPointF(1.5, 1.5), QPointF(4.5, 4.5)):
        painter.drawEllipse(center, 0.9, 0.9)


_DRAW: dict[Pattern, Callable[[QPainter, int], None]] = {
    Pattern.DIAGONAL: _diagonal,
    Pattern.WIDE: _diagonal,
    Pattern.CROSSED: _crossed,
    Pattern.VERTICAL: _vertical,
    Pattern.HORIZONTAL: _horizontal,
    Pattern.DOTS: _dots,
}
