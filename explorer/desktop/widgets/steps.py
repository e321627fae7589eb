"""Progress of something that takes a moment: its steps, what each took, and after a while a way out."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.button import Button
from explorer.desktop.widgets.label import IconLabel, Label
from explorer.desktop.widgets.paint import LEFT, RIGHT, draw_box, draw_text

CANCEL_AFTER = 2.0
"""Seconds from which on a way out is offered: before that it would only flicker."""
ROW = 24


class StepState(Enum):
    """How far a step is."""

    DONE = "done"
    NOW = "now"
    TODO = "todo"


@dataclass(frozen=True, slots=True)
class Step:
    """One step; `seconds` is what it took, once it is done."""

    text: str
    state: StepState = StepState.TODO
    seconds: float | None = None


_ICONS = {
    StepState.DONE: ("check", "text2", "text2"),
    StepState.NOW: ("circle-dot", "accent", "text"),
    StepState.TODO: ("circle-dot", "text3", "text2"),
}


class StepList(QWidget):
    """A card with a title, the time so far and the steps; `cancelled` follows its button."""

    cancelled = Signal()

    def __init__(self, theme: Theme, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._title = Label(theme, title, 14, 600)
        self._elapsed = Label(theme, "", 12, 500, "text2")
        self._rows = _Rows(theme)
        self._cancel = Button(theme, "Cancel")
        self._cancel.clicked.connect(lambda _checked=False: self.cancelled.emit())
        self._cancel.hide()
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(IconLabel(theme, "loader", 16, "accent"))
        head.addWidget(self._title, 1)
        head.addWidget(self._elapsed)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self._rows)
        column.addWidget(self._cancel, 0, Qt.AlignmentFlag.AlignRight)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(title)
        theme.changed.connect(self.update)

    def show_progress(self, steps: Sequence[Step], elapsed: float) -> None:
        """Show how far it is, `elapsed` seconds after the start."""
        self._rows.set_steps(steps)
        self._elapsed.setText(f"{elapsed:.1f} s")
        self._cancel.setVisible(elapsed >= CANCEL_AFTER)
        now = next((step.text for step in steps if step.state is StepState.NOW), "")
        self.setAccessibleDescription(now)

    @property
    def cancel_button(self) -> Button:
        """The way out; hidden at first."""
        return self._cancel

    def paintEvent(self, event: QPaintEvent) -> None:
        """The card."""
        painter = QPainter(self)
        draw_box(painter, QRectF(self.rect()), 8, self._theme.color("panel"), self._theme.color("line"))
        painter.end()


class _Rows(QWidget):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._steps: tuple[Step, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)

    def set_steps(self, steps: Sequence[Step]) -> None:
        if len(steps) != len(self._steps):
            self.updateGeometry()
        self._steps = tuple(steps)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(320), self._theme.px(ROW) * len(self._steps))

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._theme, QPainter(self)
        height = theme.px(ROW)
        for number, step in enumerate(self._steps):
            icon, mark, ink = _ICONS[step.state]
            top = number * height
            painter.drawPixmap(QPointF(1, top + (height - theme.px(14)) / 2), theme.icon(icon, 14, mark))
            left = theme.px(24)
            rect = QRectF(left, top, self.width() - left - theme.px(56), height)
            draw_text(painter, rect, step.text, theme.font(12), theme.color(ink), LEFT)
            if step.seconds is not None:
                rect = QRectF(self.width() - theme.px(56), top, theme.px(56), height)
                draw_text(painter, rect, f"{step.seconds:.2f} s", theme.font(11), theme.color("text3"), RIGHT)
        painter.end()
