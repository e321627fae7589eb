"""A knob that is a text: host, interpreter, cores. Enter or leaving the field commits, Esc reverts.

Enter also gives the keyboard back, unless the text was refused. A URL's password is shown only while one types.
"""

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.entry import Entry, hand_back_keyboard
from explorer.desktop.widgets.focus import FocusRing
from explorer.desktop.widgets.knob import MARKS
from explorer.desktop.widgets.label import ElidedLabel, IconLabel, Label
from explorer.desktop.widgets.paint import draw_box
from explorer.options import Effect, masked

FIELD_WIDTH = 132


class TextKnob(QWidget):
    """`committed(text)` follows a change by the user."""

    committed = Signal(str)

    def __init__(
        self,
        theme: Theme,
        title: str,
        value: str,
        *,
        effect: Effect = "restart",
        secret: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._value = value
        self._secret = secret
        self._field = _Field(theme)
        self._entry = self._field.entry
        self._entry.setText(self._shown(value))
        self._entry.setAccessibleName(title)
        self._sentence = Label(theme, "", 11, 500, "danger", wrap=True)
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._sentence.hide()
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(ElidedLabel(theme, title, 12, color="text2"), 1)
        line.addWidget(IconLabel(theme, MARKS[effect][0], 13, "text3"))
        line.addWidget(self._field)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(line)
        column.addWidget(self._sentence)
        self._ring = FocusRing(theme, self._entry, radius=6, around=self._field)
        self._entry.entered.connect(self._enter)
        self._entry.left.connect(self._commit)
        self._entry.escaped.connect(lambda: self.set_value(self._value))
        self._entry.focus_changed.connect(self._show_or_hide)
        self.setFocusProxy(self._entry)

    def set_value(self, value: str) -> None:
        """Show a value that came from elsewhere."""
        self._value = value
        if self._entry.text() != self._shown(value):
            self._entry.setText(self._shown(value))
        self._entry.setModified(False)
        self.set_error("")

    def set_changed(self, changed: bool) -> None:
        """Show it as the last knob that was changed."""
        self._field.show_as("accent" if changed else "")

    def set_error(self, sentence: str) -> None:
        """Put a refusal below the field, or take it away with an empty sentence."""
        self._entry.refused = bool(sentence)
        self._sentence.setText(sentence)
        self._sentence.setVisible(bool(sentence))
        self._field.show_as("danger" if sentence else "")

    def _shown(self, value: str) -> str:
        return masked(value) if self._secret and not self._entry.hasFocus() else value

    def _show_or_hide(self) -> None:
        if self._secret and not self._entry.refused:
            self._entry.setText(self._shown(self._value))
            if self._entry.hasFocus():
                self._entry.selectAll()

    def _enter(self) -> None:
        if self._entry.refused:
            self._entry.setModified(True)
        self._commit()
        if not self._entry.refused:
            hand_back_keyboard(self._entry)

    def _commit(self) -> None:
        if not self._entry.isModified():
            return
        self._entry.setModified(False)
        text = self._entry.text().strip()
        self.set_error("")
        before, self._value = self._value, text
        if text != before:
            self.committed.emit(text)
        if self._entry.refused:
            self._value = before


class _Field(QWidget):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._border = ""
        self.entry = Entry(theme, 12, 500)
        line = QHBoxLayout(self)
        line.setContentsMargins(8, 0, 8, 0)
        line.addWidget(self.entry)
        self.setFixedSize(FIELD_WIDTH, 28)
        theme.changed.connect(self.update)

    def show_as(self, border: str) -> None:
        self._border = border
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        draw_box(
            painter,
            QRectF(self.rect()),
            6,
            self._theme.color("raised"),
            self._theme.color(self._border or "line2"),
        )
