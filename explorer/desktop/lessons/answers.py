"""The answers of a question: up to four with their digits, a number typed, and "I don't know"."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from explorer.desktop.lessons.reveal import is_number
from explorer.desktop.lessons.words import told
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.entry import Entry
from explorer.desktop.widgets.focus import FocusRing
from explorer.desktop.widgets.label import Label
from explorer.desktop.widgets.paint import draw_box, draw_chip, draw_text, wrapped_height
from explorer.lessons.lesson import Question

HIGH: Final = 46
LOW: Final = 36
FIELD: Final = (118, 34)
WORDS: Final = {"s": "seconds", "ms": "milliseconds", "×": "times", "/s": "per second"}
"""What an empty field asks for, where the unit is only a sign."""


class Answer(QAbstractButton):
    """One answer: its digit and its words, outlined in the accent once it was taken."""

    def __init__(self, theme: Theme, key: str, words: str, low: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._key, self._low = theme, key, low
        self.setText(words)
        self.setCheckable(True)
        self.setAccessibleName(f"{key}: {words}")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._ring = FocusRing(theme, self, radius=9)
        theme.changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        """One line, or two where the words are long."""
        return QSize(self._theme.px(200), self._theme.px(LOW if self._low else HIGH) + self._more())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width may need another number of lines."""
        self.updateGeometry()

    def heightForWidth(self, width: int) -> int:
        """Room for the words, broken where they must be."""
        return self.sizeHint().height()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Box, digit, words."""
        painter, theme, px, on = QPainter(self), self._theme, self._theme.px, self.isChecked()
        if not self.isEnabled():
            painter.setOpacity(0.6)
        fill = theme.color("accent_bg" if on else "hover" if self.underMouse() and self.isEnabled() else "raised")
        draw_box(painter, QRectF(self.rect()), 9, fill, theme.color("accent" if on else "line2"), 2 if on else 1)
        middle = self.height() / 2
        ink = theme.color("accent" if on else "text2")
        draw_chip(painter, theme, px(13), middle, self._key, ink, theme.color("accent" if on else "line2"))
        font = theme.font(13 if self._low else 15, 600 if not self._low else 500)
        room = QRectF(px(46), 0, self.width() - px(58), self.height())
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap
        color = theme.color("accent" if on else "text2" if self._low else "text")
        draw_text(painter, room, self.text(), font, color, flags)
        painter.end()

    def _more(self) -> int:
        """What the words take beyond one line, px."""
        font = self._theme.font(13 if self._low else 15, 600)
        room = max(60, self.width() - self._theme.px(58)) if self.width() > 120 else self._theme.px(226)
        return max(0, round(wrapped_height(font, self.text(), room) - QFontMetricsF(font).height()))


class NumberField(QWidget):
    """`typed(number)` follows each letter as long as it is a number between `low` and `high`, `entered` Enter."""

    typed = Signal(float)
    entered = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._range = (0.0, 0.0)
        self.line = Entry(theme, 14, 500)
        self.line.textEdited.connect(self._read)
        self.line.entered.connect(self.entered)
        self.line.focus_changed.connect(self.update)
        self.setFocusProxy(self.line)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 0, 8, 0)
        row.addWidget(self.line)
        theme.changed.connect(self._fit)
        self._fit()

    def ask(self, unit: str, low: float, high: float) -> None:
        """Ask for a number in this unit."""
        self._range = low, high
        self.line.setPlaceholderText(WORDS.get(unit, unit or "a number"))
        self.line.setAccessibleName(f"Your number, {unit}")
        self.show_value(None)

    def show_value(self, value: float | None) -> None:
        """Show a number, None: nothing."""
        if not self.line.hasFocus():
            self.line.setText("" if value is None else f"{value:g}")
        self.line.refused = False
        self.line.set_color("text")

    def begin(self, letter: str) -> None:
        """Take the keyboard, with the first digit of a number."""
        self.line.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.line.setText(letter)
        self.line.end(False)
        self._read(letter)

    def _read(self, text: str) -> None:
        try:
            value = float(text.replace(",", ".").strip())
        except ValueError:
            value = float("nan")
        low, high = self._range
        right = value >= 0 and (high <= low or value <= 1000 * high)
        self.line.refused = bool(text) and not right
        self.line.set_color("danger" if self.line.refused else "text")
        if right:
            self.typed.emit(value)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The box."""
        painter, theme = QPainter(self), self._theme
        edge = "danger" if self.line.refused else "accent" if self.line.hasFocus() else "line2"
        draw_box(painter, QRectF(self.rect()), 7, theme.color("raised"), theme.color(edge))
        painter.end()

    def _fit(self) -> None:
        self.setFixedSize(self._theme.px(FIELD[0]), self._theme.px(FIELD[1]))


class Answers(QWidget):
    """`chosen(number)`: an answer, 0 for "I don't know"; `typed(value)`: a number; `entered`: Enter after it."""

    chosen = Signal(int)
    typed = Signal(float)
    entered = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.px(8))
        self.buttons: list[Answer] = []
        self.unknown = Answer(theme, "0", "I don't know", low=True)
        self.unknown.clicked.connect(lambda: self.chosen.emit(0))
        self.field = NumberField(theme)
        self.field.typed.connect(self.typed)
        self.field.entered.connect(self.entered)
        self._or = Label(theme, "or", 12, color="text3")
        self._drag = Label(theme, "or drag the violet line", 12, color="text3")
        self._row = QWidget()
        line = QHBoxLayout(self._row)
        line.setContentsMargins(0, 2, 0, 2)
        line.setSpacing(9)
        line.addWidget(self._or)
        line.addWidget(self.field)
        self._unit = Label(theme, "", 13, 500, "text2")
        line.addWidget(self._unit)
        line.addWidget(self._drag)
        line.addStretch(1)
        self._column.addWidget(self._row)
        self._column.addWidget(self.unknown)

    def ask(self, question: Question, draggable: bool) -> None:
        """Offer the answers of this question."""
        for button in self.buttons:
            self._column.removeWidget(button)
            button.deleteLater()
        self.buttons = []
        for number, choice in enumerate(question.choices, 1):
            button = Answer(self._theme, str(number), choice.text or told(choice.value, question.unit))
            button.clicked.connect(lambda _=False, number=number: self.chosen.emit(number))
            self._column.insertWidget(number - 1, button)
            self.buttons.append(button)
        self._row.setVisible(is_number(question))
        self._or.setVisible(bool(question.choices))
        self._unit.setText(question.unit)
        self._drag.setVisible(draggable)
        self.field.ask(question.unit, question.low, question.high)

    def show_taken(self, choice: int, value: float | None, unknown: bool) -> None:
        """Mark what was said: the number of a choice, a value, or that nobody knows."""
        for number, button in enumerate(self.buttons, 1):
            button.setChecked(number == choice)
        self.unknown.setChecked(unknown)
        self.field.show_value(value if not choice else None)

    @property
    def names(self) -> Sequence[str]:
        """The answers' words."""
        return [button.text() for button in self.buttons]
