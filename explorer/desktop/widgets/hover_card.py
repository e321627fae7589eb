"""What is under the pointer, in a few lines beside it: never over it, and never in the way of a click."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import LEFT, draw_box, draw_text, text_width

AWAY = 14
LINE = 19
PADDING = 12
STYLES = ((12, 600, "text"), (11, 400, "text2"), (11, 400, "text3"))
"""Size, weight and token of the first, the second and all further lines."""


class HoverCard(QWidget):
    """A child of what it explains. First line: the thing; second: where it is; third: what a click does."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._room = parent
        self._theme = theme
        self._lines: tuple[str, ...] = ()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def show_at(self, pointer: QPoint, lines: Sequence[str]) -> None:
        """Show `lines` beside `pointer` (in the parent's coordinates), within the parent."""
        if tuple(lines) != self._lines:
            self._lines = tuple(lines)
            self.setAccessibleName(". ".join(lines))
            self.resize(self.sizeHint())
            self.update()
        self.move(place_beside(pointer, self.size(), self._room.size()))
        self.show()
        self.raise_()

    def sizeHint(self) -> QSize:
        """All lines in full."""
        px = self._theme.px
        widths = [text_width(self._theme.font(*_style(i)[:2]), line) for i, line in enumerate(self._lines)]
        return QSize(round(max(widths, default=0)) + 2 * px(PADDING) + 1, px(LINE) * len(self._lines) + px(13))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The lines on a raised ground."""
        theme, px, painter = self._theme, self._theme.px, QPainter(self)
        draw_box(painter, QRectF(self.rect()), 6, theme.color("raised"), theme.color("line2"))
        for number, line in enumerate(self._lines):
            size, weight, ink = _style(number)
            rect = QRectF(px(PADDING), px(6) + number * px(LINE), self.width(), px(LINE))
            draw_text(painter, rect, line, theme.font(size, weight), theme.color(ink), LEFT)
        painter.end()


def place_beside(pointer: QPoint, card: QSize, room: QSize) -> QPoint:
    """Where the card's corner goes: right of and below the pointer, or on the other side where there is no room."""
    x, y = pointer.x() + AWAY, pointer.y() + AWAY
    if x + card.width() > room.width():
        x = pointer.x() - AWAY - card.width()
    if y + card.height() > room.height():
        y = pointer.y() - AWAY - card.height()
    if x < 0:
        # Neither side has room: it may cover the pointer's column, as long as it stays above or below.
        x = max(0, min(room.width() - card.width(), pointer.x() - card.width() // 2))
    return QPoint(x, max(0, y))


def _style(number: int) -> tuple[int, int, str]:
    return STYLES[min(number, len(STYLES) - 1)]
