"""A number that can be set: its name, a mark that says what a change costs, and a field with the unit.

A value is committed by Enter, which also gives the keyboard back, by leaving the field, by the arrow keys or the wheel
while the field has the keyboard (Shift: ten steps) or by dragging the name. What is out of bounds is not committed: the
field turns red, the bounds stand below, the last value goes on, and Esc brings it back.
"""

import math
from enum import Enum
from typing import Final

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.entry import Entry, hand_back_keyboard
from explorer.desktop.widgets.focus import FocusRing
from explorer.desktop.widgets.label import ElidedLabel, IconLabel, Label
from explorer.desktop.widgets.number import NumberRange
from explorer.desktop.widgets.paint import draw_box, text_width
from explorer.options import Effect

PIXELS_PER_STEP = 4
FIELD_WIDTH = 96
FIELD_STEP = 16
INLINE_WIDTH = 46
INLINE_TEXT = "1,000"
"""A field in a line has room for this at least; a longer number scrolls in it."""
BUSY_EXTRA = 18
PADDING = 9
GAP = 5


class KnobState(Enum):
    """What the field shows besides its value."""

    REST = "rest"
    CHANGED = "changed"
    RESTARTING = "restarting"


MARKS: Final[dict[Effect, tuple[str, str, str]]] = {
    "live": ("zap", "Takes effect at once.", "at once"),
    "restart": ("rotate-cw", "Takes a restart.", "takes a restart"),
    "start": ("clock", "Counts from the next run on.", "from the next run on"),
}
"""For what a change does: the icon, its tooltip, the words for a screen reader."""


class KnobField(QWidget):
    """One knob. `committed(value)` follows each change the user makes, with a value within the bounds."""

    committed = Signal(float)

    def __init__(
        self,
        theme: Theme,
        title: str,
        value: float,
        bounds: NumberRange,
        *,
        unit: str = "",
        effect: Effect = "live",
        description: str = "",
        inline: bool = False,
        marked: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        """`inline`: one of several in a line, as narrow as it can be, without the mark. `marked`: with it."""
        super().__init__(parent)
        self._theme = theme
        self._range = bounds
        self._inline = inline
        self._marked = marked and not inline
        self._unit = unit
        self._value = value
        self._state = KnobState.REST
        self._name = _DragName(theme, title)
        self._name.stepped.connect(self.step)
        self._busy = Label(theme, "restarting", 11, 500, "accent")
        icon, meaning, _ = MARKS[effect]
        self._mark = IconLabel(theme, icon, 13, "text3")
        self._mark.setToolTip(meaning)
        widest = max(bounds.text(value), INLINE_TEXT, key=len) if inline else bounds.widest(value)
        self._field = _Field(theme, unit, widest, INLINE_WIDTH if inline else FIELD_WIDTH)
        self._entry = self._field.entry
        self._sentence = Label(theme, "", 11, 500, "danger", wrap=True)
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._lay_out()
        self._ring = FocusRing(theme, self._entry, radius=6, around=self._field)
        self._entry.entered.connect(self._enter)
        self._entry.left.connect(self._commit_text)
        self._entry.escaped.connect(self.revert)
        self._entry.stepped.connect(self.step)
        self.setFocusProxy(self._entry)
        self._describe(title, description, effect)
        self._show_value()
        self._show_state()
        theme.changed.connect(self._show_state)

    def value(self) -> float:
        """The last good value."""
        return self._value

    def set_value(self, value: float) -> None:
        """Show a value that came from elsewhere; nothing is committed. What the user is typing stays."""
        self._value = value
        if not (self._entry.hasFocus() and self._entry.isModified()):
            self._show_value()
            self.set_error("")

    def state(self) -> KnobState:
        """Rest, just changed, or restarting."""
        return self._state

    def set_state(self, state: KnobState) -> None:
        """Say that this was the last change, or that a restart for it is under way."""
        if state is not self._state:
            self._state = state
            self._show_state()

    def error(self) -> str:
        """The sentence below the field; empty when all is well."""
        return self._sentence.text()

    def set_error(self, sentence: str) -> None:
        """Put the blame on this knob, or take it off with an empty sentence."""
        if sentence != self._sentence.text():
            self._sentence.setText(sentence)
            self._sentence.setVisible(bool(sentence))
            self._entry.refused = bool(sentence)
            self._entry.setAccessibleDescription(sentence or self.toolTip())
            self._show_state()

    def step(self, steps: int) -> None:
        """Move by `steps` of the range's step, stopping at the bounds, and commit."""
        self._commit(self._range.step(self._value, steps))

    def revert(self) -> None:
        """Forget what was typed."""
        self._show_value()
        self.set_error("")

    def _enter(self) -> None:
        if self.error():
            self._entry.setModified(True)
        self._commit_text()
        if not self.error():
            hand_back_keyboard(self._entry)

    def _commit_text(self) -> None:
        if not self._entry.isModified():
            return
        text = self._entry.text()
        value = self._range.parse(text)
        if value is None:
            self._entry.setModified(False)
            self.set_error(self._range.sentence(text))
        else:
            self._commit(value)

    def _commit(self, value: float) -> None:
        before, self._value = self._value, value
        self.revert()
        if value != before:
            self.committed.emit(value)
        if self.error():
            self._value = before

    def _show_value(self) -> None:
        self._entry.setText(self._range.text(self._value))
        self._entry.setModified(False)

    def _show_state(self) -> None:
        busy = self._state is KnobState.RESTARTING
        self._busy.setVisible(busy)
        self._mark.setVisible(not busy and self._marked)
        self._field.show_state(self._state, wrong=bool(self.error()))

    def _describe(self, title: str, description: str, effect: Effect) -> None:
        self.setToolTip(description)
        self._name.setToolTip(description)
        unit = f" in {self._unit}" if self._unit else ""
        self._entry.setAccessibleName(f"{title}{unit}, {MARKS[effect][2]}")
        self._entry.setAccessibleDescription(description)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._name, 1)
        if self._inline:
            self._name.setMinimumWidth(self._name.sizeHint().width())
        row.addWidget(self._busy)
        row.addWidget(self._mark)
        row.addWidget(self._field)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addLayout(row)
        column.addWidget(self._sentence)
        self._sentence.hide()


class _Field(QWidget):
    """The box: a busy mark, the number, the unit."""

    def __init__(self, theme: Theme, unit: str, widest: str, least: int = FIELD_WIDTH) -> None:
        super().__init__()
        self._theme = theme
        self._widest = widest
        self._least = least
        self._border, self._fill = "line2", "raised"
        self.entry = Entry(theme, 13, 600)
        self._unit = Label(theme, unit, 11, 400, "text3")
        self._busy = IconLabel(theme, "rotate-cw", 13, "accent")
        row = QHBoxLayout(self)
        row.setContentsMargins(PADDING, 0, PADDING, 0)
        row.setSpacing(GAP)
        row.addWidget(self._busy)
        row.addWidget(self.entry, 1)
        row.addWidget(self._unit)
        self.setFocusProxy(self.entry)
        self.setCursor(Qt.CursorShape.IBeamCursor)
        self.entry.focus_changed.connect(self.update)

    def show_state(self, state: KnobState, *, wrong: bool) -> None:
        """Colours, width and mark of a state; what is wrong outweighs it."""
        rest = state is KnobState.REST
        self._border = "danger" if wrong else "line2" if rest else "accent"
        self._fill = "raised" if rest or wrong else "accent_bg"
        self.entry.set_color("danger" if wrong else "text")
        busy = state is KnobState.RESTARTING
        self._busy.setVisible(busy)
        self.setFixedSize(self._width(busy), self._theme.px(28))
        self.update()

    def _width(self, busy: bool) -> int:
        theme = self._theme
        words = text_width(theme.font(13, 600), self._widest) + text_width(theme.font(11), self._unit.text())
        # The entry keeps a few pixels of its own at either end for the cursor.
        needed = round(words) + 2 * PADDING + GAP + 8
        # In steps, so that the fields of one panel line up.
        if self._least < FIELD_WIDTH:
            return max(theme.px(self._least), needed) + (BUSY_EXTRA if busy else 0)
        wider = max(0, math.ceil((needed - theme.px(FIELD_WIDTH)) / FIELD_STEP))
        return theme.px(FIELD_WIDTH) + wider * FIELD_STEP + (BUSY_EXTRA if busy else 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        border = "accent" if self.entry.hasFocus() and self._border == "line2" else self._border
        draw_box(painter, QRectF(self.rect()), 5, self._theme.color(self._fill), self._theme.color(border))
        painter.end()


class _DragName(ElidedLabel):
    """The knob's name; dragging it sideways steps the value."""

    stepped = Signal(int)

    def __init__(self, theme: Theme, title: str) -> None:
        super().__init__(theme, title, 12, 400, "text2")
        self.setCursor(Qt.CursorShape.SizeHorCursor)
        self._from: float | None = None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._from = event.position().x()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._from is None:
            return
        steps = int((event.position().x() - self._from) / PIXELS_PER_STEP)
        if steps:
            self._from += steps * PIXELS_PER_STEP
            shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            self.stepped.emit(steps * 10 if shift else steps)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._from = None
