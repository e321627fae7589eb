"""The cells of the matrix as Qt asks for them: a row for each anomaly, a column for each level."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from explorer.desktop.labs.isolation.matrix.levels import words_of
from explorer.desktop.labs.isolation.matrix.look import Look, look_of, shown_by, spoken, why_nothing
from explorer.desktop.widgets.tip import tip
from explorer.labs.isolation.matrix import Cell
from explorer.labs.isolation.schedule import Schedule

Index = QModelIndex | QPersistentModelIndex
LOOK = int(Qt.ItemDataRole.UserRole)
Guess = Callable[[str, str], bool | None]
"""Of a level and a schedule what was predicted."""


def _no_guess(level: str, schedule: str) -> bool | None:
    return None


class MatrixModel(QAbstractTableModel):
    """Rows are `schedules`, columns `levels`; a cell's `LOOK` is a `Look`, its accessible text a sentence."""

    def __init__(self, schedules: Sequence[Schedule], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.schedules = list(schedules)
        self.levels: tuple[str, ...] = ()
        self.engine = ""
        self.cells: Mapping[tuple[str, str], Cell] = {}
        self.measuring: tuple[str, str] | None = None
        self.guess: Guess = _no_guess

    def show_levels(self, engine: str, levels: Sequence[str]) -> None:
        """Show the levels of another engine; what was measured on the one before is gone."""
        self.beginResetModel()
        self.engine, self.levels = engine, tuple(levels)
        self.cells, self.measuring, self.guess = {}, None, _no_guess
        self.endResetModel()

    def show_cells(
        self,
        cells: Mapping[tuple[str, str], Cell],
        measuring: tuple[str, str] | None = None,
        guess: Guess | None = None,
    ) -> None:
        """Show these cells, by level and schedule; `measuring` is the one that runs now."""
        self.cells, self.measuring = cells, measuring
        self.guess = guess or _no_guess
        if self.levels and self.schedules:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.schedules) - 1, len(self.levels) - 1))

    def place(self, level: str, schedule: str) -> QModelIndex:
        """Where a cell is; an invalid index if it is not shown."""
        rows = [one.id for one in self.schedules]
        if level not in self.levels or schedule not in rows:
            return QModelIndex()
        return self.index(rows.index(schedule), self.levels.index(level))

    def key(self, index: Index) -> tuple[str, str]:
        """The level and the schedule of a cell."""
        return self.levels[index.column()], self.schedules[index.row()].id

    def cell(self, index: Index) -> Cell | None:
        """What was measured there."""
        return self.cells.get(self.key(index)) if index.isValid() else None

    def begins_group(self, row: int) -> bool:
        """Whether a line divides this row from the one above."""
        return row > 0 and self.schedules[row].group != self.schedules[row - 1].group

    def look(self, index: Index) -> Look:
        """How a cell looks."""
        level, schedule = key = self.key(index)
        return look_of(level, self.cells.get(key), measuring=key == self.measuring, guess=self.guess(level, schedule))

    # -- Qt --------------------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own signature
        """Anomalies."""
        return 0 if parent.isValid() else len(self.schedules)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own signature
        """Levels."""
        return 0 if parent.isValid() else len(self.levels)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The look, and the words for who cannot see it."""
        if role == LOOK:
            return self.look(index)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            level, schedule = key = self.key(index)
            title = self.schedules[index.row()].title
            measuring = key == self.measuring
            return spoken(title, level, self.cells.get(key), measuring=measuring, guess=self.guess(level, schedule))
        if role == Qt.ItemDataRole.ToolTipRole:
            cell = self.cell(index)
            return self._tip(cell) if cell is not None else None
        return None

    @staticmethod
    def _tip(cell: Cell) -> str | None:
        """Why there is nothing, or the codes, for which a cell may be too narrow."""
        if cell.verdict is None or shown_by(cell) is None:
            return tip(why_nothing(cell))
        return ", ".join(cell.verdict.codes) or None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Names of levels, titles of anomalies."""
        if role == Qt.ItemDataRole.DisplayRole:
            if orientation is Qt.Orientation.Horizontal:
                return self.levels[section]
            return self.schedules[section].title
        if role == Qt.ItemDataRole.ToolTipRole:
            if orientation is Qt.Orientation.Horizontal:
                return tip(words_of(self.engine, self.levels[section]).short)
            return tip(self.schedules[section].sentence)
        return None
