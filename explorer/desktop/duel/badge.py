"""The badges of a duel's scenarios: A in ink, B in the accent, C and D as their outlines."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import CENTER, draw_box, draw_text

SIZE = 20


def badge_color(theme: Theme, badge: str) -> QColor:
    """The colour that stands for a scenario in charts: ink for A and C, the accent for B and D."""
    return theme.color("accent" if badge in ("B", "D") else "ink")


def filled(badge: str) -> bool:
    """Whether it is drawn filled; C and D are hollow."""
    return badge in ("A", "B")


def draw_badge(painter: QPainter, theme: Theme, rect: QRectF, badge: str) -> None:
    """The letter in its box."""
    font = theme.font(11, 700)
    if filled(badge):
        fill, ink = ("fill", "on_fill") if badge == "B" else ("ink", "panel")
        draw_box(painter, rect, 4, theme.color(fill))
        draw_text(painter, rect, badge, font, theme.color(ink), CENTER)
    else:
        color = badge_color(theme, badge)
        draw_box(painter, rect, 4, None, color, 1.5)
        draw_text(painter, rect, badge, font, color, CENTER)


def draw_sample(painter: QPainter, theme: Theme, middle: QPointF, badge: str, radius: float = 2.2) -> None:
    """The dot of a scenario in a chart."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    color = badge_color(theme, badge)
    if filled(badge):
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
    else:
        painter.setPen(QPen(color, 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(middle, radius, radius)


class Badge(QWidget):
    """A badge as a widget."""

    def __init__(self, theme: Theme, badge: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._badge = badge
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(badge)
        theme.changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        """A square."""
        return QSize(self._theme.px(SIZE), self._theme.px(SIZE))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The letter in its box."""
        painter = QPainter(self)
        draw_badge(painter, self._theme, QRectF(self.rect()), self._badge)
        painter.end()
