"""Paints the chosen range over the lanes: a veil of the accent, its edges, and its length in a chip."""

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from explorer.desktop.theme import Theme
from explorer.desktop.timeline.range.time_range import TimeRange
from explorer.desktop.timeline.viewport import Viewport
from explorer.desktop.widgets.paint import CENTER, draw_box, draw_text, text_width
from explorer.desktop.words import duration

VEIL = 46
"""18 % of opaque."""
EDGE = 2
CHIP = 18


def draw_range(painter: QPainter, theme: Theme, view: Viewport, chosen: TimeRange | None, height: int) -> None:
    """Paint the part of `chosen` that is in view, from the top down to `height`."""
    if chosen is None or chosen.end < view.begin or chosen.begin > view.end:
        return
    left, right = max(view.x(chosen.begin), -4.0), min(view.x(chosen.end), view.width + 4.0)
    left, right = float(round(left)), float(max(round(right), round(left) + 1))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.fillRect(QRectF(left, 0, right - left, height), theme.color("accent", VEIL))
    for x in (left - EDGE / 2, right - EDGE / 2):
        painter.fillRect(QRectF(x, 0, EDGE, height), theme.color("accent"))
    font = theme.font(11, 600)
    words = duration(chosen.length)
    wide = text_width(font, words) + 16
    middle = (max(left, 0.0) + min(right, float(view.width))) / 2
    at = min(max(middle - wide / 2, 2.0), max(2.0, view.width - wide - 2))
    box = QRectF(round(at), 4, wide, theme.px(CHIP))
    draw_box(painter, box, 4, theme.color("fill"))
    draw_text(painter, box, words, font, theme.color("on_fill"), int(CENTER))
