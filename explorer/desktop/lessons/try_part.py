"""The last step: the lesson's further runs, each with its button, and what they came to beside the first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.button import Button
from explorer.desktop.widgets.label import Label

ELSEWHERE: Final = "measured, see below"
"""In place of a result where the question has no answer over this run: its claims tell what came of it."""


@dataclass(frozen=True, slots=True)
class TryRow:
    """A run that can be made: its words, what it came to (empty: not run yet), whether it is the lesson's first, and
    whether it goes on.
    """

    run: str
    title: str
    result: str
    first: bool = False
    going: bool = False


class TryRuns(QWidget):
    """`asked(run id)` follows a button."""

    asked = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.px(8))
        self._parts: list[QWidget] = []
        self.rows: tuple[TryRow, ...] = ()
        self.buttons: Mapping[str, Button] = {}

    def show_rows(self, rows: Sequence[TryRow]) -> None:
        """Show these."""
        if tuple(rows) == self.rows:
            return
        for part in self._parts:
            self._column.removeWidget(part)
            part.deleteLater()
        self.rows = tuple(rows)
        self.buttons, self._parts = {}, []
        busy = any(row.going for row in rows)
        for row in rows:
            part = self._part(row, busy)
            self._column.addWidget(part)
            self._parts.append(part)

    def _part(self, row: TryRow, busy: bool) -> QWidget:
        theme, part = self._theme, QWidget()
        line = QHBoxLayout(part)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.px(10))
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(Label(theme, row.title, 14, 600, wrap=True))
        told = "running …" if row.going else row.result or "not run yet"
        large = row.result not in ("", ELSEWHERE)
        color = "text" if large else "text2" if row.result else "text3"
        words.addWidget(Label(theme, told, 16 if large else 12, 700 if large else 400, color, wrap=True))
        line.addLayout(words, 1)
        if not row.first:
            button = Button(theme, "Run again" if row.result else "Run", icon="play", height=32)
            button.set_name(f"Run {row.title}")
            button.setEnabled(not busy)
            button.clicked.connect(lambda: self.asked.emit(row.run))
            self.buttons = {**self.buttons, row.run: button}
            line.addWidget(button)
        part.setAccessibleName(f"{row.title}: {told}")
        return part
