"""A QR code as black squares on white. segno makes it; it is drawn in whole pixels, or scanners see seams."""

from collections.abc import Sequence
from typing import Final

import segno
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter

LEVEL: Final = "m"
"""15 % of it may be hidden: a head, a pointer."""
QUIET: Final = 4
"""Modules of white around it."""
WHITE: Final = "#FFFFFF"
BLACK: Final = "#000000"


def modules(text: str) -> Sequence[Sequence[bool]]:
    """The rows of the code for `text`, True where it is black; without the quiet zone."""
    code = segno.make(text, error=LEVEL, micro=False, boost_error=False)
    return [[bool(value) for value in row] for row in code.matrix]


def draw_qr(painter: QPainter, rows: Sequence[Sequence[bool]], box: QRectF, scale: float, radius: float) -> None:
    """Draw the code with its quiet zone into the square `box`; one unit of the painter is `scale` device pixels."""
    painter.save()
    painter.setPen(QColor(WHITE))
    painter.setBrush(QColor(WHITE))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.drawRoundedRect(box, radius, radius)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    cell = max(1, int(box.width() * scale / (len(rows) + 2 * QUIET))) / scale
    margin = (box.width() - cell * len(rows)) / 2
    # On a whole device pixel, so that all squares are equally large.
    left, top = (round((edge + margin) * scale) / scale for edge in (box.left(), box.top()))
    for down, row in enumerate(rows):
        for along, black in enumerate(row):
            if black:
                painter.fillRect(QRectF(left + along * cell, top + down * cell, cell, cell), QColor(BLACK))
    painter.restore()
