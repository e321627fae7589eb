"""The slide's grid of 1280 × 720, how it lies on a widget, and type in its units."""

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from explorer.desktop.theme import Theme

WIDTH: Final = 1280.0
HEIGHT: Final = 720.0
WHOLE: Final = QRectF(0, 0, WIDTH, HEIGHT)
TITLE: Final = 60
NUMBER: Final = 190
LABEL: Final = 24
CODE: Final = 21
SMALL: Final = 15
"""The page number and "live": all else is read from the last row."""


@dataclass(frozen=True, slots=True)
class Placed:
    """The grid on a widget: scaled as a whole, in the middle."""

    scale: float
    left: float
    top: float

    def apply(self, painter: QPainter) -> None:
        """From here on the painter's units are the grid's."""
        painter.translate(self.left, self.top)
        painter.scale(self.scale, self.scale)

    def point(self, at: QPointF) -> tuple[float, float]:
        """Where on the grid a point of the widget is."""
        return (at.x() - self.left) / self.scale, (at.y() - self.top) / self.scale


def placed(size: QSize) -> Placed:
    """How the grid lies on a widget of this size."""
    scale = max(min(size.width() / WIDTH, size.height() / HEIGHT), 1e-3)
    return Placed(scale, (size.width() - WIDTH * scale) / 2, (size.height() - HEIGHT * scale) / 2)


def font(theme: Theme, px: float, weight: int = 400, *, mono: bool = False) -> QFont:
    """Type of the grid: the scale of the window is not for it."""
    made = QFont(theme.font(13, weight, mono))
    made.setPixelSize(max(1, round(px)))
    return made


def fitting(theme: Theme, text: str, px: float, weight: int, room: float, *, mono: bool = False) -> QFont:
    """The largest type up to `px` at which one line has room."""
    made = font(theme, px, weight, mono=mono)
    wide = QFontMetricsF(made).horizontalAdvance(text)
    return made if wide <= room else font(theme, px * room / wide, weight, mono=mono)


def ground(theme: Theme) -> QColor:
    """What slides stand on: pure white for a projector in a bright room."""
    return theme.color("bg") if theme.dark else QColor(Qt.GlobalColor.white)
