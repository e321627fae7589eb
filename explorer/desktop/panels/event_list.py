"""The rows of the events panel: a table that makes words only for what is seen and keeps its place.

The rows are arrays of the event log; ten thousand a second come and go without a text being made for them.
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np
from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from explorer.analysis.event_log import EVENT
from explorer.collect.source import Array
from explorer.desktop.event_marks import draw_mark
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import LEFT, RIGHT, draw_text
from explorer.desktop.widgets.table_parts import MOVES, ListTable, TableHead, paint_ground
from explorer.desktop.words import duration, moment, request_label
from explorer.records.event_kinds import BY_KIND, EVENT_KINDS

MARK: Final = 8
NOT_KNOWN: Final = "–"
UNDER_WAY: Final = "under way"
DECIMALS: Final = 3
MIDDLE_FROM: Final = 420
WIDE_FROM: Final = 520
"""From here on there is room to say how long it took, and which process it was."""
AnyIndex = QModelIndex | QPersistentModelIndex
_ROOT: Final = QModelIndex()


class Column(NamedTuple):
    """A column: its title, its width (px, 0 = the rest), whether figures stand at its right edge."""

    title: str
    width: int
    right: bool = False


COLUMNS: Final = (
    Column("", 28),
    Column("Time", 68, True),
    Column("Waited", 68, True),
    Column("Took", 68, True),
    Column("What", 0),
    Column("Process", 110),
)
KIND, TIME, WAITED, TOOK, WHAT, PROCESS = range(len(COLUMNS))


class Names(NamedTuple):
    """How rows get their words: the text of a name number, the process of a track, the moment that times count from."""

    name: Callable[[int], str]
    process: Callable[[int], str]
    origin: Callable[[], int]


class EventModel(QAbstractTableModel):
    """The rows as words."""

    def __init__(self, names: Names) -> None:
        super().__init__()
        self._names = names
        self.rows: Array = np.zeros(0, EVENT)

    def set_rows(self, rows: Array) -> None:
        """Show these, (n,) of EVENT."""
        if len(rows) == len(self.rows) and bool((rows == self.rows).all()):
            return
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: AnyIndex = _ROOT) -> int:
        """As many as there are events."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: AnyIndex = _ROOT) -> int:
        """Always the same."""
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Titles of the columns."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section].title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return COLUMNS[section].title or "Kind"
        return None

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Words for a cell; of the mark's cell only for those who hear it."""
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        row, column = self.rows[index.row()], index.column()
        kind = EVENT_KINDS[int(row["kind"]) - 1]
        if role == Qt.ItemDataRole.DisplayRole:
            return "" if column == KIND else self.text(row, column)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return BY_KIND[kind].title if column == KIND else self.text(row, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            declared = BY_KIND[kind]
            return f"{declared.title}. {declared.sentence}" + (f" Waited: {declared.wait}." if column == WAITED else "")
        return None

    def text(self, row: Array, column: int) -> str:
        """What a cell says."""
        match column:
            case _ if column == TIME:
                return moment(int(row["time"]) - self._names.origin(), DECIMALS)
            case _ if column == WAITED:
                return duration(int(row["wait"])) if row["wait"] >= 0 else NOT_KNOWN
            case _ if column == TOOK:
                return duration(int(row["end"] - row["time"])) if row["end"] else NOT_KNOWN
            case _ if column == WHAT:
                name = self._names.name(int(row["name"])) if row["end"] else UNDER_WAY
                return f"{name}  {request_label(int(row['request']))}" if row["request"] else name
            case _ if column == PROCESS:
                return self._names.process(int(row["track"]))
        return ""


class EventTable(ListTable):
    """The rows on the screen. `asked(row)` follows a click or Enter; arrow keys only move."""

    asked = Signal(object)

    def __init__(self, theme: Theme, names: Names) -> None:
        self._model = EventModel(names)
        super().__init__(theme, self._model, inset=8)
        self.setItemDelegate(_Cells(theme, self))
        self.setHorizontalHeader(_Head(theme, self, "Columns of the list of events"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Events")
        self.setAccessibleDescription("Arrow keys move from event to event, Enter shows one in the lanes.")
        self.clicked.connect(lambda index: self._ask(index.row()))
        self.restyle()

    @property
    def rows(self) -> Array:
        """What is listed, newest first."""
        return self._model.rows

    @property
    def held(self) -> bool:
        """Whether rows must not move because somebody is about to choose one: the pointer or the keyboard is here."""
        return bool(len(self.rows)) and (self.hasFocus() or self.viewport().underMouse())

    def show_rows(self, rows: Array, empty: str) -> None:
        """List these; the current row stays current if it is among them. `empty` is said where there are none."""
        current = self.currentIndex().row()
        kept = self.rows[current] if 0 <= current < len(self.rows) else None
        self._model.set_rows(rows)
        if empty != self.empty:
            self.empty = empty
            self.viewport().update()
        if kept is not None and not self.currentIndex().isValid():
            same = (rows["time"] == kept["time"]) & (rows["track"] == kept["track"]) & (rows["kind"] == kept["kind"])
            places = np.flatnonzero(same)
            if len(places):
                self.setCurrentIndex(self._model.index(int(places[0]), WHAT))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter shows the row in the lanes; letters are the window's."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._ask(self.currentIndex().row())
        elif event.key() in MOVES:
            super().keyPressEvent(event)
        else:
            event.ignore()

    def _ask(self, row: int) -> None:
        if 0 <= row < len(self.rows):
            self.asked.emit(self.rows[row])

    def fit(self) -> None:
        """What a row is about takes the room that is left; the process is named where there is much."""
        px, room = self.theme.px, self.viewport().width()
        self.setColumnHidden(TOOK, room < px(MIDDLE_FROM))
        self.setColumnHidden(PROCESS, room < px(WIDE_FROM))
        rest = room
        for at, column in enumerate(COLUMNS):
            if column.width and not self.isColumnHidden(at):
                self.setColumnWidth(at, px(column.width))
                rest -= px(column.width)
        self.setColumnWidth(WHAT, max(px(60), rest))


class _Head(TableHead):
    """The titles of the columns."""

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        """A title over the column's figures."""
        theme, column = self.theme, COLUMNS[logicalIndex]
        painter.fillRect(rect, theme.color("panel"))
        flags = RIGHT if column.right else LEFT
        draw_text(painter, _inner(rect), column.title, theme.font(11), theme.color("text3"), flags)


class _Cells(QStyledItemDelegate):
    """Paints a cell."""

    def __init__(self, theme: Theme, table: EventTable) -> None:
        super().__init__(table)
        self._theme = theme
        self._table = table

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Ground, then mark or words."""
        theme, rect, column = self._theme, option.rect, index.column()
        chosen = paint_ground(painter, theme, option)
        if chosen and column == KIND:
            painter.fillRect(QRect(rect.left(), rect.top(), 2, rect.height()), theme.color("accent"))
        row = self._table.rows[index.row()]
        if column == KIND:
            center = QPointF(rect.left() + theme.px(15) + 0.5, rect.top() + rect.height() // 2 + 0.5)
            draw_mark(painter, theme, center, EVENT_KINDS[int(row["kind"]) - 1], theme.px(MARK))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            return
        font = theme.font(12, 500 if column == WHAT else 400)
        place = _inner(rect)
        text = shortened(str(index.data()), QFontMetricsF(font), place.width())
        ink = theme.color("text" if column in (WAITED, WHAT) else "text2")
        draw_text(painter, place, text, font, ink, RIGHT if COLUMNS[column].right else LEFT)


def shortened(text: str, metrics: QFontMetricsF, width: float) -> str:
    """`text` for `width` pixels; the number of a request at its end stays, the name before it ends in "…"."""
    name, gap, number = text.rpartition("  #")
    if not gap:
        return metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)
    end = gap + number
    room = width - metrics.horizontalAdvance(end)
    return metrics.elidedText(name, Qt.TextElideMode.ElideRight, max(0.0, room)) + end


def _inner(rect: QRect) -> QRectF:
    return QRectF(rect.adjusted(6, 0, -6, 0))
