"""The chip beside the pointer that says what is under it."""

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import LEFT, draw_box, draw_text, text_width

PAD = 12
LINE = 18
AWAY = 14
WIDEST = 420


class Chip(QWidget):
    """A few lines, the first strong, the last weak; transparent for the mouse, never under the pointer."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._lines: tuple[str, ...] = ()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def show_at(self, pointer: QPoint, lines: tuple[str, ...], room: QRect) -> None:
        """Show `lines` beside `pointer` within `room`, both in the parent's pixels."""
        self._lines = lines
        size = self._size()
        x = pointer.x() + AWAY
        if x + size.width() > room.right():
            x = max(room.left(), pointer.x() - AWAY - size.width())
        y = pointer.y() + AWAY
        if y + size.height() > room.bottom():
            y = max(room.top(), pointer.y() - AWAY - size.height())
        self.setGeometry(QRect(QPoint(x, y), size))
        self.show()
        self.raise_()
        self.update()

    def lines(self) -> tuple[str, ...]:
        """What it says."""
        return self._lines

    def _size(self) -> QSize:
        theme = self._theme
        strong, plain = theme.font(12, 600), theme.font(12)
        widths = [text_width(strong if at == 0 else plain, line) for at, line in enumerate(self._lines)]
        wide = min(round(max(widths, default=0.0)) + 2 * PAD + 2, theme.px(WIDEST))
        return QSize(wide, theme.px(LINE) * len(self._lines) + 14)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The box and its lines."""
        theme, painter = self._theme, QPainter(self)
        draw_box(painter, QRectF(self.rect()), 6, theme.color("raised"), theme.color("line2"))
        line = theme.px(LINE)
        for at, text in enumerate(self._lines):
            token = "text" if at == 0 else "text3" if at == len(self._lines) - 1 else "text2"
            font = theme.font(12, 600 if at == 0 else 400)
            place = QRectF(PAD, 7 + at * line, self.width() - 2 * PAD, line)
            draw_text(painter, place, text, font, theme.color(token), int(LEFT))
        painter.end()
