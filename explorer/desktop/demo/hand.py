"""The moving hand: a clock face whose hand goes round once in four seconds, as long as its loop comes round in time."""

import math
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.desktop.theme import Theme

ROUND_NS: Final = 4_000_000_000
MARKS: Final = 12
DIAMETER: Final = 124


class Hand(QWidget):
    """The face and its hand. `moment` (ns) says where the hand stands; set it by `show_moment`."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._moment = 0
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("A hand that moves while the event loop is free")
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """A square."""
        return QSize(self._theme.px(DIAMETER), self._theme.px(DIAMETER))

    @property
    def tip(self) -> QPointF:
        """Where the point of the hand is, in the widget's pixels."""
        angle = 2 * math.pi * (self._moment % ROUND_NS) / ROUND_NS
        length = self._radius * 0.74
        middle = QRectF(self.rect()).center()
        return middle + QPointF(math.sin(angle), -math.cos(angle)) * length

    def show_moment(self, moment: int) -> None:
        """Move the hand."""
        self._moment = moment
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Face, marks, hand."""
        theme, painter = self._theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle, radius = QRectF(self.rect()).center(), self._radius
        painter.setPen(QPen(theme.color("line2"), theme.px(1)))
        painter.setBrush(theme.color("lane"))
        painter.drawEllipse(middle, radius, radius)
        painter.setPen(_round_pen(theme, "text3", 2))
        for mark in range(MARKS):
            angle = 2 * math.pi * mark / MARKS
            out = QPointF(math.sin(angle), -math.cos(angle))
            painter.drawLine(middle + out * (radius * 0.84), middle + out * (radius * 0.91))
        painter.setPen(_round_pen(theme, "accent", 5))
        painter.drawLine(middle, self.tip)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("accent"))
        painter.drawEllipse(middle, theme.px(6), theme.px(6))
        painter.end()

    @property
    def _radius(self) -> float:
        return min(self.width(), self.height()) / 2 - 1


def _round_pen(theme: Theme, token: str, width: float) -> QPen:
    return QPen(theme.color(token), theme.px(width), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
