"""Strokes that several widgets share: boxes, text, shortcut chips, bars of a state."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPen,
    QTextLayout,
    QTextLine,
    QTextOption,
)

from explorer.desktop.theme import StateLook, Theme
from explorer.records.states import State

# QPainter.drawText takes plain integers.
LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
CENTER = int(Qt.AlignmentFlag.AlignCenter)
WRAP = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop) | int(Qt.TextFlag.TextWordWrap)

EDGE_FROM = 4.0
EDGE_FROM_HEIGHT = 5.0
"""Smaller bars carry no outline: it would be all that is seen of them, and that of queued looks like blocked."""


def draw_box(
    painter: QPainter,
    rect: QRectF,
    radius: float,
    fill: QColor | None,
    border: QColor | None = None,
    width: float = 1.0,
) -> None:
    """A rounded box inside `rect`, its border included."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if border is None:
        painter.setPen(Qt.PenStyle.NoPen)
    else:
        painter.setPen(QPen(border, width))
        rect = rect.adjusted(width / 2, width / 2, -width / 2, -width / 2)
    painter.setBrush(Qt.BrushStyle.NoBrush if fill is None else fill)
    painter.drawRoundedRect(rect, radius, radius)


def draw_text(painter: QPainter, rect: QRectF, text: str, font: QFont, color: QColor, flags: int = LEFT) -> None:
    """`text` in `rect`, aligned by Qt's `flags`."""
    painter.setFont(font)
    painter.setPen(color)
    painter.drawText(rect, flags, text)


def text_width(font: QFont, text: str) -> float:
    """Width of one line in pixels."""
    return QFontMetricsF(font).horizontalAdvance(text)


def wrapped_height(font: QFont, text: str, width: float) -> float:
    """Height of `text` wrapped at words to `width` pixels; 0 for no text."""
    if not text:
        return 0.0
    return QFontMetricsF(font).boundingRect(QRectF(0, 0, max(width, 1.0), 10_000), WRAP, text).height()


def lines_of(font: QFont, text: str, width: float, most: int) -> list[str]:
    """`text` in lines of at most `width` pixels, broken at words, within one only where it is wider than a line; what
    `most` lines do not hold is cut off with "…".
    """
    layout = QTextLayout(text, font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    found: list[str] = []
    layout.beginLayout()
    while (line := layout.createLine()).isValid():
        line.setLineWidth(max(width, 1.0))
        found.append(text[line.textStart() :] if len(found) == most - 1 else _of_line(text, line))
        if len(found) == most:
            found[-1] = QFontMetricsF(font).elidedText(found[-1], Qt.TextElideMode.ElideRight, width)
            break
    layout.endLayout()
    return found


def _of_line(text: str, line: QTextLine) -> str:
    return text[line.textStart() : line.textStart() + line.textLength()].rstrip()


def draw_lines(painter: QPainter, left: float, top: float, lines: Sequence[str], font: QFont, color: QColor) -> None:
    """Lines of `lines_of`, the first one's upper edge at `top`."""
    metrics = QFontMetricsF(font)
    painter.setFont(font)
    painter.setPen(color)
    for at, line in enumerate(lines):
        painter.drawText(QPointF(left, top + at * metrics.height() + metrics.ascent()), line)


def chip_width(theme: Theme, text: str) -> float:
    """Width of the chip that shows a shortcut; 0 for no text."""
    return max(text_width(theme.font(11, 500), text) + theme.px(11), theme.px(18)) if text else 0.0


def draw_chip(
    painter: QPainter, theme: Theme, left: float, middle: float, text: str, ink: QColor, line: QColor
) -> None:
    """The chip that shows a shortcut, its left edge at `left`, centred at the height `middle`."""
    height = theme.px(18)
    rect = QRectF(left, middle - height / 2, chip_width(theme, text), height)
    draw_box(painter, rect, 4, None, line)
    draw_text(painter, rect, text, theme.font(11, 500), ink, CENTER)


def draw_bar(painter: QPainter, look: StateLook, left: float, floor: float, width: float, lane: float) -> None:
    """A bar of a state standing on `floor` in a lane `lane` pixels high; at least 1 px wide."""
    height = look.bar_height(lane)
    top = floor - (lane + height) / 2 if look.line else floor - height
    rect = QRectF(left, top, max(1.0, width), height)
    painter.fillRect(rect, look.fill)
    if look.texture is not None:
        painter.fillRect(rect, look.texture)
    if look.edge is not None and rect.width() >= EDGE_FROM and height >= EDGE_FROM_HEIGHT:
        painter.setPen(QPen(look.edge, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(rect.adjusted(0.5, 0.5, -0.5, -0.5))


def draw_swatch(painter: QPainter, theme: Theme, rect: QRectF, state: State | None) -> None:
    """The sample of a state in a legend: its colour at its height. None stands for what has no state."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if state is None:
        draw_box(painter, rect, 1.5, theme.color("text3"))
        return
    look = theme.state(state)
    height = max(2.5, rect.height() * look.height)
    top = rect.center().y() - 1.5 if look.line else rect.bottom() - height
    box = QRectF(rect.left(), top, rect.width(), height)
    draw_box(painter, box, 1.5, look.fill, look.edge)
    if look.texture is not None:
        painter.fillRect(box, look.texture)


def draw_dot(painter: QPainter, center: QPointF, radius: float, color: QColor) -> None:
    """A filled circle."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawEllipse(center, radius, radius)
