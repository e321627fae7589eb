"""The table of the matrix: arrows move from cell to cell, Enter opens a cell's run, a click on a badge its reason."""

import time
from typing import Final

from PySide6.QtCore import QModelIndex, QPoint, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from explorer.desktop.labs.isolation.matrix.levels import words_of
from explorer.desktop.labs.isolation.matrix.look import AUTOCOMMIT, Look
from explorer.desktop.labs.isolation.matrix.model import LOOK, Index, MatrixModel
from explorer.desktop.labs.isolation.matrix.painting import BADGE, badge_place, draw_cell, draw_ring
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import CENTER, LEFT, RIGHT, draw_text, text_width

HEAD: Final = 44
LEAST_ROW: Final = 27
MOST_ROW: Final = 64
LEAST_COLUMN: Final = 84
GAP: Final = 6
IDS_FROM: Final = 880
"""Width in px from which the ids of the anomalies stand beside their titles, times a column more than four."""
FRAME_MS: Final = 60


class MatrixGrid(QTableView):
    """Signals: `opened(level, schedule)`, `reason_asked(level, schedule, place)` with the place on the screen below the
    badge, `moved()`: another cell is the current one.
    """

    opened = Signal(str, str)
    reason_asked = Signal(str, str, QPoint)
    moved = Signal()

    def __init__(self, theme: Theme, model: MatrixModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self.cells = theme, model
        self.setModel(model)
        self.setItemDelegate(_CellPainter(theme, self))
        self.setHorizontalHeader(_Levels(theme, self))
        self.setVerticalHeader(_Anomalies(theme, self))
        self.setShowGrid(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setCornerButtonEnabled(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)  # the style would paint a ground below
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName("Anomalies by level")
        self.setStyleSheet(
            "QTableView { background: transparent; border: none; outline: 0; }"
            "QTableCornerButton::section { background: transparent; border: none; }"
        )
        self._turning = QTimer(self)
        self._turning.setInterval(FRAME_MS)
        self._turning.timeout.connect(self._turn)
        model.dataChanged.connect(self._watch)
        model.modelReset.connect(self._again)
        theme.changed.connect(self._again)

    @property
    def current(self) -> tuple[str, str] | None:
        """The level and the schedule of the current cell."""
        index = self.currentIndex()
        return self.cells.key(index) if index.isValid() else None

    def go(self, level: str, schedule: str) -> None:
        """Make this the current cell, if it is shown."""
        index = self.cells.place(level, schedule)
        if index.isValid():
            self.setCurrentIndex(index)

    def ask_reason(self) -> None:
        """Open the reason of the current cell's difference, if there is one."""
        index = self.currentIndex()
        if index.isValid() and self.cells.look(index).differs:
            self._ask(index)

    def cell_box(self, index: QModelIndex) -> QRectF:
        """Where a cell is painted, in px of the viewport."""
        return box_of(self._theme, self.visualRect(index))

    # -- Qt --------------------------------------------------------------------------------------------------------

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Tell of it; the head of the row becomes stronger."""
        super().currentChanged(current, previous)
        self.verticalHeader().viewport().update()
        self.horizontalHeader().viewport().update()
        self.viewport().update()
        self.moved.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens; a letter is nobody's search."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.current is not None:
                self.opened.emit(*self.current)
        elif event.text().isprintable() and event.text() and not event.modifiers():
            event.ignore()
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click on a badge."""
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if event.button() is Qt.MouseButton.LeftButton and self._on_badge(index, event):
            self._ask(index)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The hand over a badge."""
        super().mouseMoveEvent(event)
        over = self._on_badge(self.indexAt(event.position().toPoint()), event)
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Opens a run."""
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and not self._on_badge(index, event):
            self.opened.emit(*self.cells.key(index))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """All rows and columns share the room."""
        super().resizeEvent(event)
        self._fit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The first cell, if none was the current one."""
        super().focusInEvent(event)
        if not self.currentIndex().isValid() and self.cells.levels:
            self.setCurrentIndex(self.cells.index(0, 0))

    def sizeHint(self) -> QSize:
        """As large as there is room."""
        return QSize(self._theme.px(600), self._theme.px(460))

    def minimumSizeHint(self) -> QSize:
        """What does not fit is scrolled."""
        return QSize(self._theme.px(300), self._theme.px(160))

    # -- inside ----------------------------------------------------------------------------------------------------

    @property
    def shows_ids(self) -> bool:
        """Whether there is room for the ids of the anomalies."""
        return self.width() >= self._theme.px(IDS_FROM) + max(0, len(self.cells.levels) - 4) * self._theme.px(150)

    def _ask(self, index: QModelIndex) -> None:
        px = self._theme.px
        below = badge_place(self._theme, self.cell_box(index)).toPoint() + QPoint(-px(BADGE), px(14))
        self.reason_asked.emit(*self.cells.key(index), self.viewport().mapToGlobal(below))

    def _on_badge(self, index: QModelIndex, event: QMouseEvent) -> bool:
        if not index.isValid() or not self.cells.look(index).differs:
            return False
        away = event.position() - badge_place(self._theme, self.cell_box(index))
        return abs(away.x()) <= self._theme.px(12) and abs(away.y()) <= self._theme.px(12)

    def _again(self) -> None:
        self._fit()
        self._watch()
        self.viewport().update()

    def _watch(self) -> None:
        if self.cells.measuring is None or self._theme.reduced_motion:
            self._turning.stop()
        elif not self._turning.isActive():
            self._turning.start()

    def _turn(self) -> None:
        if self.cells.measuring is not None and self.isVisible():
            index = self.cells.place(*self.cells.measuring)
            self.viewport().update(self.visualRect(index))

    def _fit(self) -> None:
        """Share the room. Which bars there are is decided here: left to themselves each makes room for the other, and
        they cover the last column while everything would fit.
        """
        px, columns, rows = self._theme.px, max(1, len(self.cells.levels)), max(1, len(self.cells.schedules))
        self.horizontalHeader().setFixedHeight(px(HEAD))
        names = self.title_width()
        self.verticalHeader().setFixedWidth(names)
        beside, below = self.verticalScrollBar().sizeHint().width(), self.horizontalScrollBar().sizeHint().height()
        high = self.height() - px(HEAD)
        low = px(LEAST_ROW) * rows > high
        cut = px(LEAST_COLUMN) * columns > self.width() - names - low * beside
        high -= cut * below
        low = px(LEAST_ROW) * rows > high
        row = min(px(MOST_ROW), max(px(LEAST_ROW), high // rows))
        self.setHorizontalScrollBarPolicy(_policy(cut))
        self.setVerticalScrollBarPolicy(_policy(low))
        room = max(0, self.width() - names - (beside if low else 0))
        wide = max(px(LEAST_COLUMN), room // columns)
        for column in range(len(self.cells.levels)):
            last = column == columns - 1
            self.setColumnWidth(column, max(wide, room - wide * (columns - 1)) if last else wide)
        self.verticalHeader().setMinimumSectionSize(1)
        self.verticalHeader().setDefaultSectionSize(row)

    def title_width(self) -> int:
        """How wide the titles of the rows are, with their ids if these are shown."""
        px, font, mono = self._theme.px, self._theme.font(13, 600), self._theme.font(11, 500, True)
        ids = self.shows_ids
        widths = [
            text_width(font, one.title) + (px(12) + text_width(mono, one.id) if ids else 0)
            for one in self.cells.schedules
        ]
        return round(max(widths, default=0.0)) + px(16)


def _policy(needed: bool) -> Qt.ScrollBarPolicy:
    return Qt.ScrollBarPolicy.ScrollBarAlwaysOn if needed else Qt.ScrollBarPolicy.ScrollBarAlwaysOff


class _CellPainter(QStyledItemDelegate):
    def __init__(self, theme: Theme, grid: MatrixGrid) -> None:
        super().__init__(grid)
        self._theme, self._grid = theme, grid

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        look, whole = index.data(LOOK), option.rect
        assert isinstance(look, Look)
        painter.save()
        if self._grid.cells.begins_group(index.row()):
            painter.fillRect(QRect(whole.left(), whole.top(), whole.width(), 1), self._theme.color("line"))
        box = box_of(self._theme, whole)
        draw_cell(painter, self._theme, box, look, time.monotonic())
        if index == self._grid.currentIndex():
            draw_ring(painter, self._theme, box, strong=self._grid.hasFocus())
        painter.restore()


def box_of(theme: Theme, whole: QRect) -> QRectF:
    """What is painted of the room of a cell."""
    return QRectF(whole).adjusted(theme.px(GAP) / 2 + 1, 4, -theme.px(GAP) / 2 - 1, -4)


class _Levels(QHeaderView):
    """The heads of the columns: a level's name, and what it is in two words."""

    def __init__(self, theme: Theme, grid: MatrixGrid) -> None:
        super().__init__(Qt.Orientation.Horizontal, grid)
        self._theme, self._grid = theme, grid
        self.setSectionsClickable(False)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setMinimumSectionSize(1)
        self.setStyleSheet("QHeaderView { background: transparent; border: none; }")

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        theme, model = self._theme, self._grid.cells
        level = model.levels[logicalIndex]
        weak = level == AUTOCOMMIT
        box = QRectF(rect).adjusted(4, 0, -4, 0)
        font, small = theme.font(12, 700), theme.font(11)
        name = QFontMetricsF(font).elidedText(level, Qt.TextElideMode.ElideMiddle, box.width())
        words = words_of(model.engine, level).short
        words = QFontMetricsF(small).elidedText(words, Qt.TextElideMode.ElideRight, box.width())
        top = QRectF(box.left(), box.top() + theme.px(2), box.width(), theme.px(18))
        painter.save()
        draw_text(painter, top, name, font, theme.color("text3" if weak else "text"), CENTER)
        below = top.translated(0, theme.px(17))
        draw_text(painter, below, words, small, theme.color("text3" if weak else "text2"), CENTER)
        painter.restore()


class _Anomalies(QHeaderView):
    """The heads of the rows: an anomaly's plain name, and the field's for it."""

    def __init__(self, theme: Theme, grid: MatrixGrid) -> None:
        super().__init__(Qt.Orientation.Vertical, grid)
        self._theme, self._grid = theme, grid
        self.setSectionsClickable(False)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setStyleSheet("QHeaderView { background: transparent; border: none; }")

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        theme, model = self._theme, self._grid.cells
        schedule = model.schedules[logicalIndex]
        current = self._grid.currentIndex()
        chosen = current.isValid() and current.row() == logicalIndex
        painter.save()
        if model.begins_group(logicalIndex):
            painter.fillRect(QRect(rect.left(), rect.top(), rect.width(), 1), theme.color("line"))
        box = QRectF(rect).adjusted(0, 0, -theme.px(12), 0)
        if self._grid.shows_ids:
            draw_text(painter, box, schedule.id, theme.font(11, 500, True), theme.color("text3"), RIGHT)
        font = theme.font(13, 600 if chosen else 500)
        draw_text(painter, box, schedule.title, font, theme.color("text"), LEFT)
        painter.restore()
