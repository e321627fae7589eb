"""The setup of a narrow window: four numbers, each of which opens the setup at its question."""

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from explorer.desktop.panels.words import QUESTIONS
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.button import Button, ButtonKind

WIDTH: Final = 48


class Rail(QWidget):
    """`asked(number)` follows a click, 1 to 4."""

    asked = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        theme.changed.connect(self._restyle)
        self._restyle()
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 12, 6, 12)
        column.setSpacing(8)
        for number, question in enumerate(QUESTIONS, 1):
            button = Button(theme, str(number), kind=ButtonKind.QUIET, height=32)
            button.set_name(f"{number}. {question}")
            button.setToolTip(f"{question} ({number})")
            button.clicked.connect(lambda _=False, number=number: self.asked.emit(number))
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)

    def _restyle(self) -> None:
        self.setFixedWidth(self._theme.px(WIDTH))
