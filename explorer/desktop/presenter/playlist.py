"""Asks which lessons are presented, and in which order: the last lecture's are chosen already."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.button import Button, ButtonKind
from explorer.desktop.widgets.label import Label
from explorer.desktop.widgets.row_list import ListRow, RowList
from explorer.lessons.lesson import Lesson

SIZE: Final = (620, 560)
HINT: Final = "Space chooses, Alt+↑ and Alt+↓ move, Enter presents."
NONE: Final = "Choose at least one lesson with Space."


@dataclass(slots=True)
class Entry:
    """A lesson, and whether it is presented."""

    lesson: Lesson
    chosen: bool


def entries(lessons: Sequence[Lesson], chosen: Sequence[str]) -> list[Entry]:
    """The chosen ones first, in their order, then the others."""
    known = {lesson.id: lesson for lesson in lessons}
    first = [Entry(known[one], True) for one in dict.fromkeys(chosen) if one in known]
    return first + [Entry(lesson, False) for lesson in lessons if lesson.id not in chosen]


class LessonList(RowList):
    """`confirmed`: Enter; a click on a row only chooses it."""

    confirmed = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter is for all that is chosen, not for the row."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.confirmed.emit()
        else:
            super().keyPressEvent(event)


class PlaylistDialog(QDialog):
    """`agreed(ids)`: these lessons, in this order."""

    agreed = Signal(list)

    def __init__(self, theme: Theme, lessons: Sequence[Lesson], chosen: Sequence[str], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Present")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.entries = entries(lessons, chosen)
        self._says = Label(theme, HINT, 12, 500, "text2", wrap=True)
        self._sum = Label(theme, "", 12, 600, "text2")
        self.list = LessonList(theme, "Lessons to present, in their order")
        self._cancel = Button(theme, "Cancel", height=32)
        self._present = Button(theme, "Present", icon="play", kind=ButtonKind.PRIMARY, shortcut="Enter", height=32)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(20), theme.px(16), theme.px(20), theme.px(16))
        column.setSpacing(theme.px(10))
        column.addWidget(Label(theme, "Which lessons, in which order?", 17, 600))
        column.addWidget(self.list, 1)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self._says, 1)
        foot.addWidget(self._sum)
        foot.addWidget(self._cancel)
        foot.addWidget(self._present)
        column.addLayout(foot)
        self.list.entered_row.connect(self._toggle)
        self.list.confirmed.connect(self._agree)
        self.list.key_pressed.connect(self._key)
        self._cancel.clicked.connect(self.reject)
        self._present.clicked.connect(self._agree)
        self.resize(theme.px(SIZE[0]), theme.px(SIZE[1]))
        self._show()
        self.list.setFocus()

    @property
    def chosen(self) -> list[str]:
        """The ids of the chosen lessons, in their order."""
        return [entry.lesson.id for entry in self.entries if entry.chosen]

    def _show(self, current: str = "") -> None:
        rows, number = [], 0
        for entry in self.entries:
            number += entry.chosen
            lesson, slides = entry.lesson, len(entry.lesson.slides)
            words = f"{slides} slide{'s' * (slides != 1)}, {lesson.minutes} min"
            place = f"{number}. " if entry.chosen else ""
            icon = "check" if entry.chosen else "plus"
            said = f"{place}{lesson.title}, {words}, {'chosen' if entry.chosen else 'not chosen'}"
            rows.append(ListRow(lesson.id, f"{place}{lesson.title}", words, icon, spoken=said, enabled=entry.chosen))
        self.list.set_rows(rows, current)
        minutes = sum(entry.lesson.minutes for entry in self.entries if entry.chosen)
        self._sum.setText(f"{number} chosen, {minutes} min")

    def _key(self, key: str, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        if event.key() == Qt.Key.Key_Space:
            self._toggle(key)
            event.accept()
        elif event.modifiers() & Qt.KeyboardModifier.AltModifier and event.key() in steps:
            self._move(key, steps[Qt.Key(event.key())])
            event.accept()

    def _toggle(self, key: str) -> None:
        """Choose, or no longer: what is chosen goes to the end of the chosen ones."""
        entry = next(one for one in self.entries if one.lesson.id == key)
        entry.chosen = not entry.chosen
        self.entries.sort(key=lambda one: not one.chosen)
        if entry.chosen:
            self.entries.remove(entry)
            self.entries.insert(sum(one.chosen for one in self.entries), entry)
        self._says.setText(HINT)
        self._show(key)

    def _move(self, key: str, by: int) -> None:
        at = next(at for at, one in enumerate(self.entries) if one.lesson.id == key)
        to = at + by
        if 0 <= to < len(self.entries) and self.entries[at].chosen and self.entries[to].chosen:
            self.entries[at], self.entries[to] = self.entries[to], self.entries[at]
            self._show(key)

    def _agree(self) -> None:
        if not self.chosen:
            self._says.setText(NONE)
            return
        chosen = self.chosen
        self.accept()
        self.agreed.emit(chosen)
