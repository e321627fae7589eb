"""The line in which the SQL of a step is edited, in the step's place."""

from typing import Final

from PySide6.QtCore import QEvent, QRect, QRectF, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent, Qt
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import draw_box

_COMES_BACK: Final = (
    Qt.FocusReason.ActiveWindowFocusReason,
    Qt.FocusReason.PopupFocusReason,
    Qt.FocusReason.MenuBarFocusReason,
)


class SqlEditor(QWidget):
    """`entered(step, sql)` follows Enter, or that somebody goes on elsewhere; `closed` its end in any way.

    What is written stays while another window, or the menu of the line itself, has the keyboard.
    """

    entered = Signal(int, str)
    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.step = -1
        self.line = QPlainTextEdit(self)
        self.line.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.line.setTabChangesFocus(True)
        self.line.setAccessibleName("SQL of the step")
        self.line.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.line.installEventFilter(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 3, 6, 3)
        column.addWidget(self.line)
        self.hide()
        theme.changed.connect(self._restyle)
        self._restyle()

    def open(self, step: int, sql: str, box: QRect) -> None:
        """Edit the SQL of a step in this box; it grows with what is written."""
        self.step = step
        self.line.setAccessibleName(f"SQL of step {step + 1}; Enter runs it, Esc gives it up")
        self.line.setPlainText(sql)
        self.line.selectAll()
        self.setGeometry(box)
        metrics = self.line.fontMetrics()
        rows = max(2, -(-metrics.horizontalAdvance(sql) // max(1, box.width() - 24)) + 1)
        self.resize(box.width(), max(box.height(), rows * metrics.lineSpacing() + 14))
        self.show()
        self.raise_()
        self.line.setFocus(Qt.FocusReason.OtherFocusReason)

    def give_up(self) -> None:
        """Leave it as it was."""
        if self.isVisible():
            self.hide()
            self.closed.emit()

    def accept(self) -> None:
        """Take what is written."""
        if self.isVisible():
            step, sql = self.step, self.line.toPlainText()
            self.hide()
            self.closed.emit()
            self.entered.emit(step, sql)

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        """Enter takes it, Esc gives it up; and no shortcut of the page acts on what is typed."""
        if isinstance(event, QKeyEvent):
            plain = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress and plain:
                (self.give_up if event.key() == Qt.Key.Key_Escape else self.accept)()
                return True
        elif isinstance(event, QFocusEvent) and event.lostFocus() and event.reason() not in _COMES_BACK:
            self.accept()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """A box that says that one writes here."""
        painter = QPainter(self)
        draw_box(painter, QRectF(self.rect()), 6, self._theme.color("raised"), self._theme.color("accent"), 2)
        painter.end()

    def _restyle(self) -> None:
        self.line.setFont(self._theme.font(12, 500, True))
