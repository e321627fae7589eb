"""The shape of a run, small: bars in the states' colours; where there are many rows they lie close, without floors."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from explorer.catalog import Bar
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import EDGE_FROM

FEW: Final = 12
"""Up to so many rows each has a floor, as on the timeline."""
HIGHEST: Final = 26.0
GAP: Final = 0.26
LEAST: Final = 0.9


def draw_thumbnail(painter: QPainter, theme: Theme, box: QRectF, rows: int, bars: Sequence[Bar]) -> None:
    """Paint the bars into the box."""
    if not bars:
        return
    rows = max(rows, 1 + max(bar[0] for bar in bars))
    pitch = min(box.height() / rows, HIGHEST)
    lane = max(LEAST, pitch * (1 - GAP))
    top = box.top() + (box.height() - pitch * rows) / 2
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, rows > FEW)
    if rows <= FEW:
        for at in range(rows):
            rail = round(top + pitch * (at + 1)) - 1
            painter.fillRect(QRectF(box.left(), rail, box.width(), 1), theme.color("line2"))
    for row, start, length, state in bars:
        look = theme.state(state)
        high = max(min(lane, LEAST), look.bar_height(lane) if not look.line else min(2.0, lane))
        floor = top + pitch * (row + 1) - (pitch - lane) / 2
        y = floor - (lane + high) / 2 if look.line else floor - high
        rect = QRectF(box.left() + start * box.width(), y, max(1.0, length * box.width()), high)
        if rows <= FEW:
            rect = QRectF(round(rect.left()), round(rect.top()), max(1.0, rect.width()), max(1.0, round(high)))
        painter.fillRect(rect, look.fill)
        if look.texture is not None:
            painter.fillRect(rect, look.texture)
        if look.edge is not None and rect.width() >= EDGE_FROM and high >= 5:
            painter.setPen(QPen(look.edge, 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(rect.adjusted(0.5, 0.5, -0.5, -0.5))
    painter.restore()
