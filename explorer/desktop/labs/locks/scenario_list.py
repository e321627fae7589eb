"""The scenarios at the left, in their groups."""

from collections.abc import Mapping
from itertools import groupby

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.row_list import ListRow, RowList
from explorer.labs.locks.lock_scenario import LockScenario


class ScenarioList(QWidget):
    """`chosen(id)` follows a click, Enter, or the arrow keys."""

    chosen = Signal(str)

    def __init__(self, theme: Theme, scenarios: Mapping[str, LockScenario], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._list = RowList(theme, "Scenarios")
        rows = []
        for group, several in groupby(scenarios.values(), key=lambda one: one.group):
            rows.append(ListRow(group, group, heading=True))
            rows += [ListRow(one.id, one.title, spoken=f"{one.title}. {one.sentence}") for one in several]
        self._list.set_rows(rows)
        self._list.currentRowChanged.connect(self._tell)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 10, 8, 8)
        column.addWidget(self._list)
        self.setFocusProxy(self._list)

    def current(self) -> str:
        """The id of the one that is marked."""
        row = self._list.current()
        return row.key if row is not None else ""

    def show_current(self, identity: str) -> None:
        """Mark another one."""
        for at, row in enumerate(self._list.rows()):
            if row.key == identity and at != self._list.currentRow():
                blocked = self._list.blockSignals(True)
                self._list.setCurrentRow(at)
                self._list.blockSignals(blocked)
                self._list.viewport().update()

    def step(self, by: int) -> None:
        """Go to the next one, or the one before."""
        self._list.step(by)

    def _tell(self, at: int) -> None:
        row = self._list.current()
        if row is not None and not row.heading:
            self.chosen.emit(row.key)
