"""A small panel above the window that a click elsewhere or Esc closes; the keyboard goes back to where it was."""

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QFrame, QVBoxLayout, QWidget

from explorer.desktop.theme import Theme

MARGIN = 12


class Popover(QFrame):
    """Holds widgets in a column; `popup_below(widget)` opens it there. `closed` follows its end."""

    closed = Signal()

    def __init__(self, theme: Theme, name: str, width: int, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._theme = theme
        self._width = width
        self._before: QWidget | None = None
        self._anchor: QWidget | None = None
        self._right = False
        self.setAccessibleName(name)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        self.column.setSpacing(8)

    def popup_below(self, anchor: QWidget, *, right: bool = False) -> None:
        """Open below `anchor`, its left (or right) edge there, as far as the window has room."""
        self._anchor, self._right = anchor, right
        self.show_at(self._place())

    def fit(self) -> None:
        """Take the size and the place that the present scale asks for, if this is open below a widget."""
        if self.isVisible() and self._anchor is not None:
            self.move(self._place())

    def _place(self) -> QPoint:
        anchor = self._anchor
        if anchor is None:
            return self.pos()
        window = anchor.window()
        self.setFixedWidth(min(self._theme.px(self._width), window.width() - 16))
        self.adjustSize()
        corner = anchor.mapTo(window, QPoint(anchor.width() if self._right else 0, anchor.height() + 4))
        x = corner.x() - (self.width() if self._right else 0)
        x = min(max(x, 8), window.width() - self.width() - 8)
        y = min(corner.y(), max(8, window.height() - self.height() - 8))
        return window.mapToGlobal(QPoint(x, y))

    def show_at(self, place: QPoint) -> None:
        """Open with the top left corner at a place of the screen."""
        self._before = QApplication.focusWidget()
        self.move(place)
        self.show()
        self.raise_()

    def hideEvent(self, event: QHideEvent) -> None:
        """Give the keyboard back."""
        super().hideEvent(event)
        before, self._before = self._before, None
        if before is not None and before.isVisible():
            before.setFocus(Qt.FocusReason.PopupFocusReason)
        self.closed.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A raised surface with a border."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("raised"))
        painter.setPen(self._theme.color("line2"))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()
