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
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from explorer.analysis.event_log import EVENT
from explorer.collect.source import Array
from explorer.desktop.event_marks import draw_mark
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.focus import FocusRing
from explorer.desktop.widgets.paint import LEFT, RIGHT, draw_text
from explorer.desktop.widgets.table_parts import ROW, TableHead, paint_ground
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


class EventTable(QTableView):
    """The rows on the screen. `asked(row)` follows a click or Enter; arrow keys only move."""

    asked = Signal(object)

    def __init__(self, theme: Theme, names: Names) -> None:
        super().__init__()
        self._theme = theme
        self._model = EventModel(names)
        self._empty = ""
        self.setModel(self._model)
        self.setItemDelegate(_Cells(theme, self))
        self.setHorizontalHeader(_Head(theme, self, "Columns of the list of events"))
        self.verticalHeader().hide()
        self.verticalHeader().setMinimumSectionSize(1)
        self.setShowGrid(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Events")
        self.setAccessibleDescription("Arrow keys move from event to event, Enter shows one in the lanes.")
        self._ring = FocusRing(theme, self, radius=2)
        self.clicked.connect(lambda index: self._ask(index.row()))
        theme.changed.connect(self._restyle)
        self._restyle()

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
        if empty != self._empty:
            self._empty = empty
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
        elif event.key() in (
            Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Home, Qt.Key.Key_End
        ):  # fmt: skip
            super().keyPressEvent(event)
        else:
            event.ignore()

    def keyboardSearch(self, search: str) -> None:
        """Letters do not search."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """The rows, or the sentence that stands for them.

        The ground is painted here: Qt's style sheet keeps the palette of a table through a change of theme.
        """
        ground = QPainter(self.viewport())
        ground.fillRect(event.rect(), self._theme.color("panel"))
        ground.end()
        super().paintEvent(event)
        if not len(self.rows):
            painter = QPainter(self.viewport())
            place = QRectF(self.viewport().rect().adjusted(self._theme.px(8), 0, -8, 0))
            place.setHeight(self._theme.px(ROW) + 8)
            draw_text(painter, place, self._empty, self._theme.font(12), self._theme.color("text2"), LEFT)
            painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What a row is about takes the room that is left; the process is named where there is much."""
        super().resizeEvent(event)
        self._fit()

    def _ask(self, row: int) -> None:
        if 0 <= row < len(self.rows):
            self.asked.emit(self.rows[row])

    def _fit(self) -> None:
        px, room = self._theme.px, self.viewport().width()
        self.setColumnHidden(TOOK, room < px(MIDDLE_FROM))
        self.setColumnHidden(PROCESS, room < px(WIDE_FROM))
        rest = room
        for at, column in enumerate(COLUMNS):
            if column.width and not self.isColumnHidden(at):
                self.setColumnWidth(at, px(column.width))
                rest -= px(column.width)
        self.setColumnWidth(WHAT, max(px(60), rest))

    def _restyle(self) -> None:
        self.verticalHeader().setDefaultSectionSize(self._theme.px(ROW))
        self.horizontalHeader().setFixedHeight(self._theme.px(ROW))
        self._fit()
        self.viewport().update()


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
