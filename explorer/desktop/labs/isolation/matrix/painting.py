"""Strokes of the matrix: a cell, the badge of a difference, what stands in the legend."""

import math
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from explorer.desktop.labs.isolation.matrix.look import Look, shorter
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import CENTER, LEFT, draw_box, draw_text, text_width
from explorer.records.states import State

RADIUS: Final = 5
BADGE: Final = 8
"""Radius of the badge of a difference."""
ICON: Final = 14
MARK: Final = 22
"""Room for the mark of a prediction at the right."""
TURN_S: Final = 1.2
"""How long the sign of a cell that is being measured takes for one turn."""


def draw_cell(painter: QPainter, theme: Theme, box: QRectF, look: Look, seconds: float = 0.0) -> None:
    """A cell in `box`; `seconds` of a running clock turn the sign of one that is being measured."""
    _ground(painter, theme, box, look)
    left, right = box.left() + theme.px(6), box.right() - theme.px(6)
    if look.differs:
        badge_at = badge_place(theme, box)
        draw_badge(painter, theme, badge_at)
        left = badge_at.x() + theme.px(BADGE + 4)
    if look.guess:
        _guess(painter, theme, box, look)
        right = box.right() - theme.px(MARK + 4)
    if look.kind == "measuring":
        _spinner(painter, theme, box.center(), seconds)
        return
    _words(painter, theme, QRectF(left, box.top(), max(0.0, right - left), box.height()), box, look)


def badge_place(theme: Theme, box: QRectF) -> QPointF:
    """The middle of a cell's badge."""
    return QPointF(box.left() + theme.px(BADGE + 7), box.center().y())


def draw_badge(painter: QPainter, theme: Theme, at: QPointF) -> None:
    """The sign that an observation differs from what is written."""
    radius = theme.px(BADGE)
    disc = QRectF(at.x() - radius, at.y() - radius, 2 * radius, 2 * radius)
    draw_box(painter, disc, radius, theme.color("accent_bg"), theme.color("accent"), 1.2)
    draw_text(painter, disc, "≠", theme.font(12, 700), theme.color("accent"), CENTER)


def draw_ring(painter: QPainter, theme: Theme, box: QRectF, *, strong: bool) -> None:
    """The ring around the chosen cell; weaker while the keyboard is elsewhere."""
    wide = 2.0 if strong else 1.4
    draw_box(painter, box.adjusted(-3.2, -3.2, 3.2, 3.2), RADIUS + 2, None, theme.color("accent"), wide)


def draw_dashed(painter: QPainter, theme: Theme, box: QRectF) -> None:
    """The ground of a cell that nothing protects."""
    pen = QPen(theme.color("line2"), 1)
    pen.setDashPattern([3, 2])
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)


def _ground(painter: QPainter, theme: Theme, box: QRectF, look: Look) -> None:
    if look.kind == "happened":
        draw_box(painter, box, RADIUS, theme.color("danger_fill"))
    elif look.kind in ("fires", "silent"):
        draw_dashed(painter, theme, box)
    elif look.kind == "refused":
        texture = theme.state(State.UNKNOWN).texture
        if texture is not None:
            painter.setOpacity(0.45)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(texture)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.drawRoundedRect(box, RADIUS, RADIUS)
            painter.setOpacity(1.0)
        draw_box(painter, box, RADIUS, None, theme.color("line"))
    elif look.kind == "empty":
        draw_box(painter, box, RADIUS, None, theme.color("line"))
    else:
        draw_box(painter, box, RADIUS, theme.color("panel"), theme.color("line"))


def _words(painter: QPainter, theme: Theme, room: QRectF, box: QRectF, look: Look) -> None:
    """Icons and words, in the middle of the cell where there is room for that, else in what is left of it."""
    if not look.text and not look.icons:
        return
    strong = look.kind in ("happened", "fires")
    ink = {"happened": "on_fill", "fires": "text3", "silent": "text2", "refused": "text2"}.get(look.kind, "text2")
    font = theme.font(12, 600 if strong else 500, look.code)
    step = theme.px(ICON + 5)
    icons = step * len(look.icons)
    text = look.text
    wide = icons + text_width(font, text)
    if wide > room.width():
        metrics = QFontMetricsF(font)
        forms = shorter(text, look.code)
        fits = (form for form in forms if metrics.horizontalAdvance(form) <= room.width() - icons)
        text = next(fits, metrics.elidedText(forms[-1], Qt.TextElideMode.ElideRight, room.width() - icons))
        if text == "…":
            text = ""
        wide = icons + text_width(font, text)
    left = box.center().x() - wide / 2
    if left < room.left() or left + wide > room.right():
        left = room.left() + max(0.0, (room.width() - wide) / 2)
    for name in look.icons:
        icon = theme.icon(name, ICON, ink)
        painter.drawPixmap(QPointF(left, box.center().y() - theme.px(ICON) / 2), icon)
        left += step
    place = QRectF(left, box.top(), wide - icons + 2, box.height())
    if look.kind == "refused":
        plate = place.adjusted(-5, box.height() / 2 - 9, 4, 9 - box.height() / 2)
        draw_box(painter, plate, 3, theme.color("bg"))
    draw_text(painter, place, text, font, theme.color(ink), LEFT)


def _guess(painter: QPainter, theme: Theme, box: QRectF, look: Look) -> None:
    right = look.guess == "right"
    ink = "on_fill" if look.filled else "good" if right else "accent"
    icon = theme.icon("check" if right else "x", 16, ink)
    size = theme.px(16)
    painter.drawPixmap(QPointF(box.right() - theme.px(MARK), box.center().y() - size / 2), icon)


def _spinner(painter: QPainter, theme: Theme, at: QPointF, seconds: float) -> None:
    """An arc that goes round; it stands still where motion is reduced."""
    radius = theme.px(7)
    arc = QRectF(at.x() - radius, at.y() - radius, 2 * radius, 2 * radius)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(_pen(theme.color("line2")))
    painter.drawEllipse(arc)
    painter.setPen(_pen(theme.color("accent")))
    turned = 0.0 if theme.reduced_motion else math.fmod(seconds, TURN_S) / TURN_S
    painter.drawArc(arc, round((90 - 360 * turned) * 16), -100 * 16)


def _pen(color: QColor) -> QPen:
    pen = QPen(color, 2)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    return pen
