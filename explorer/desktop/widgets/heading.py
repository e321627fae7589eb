"""Small things at the head of panels: the application's mark, a numbered question, a dividing line."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import CENTER, LEFT, draw_box, draw_text
from explorer.records.states import State

_MARK = ((2.0, 1.0, 12.0, State.RUNNING), (9.0, 6.0, 15.0, State.QUEUED), (16.0, 3.0, 10.0, State.WAITING_GIL))
_MARK_UNIT = 22.0


class Mark(QWidget):
    """The application's mark: three lanes."""

    def __init__(self, theme: Theme, size: int = 22, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._size = size
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """A square."""
        return QSize(self._theme.px(self._size), self._theme.px(self._size))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Its four bars."""
        painter = QPainter(self)
        painter.scale(self.width() / _MARK_UNIT, self.height() / _MARK_UNIT)
        for top, left, width, state in _MARK:
            draw_box(painter, QRectF(left, top, width, 4.6), 1.6, self._theme.state(state).fill)
        draw_box(painter, QRectF(15, 16, 6, 4.6), 1.6, self._theme.color("text"))
        painter.end()


class NumberedHeading(QWidget):
    """A question with the key that opens it."""

    def __init__(self, theme: Theme, number: int, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._number = number
        self._text = text
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(text)
        theme.changed.connect(self.updateGeometry)

    @property
    def number(self) -> int:
        """The number shown."""
        return self._number

    def set_number(self, number: int) -> None:
        """Show another number."""
        self._number = number
        self.update()

    def sizeHint(self) -> QSize:
        """One line."""
        return QSize(self._theme.px(200), self._theme.px(20))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Number in a disc, question."""
        theme, painter = self._theme, QPainter(self)
        size = theme.px(20)
        disc = QRectF(0, (self.height() - size) / 2, size, size)
        draw_box(painter, disc, size / 2, theme.color("hover"))
        draw_text(painter, disc, str(self._number), theme.font(11, 600), theme.color("text2"), CENTER)
        font, left = theme.font(12, 600), size + theme.px(8)
        text = QFontMetricsF(font).elidedText(self._text, Qt.TextElideMode.ElideRight, self.width() - left)
        rect = QRectF(left, 0, self.width() - left, self.height())
        draw_text(painter, rect, text, font, theme.color("text2"), LEFT)
        painter.end()


class Divider(QWidget):
    """A line of one pixel between panels; upright if `vertical`."""

    def __init__(self, theme: Theme, *, vertical: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        if vertical:
            self.setFixedWidth(1)
        else:
            self.setFixedHeight(1)
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The line."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("line"))
        painter.end()
