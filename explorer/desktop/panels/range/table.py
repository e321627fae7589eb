"""A table of a range's figures that makes words only for what is seen; a click on a column's title sorts by it."""

from typing import Any, Final

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from explorer.analysis.groups import GROUP
from explorer.collect.source import Array
from explorer.desktop.panels.range.rows import FIGURES, TITLES, Table
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import LEFT, RIGHT, draw_swatch, draw_text
from explorer.desktop.widgets.table_parts import MOVES, ListTable, TableHead, paint_ground
from explorer.desktop.widgets.tip import tip
from explorer.desktop.words import count, duration

WIDTHS: Final = (50, 58, 58, 58)
"""Of the figures, px; the label takes the rest."""
SWATCH: Final = 14
LABEL, TOTAL = 0, 2
AnyIndex = QModelIndex | QPersistentModelIndex
_ROOT: Final = QModelIndex()
EMPTY: Final = Table("", np.zeros(0, GROUP), lambda row: "")


class RangeModel(QAbstractTableModel):
    """The rows as words, in the order that was asked for: at first the longest total on top."""

    def __init__(self) -> None:
        super().__init__()
        self.table = EMPTY
        self.order: Array = np.zeros(0, "<i8")
        self.column, self.descending = TOTAL, True

    def set_table(self, table: Table) -> None:
        """Show another one, in the same order."""
        self.beginResetModel()
        self.table = table
        self._arrange()
        self.endResetModel()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Put in order of a column."""
        self.beginResetModel()
        self.column, self.descending = column, order is Qt.SortOrder.DescendingOrder
        self._arrange()
        self.endResetModel()

    def rowCount(self, parent: AnyIndex = _ROOT) -> int:
        """As many as there are groups."""
        return 0 if parent.isValid() else len(self.order)

    def columnCount(self, parent: AnyIndex = _ROOT) -> int:
        """Label and figures."""
        return 0 if parent.isValid() else 1 + len(FIGURES)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Titles of the columns."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.title(section)
        return None

    def title(self, column: int) -> str:
        """What stands above a column."""
        return self.table.column if column == LABEL else TITLES[FIGURES[column - 1]]

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Words of a cell; of a label that is cut short, all of it."""
        if not index.isValid() or index.row() >= len(self.order):
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.text(index.row(), index.column())
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip(self.text(index.row(), LABEL))
        return None

    def text(self, row: int, column: int) -> str:
        """What a cell says."""
        at = int(self.order[row])
        if column == LABEL:
            return self.table.label(at)
        value = int(self.table.figures[at][FIGURES[column - 1]])
        return count(value) if FIGURES[column - 1] == "count" else duration(value)

    def _arrange(self) -> None:
        field = "" if self.column == LABEL else FIGURES[self.column - 1]
        self.order = self.table.order(field, self.descending)


class RangeTable(ListTable):
    """The rows on the screen. `asked(row)` follows a click or Enter on a row of the table (before sorting)."""

    asked = Signal(int)

    def __init__(self, theme: Theme) -> None:
        self.model_ = RangeModel()
        super().__init__(theme, self.model_)
        self.setItemDelegate(_Cells(theme, self))
        head = _Head(theme, self)
        self.setHorizontalHeader(head)
        head.sectionClicked.connect(self._sort)
        self.setAccessibleDescription("Arrow keys move from row to row, S sorts by the next column.")
        self.clicked.connect(lambda index: self._ask(index.row()))
        self.restyle()

    def show_table(self, table: Table, empty: str) -> None:
        """Show another table; `empty` is said where there are no rows."""
        self.empty = empty
        self.setAccessibleName(f"Figures by {table.column.lower()}")
        self.model_.set_table(table)
        self.fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter asks for a row, S sorts by the next column; other letters are the window's."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._ask(self.currentIndex().row())
        elif event.key() == Qt.Key.Key_S and not event.modifiers():
            self._sort((self.model_.column + 1) % self.model_.columnCount())
        elif event.key() in MOVES:
            super().keyPressEvent(event)
        else:
            event.ignore()

    def _sort(self, column: int) -> None:
        """By this column, figures from the largest on; by the same one again the other way round."""
        model = self.model_
        down = not model.descending if column == model.column else column != LABEL
        model.sort(column, Qt.SortOrder.DescendingOrder if down else Qt.SortOrder.AscendingOrder)
        self.horizontalHeader().viewport().update()

    def _ask(self, row: int) -> None:
        if 0 <= row < len(self.model_.order):
            self.asked.emit(int(self.model_.order[row]))

    def fit(self) -> None:
        """The label takes the room that is left."""
        rest = self.viewport().width()
        for at, width in enumerate(WIDTHS, 1):
            self.setColumnWidth(at, self.theme.px(width))
            rest -= self.theme.px(width)
        self.setColumnWidth(LABEL, max(self.theme.px(60), rest))


class _Head(TableHead):
    """The titles of the columns; the one that is sorted by has an arrow."""

    def __init__(self, theme: Theme, table: RangeTable) -> None:
        super().__init__(theme, table, "Columns of the table", clickable=True)
        self._table = table

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        """A title over the column's figures."""
        theme, model = self.theme, self._table.model_
        painter.fillRect(rect, theme.color("panel"))
        sorted_by = logicalIndex == model.column
        arrow = ("↓" if model.descending else "↑") if sorted_by else ""
        figure = logicalIndex != LABEL
        title = model.title(logicalIndex)
        words = f"{arrow} {title}" if figure and arrow else f"{title} {arrow}".strip()
        font = theme.font(11, 600 if sorted_by else 400)
        ink = theme.color("text2" if sorted_by else "text3")
        draw_text(painter, _inner(rect, not figure), words, font, ink, RIGHT if figure else LEFT)


class _Cells(QStyledItemDelegate):
    """Paints a cell."""

    def __init__(self, theme: Theme, table: RangeTable) -> None:
        super().__init__(table)
        self._theme = theme
        self._table = table

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Ground, swatch, words."""
        theme, rect, column = self._theme, option.rect, index.column()
        paint_ground(painter, theme, option)
        place = _inner(rect, column == LABEL)
        model = self._table.model_
        state = model.table.state(int(model.order[index.row()])) if column == LABEL else None
        if state is not None:
            side = theme.px(10)
            draw_swatch(painter, theme, QRectF(place.left(), place.center().y() - side / 2, side, side), state)
            place.setLeft(place.left() + theme.px(SWATCH) + 2)
        font = theme.font(12, 500 if column in (LABEL, TOTAL) else 400)
        metrics, text = QFontMetricsF(font), str(index.data())
        if column == LABEL and model.table.short is not None and metrics.horizontalAdvance(text) > place.width():
            # "Waiting for …" could be a wait for anything.
            text = model.table.short(int(model.order[index.row()]))
        text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, place.width())
        ink = theme.color("text" if column in (LABEL, TOTAL) else "text2")
        draw_text(painter, place, text, font, ink, LEFT if column == LABEL else RIGHT)


def _inner(rect: QRect, first: bool) -> QRectF:
    """Labels begin at the very left, figures have a little room between them."""
    return QRectF(rect.adjusted(2 if first else 3, 0, -3, 0))
