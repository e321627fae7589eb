"""The rows that are predicted: an anomaly, two boxes of which one can be marked, and what the schedule does."""

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from explorer.desktop.labs.isolation.predict.words import what
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.label import at_word
from explorer.desktop.widgets.paint import CENTER, LEFT, chip_width, draw_box, draw_chip, draw_text, text_width
from explorer.labs.isolation.schedule import Schedule

LEAST_ROW: Final = 27
MOST_ROW: Final = 64
BOX: Final = 128
GAP: Final = 8
EDGE: Final = 10
HEAD: Final = 44
NAMES: Final = (("cannot happen", "P"), ("can happen", "H"))
WORDS: Final = (("cannot", "shield-check"), ("can", "triangle-alert"))
Index = QModelIndex | QPersistentModelIndex


class PredictHead(QWidget):
    """The names of the two columns, each with its key."""

    def __init__(self, theme: Theme, rows: "PredictList") -> None:
        super().__init__()
        self._theme, self._rows = theme, rows
        self.setFixedHeight(theme.px(HEAD))
        theme.changed.connect(lambda: self.setFixedHeight(theme.px(HEAD)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Words over keys."""
        painter, theme, px = QPainter(self), self._theme, self._theme.px
        for column, (name, key) in enumerate(NAMES):
            box = self._rows.column_box(QRectF(0, 0, self.width(), self.height()), column)
            top = QRectF(box.left(), 0, box.width(), px(20))
            draw_text(painter, top, name, theme.font(12, 600), theme.color("text2"), CENTER)
            left = box.center().x() - chip_width(theme, key) / 2
            draw_chip(painter, theme, left, px(32), key, theme.color("text2"), theme.color("line2"))
        painter.end()


class PredictList(QListWidget):
    """Signals: `marked(schedule id, can)`, `unmarked(schedule id)`, `moved(schedule id)`, `measure_asked`.

    `mark` says what a schedule is marked with.
    """

    marked = Signal(str, bool)
    unmarked = Signal(str)
    moved = Signal(str)
    measure_asked = Signal()

    def __init__(
        self,
        theme: Theme,
        schedules: Sequence[Schedule],
        mark: Callable[[str], bool | None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme, self._mark = theme, mark
        self.schedules = list(schedules)
        self.setItemDelegate(_Row(theme, self))
        self.setFrameShape(QListWidget.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.setAccessibleName("Predictions: H can happen, P cannot, Enter measures")
        self.setStyleSheet("QListWidget { background: transparent; outline: 0; }")
        for _ in self.schedules:
            self.addItem(QListWidgetItem())
        self.show_marks()
        self.setCurrentRow(0)
        self.currentRowChanged.connect(lambda row: self.moved.emit(self.current))
        theme.changed.connect(self._fit)

    @property
    def current(self) -> str:
        """The id of the schedule of the current row."""
        row = self.currentRow()
        return self.schedules[row].id if 0 <= row < len(self.schedules) else ""

    def mark_of(self, row: int) -> bool | None:
        """What a row is marked with."""
        return self._mark(self.schedules[row].id)

    def show_marks(self) -> None:
        """The marks have changed."""
        for row, schedule in enumerate(self.schedules):
            mark = self.mark_of(row)
            said = "Not marked." if mark is None else f"You say it {'can' if mark else 'cannot'} happen."
            text = f"{schedule.title}. {said} {what(schedule)}."
            item = self.item(row)
            if item.text() != text:
                item.setText(text)
                if row == self.currentRow():
                    QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.NameChanged))
        self.viewport().update()

    def mark_current(self, can: bool) -> None:
        """Mark the current row, and go on to the next: the same key again there marks that one."""
        if self.current:
            before = self.mark_of(self.currentRow())
            self.marked.emit(self.current, can)
            if before is None and self.currentRow() < self.count() - 1:
                self.setCurrentRow(self.currentRow() + 1)

    def column_box(self, row: QRectF, column: int) -> QRectF:
        """Where the box of a column (0 cannot, 1 can) is in a row."""
        px = self._theme.px
        left = row.left() + self._titles() + column * px(BOX + GAP)
        return QRectF(left, row.top() + 3, px(BOX), row.height() - 6)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter measures, Backspace and Delete take a mark away; a letter is nobody's search."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.measure_asked.emit()
        elif event.key() in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete) and self.current:
            self.unmarked.emit(self.current)
        elif event.text().isprintable() and event.text() and not event.modifiers():
            event.ignore()
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click into a box marks it, a second one takes that back."""
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if not index.isValid() or event.button() is not Qt.MouseButton.LeftButton:
            return
        for column in (0, 1):
            if self.column_box(QRectF(self.visualRect(index)), column).contains(event.position()):
                self.marked.emit(self.schedules[index.row()].id, column == 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The rows share the height."""
        super().resizeEvent(event)
        self._fit()

    def _titles(self) -> float:
        font = self._theme.font(14, 600)
        widest = max((text_width(font, one.title) for one in self.schedules), default=0.0)
        return widest + self._theme.px(EDGE + 24)

    def _fit(self) -> None:
        px, count = self._theme.px, max(1, self.count())
        high = min(px(MOST_ROW), max(px(LEAST_ROW), self.viewport().height() // count))
        for row in range(self.count()):
            self.item(row).setSizeHint(QSize(10, high))
        self.viewport().update()


class _Row(QStyledItemDelegate):
    def __init__(self, theme: Theme, rows: PredictList) -> None:
        super().__init__(rows)
        self._theme, self._rows = theme, rows

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, rows, px = self._theme, self._rows, self._theme.px
        whole, row = QRectF(option.rect), index.row()
        schedule, mark = rows.schedules[row], rows.mark_of(row)
        current = row == rows.currentRow()
        painter.save()
        if current:
            ring = theme.color("accent") if rows.hasFocus() else None
            draw_box(painter, whole.adjusted(0, 0, -1, 0), 7, theme.color("accent_bg"), ring, 1.2)
        title = whole.adjusted(px(EDGE), 0, 0, 0)
        strong = mark is not None or current
        ink = theme.color("text" if strong else "text2")
        draw_text(painter, title, schedule.title, theme.font(14, 600 if current else 500), ink, LEFT)
        for column in (0, 1):
            self._box(painter, rows.column_box(whole, column), column, on=mark is (column == 1), current=current)
        left = rows.column_box(whole, 1).right() + px(22)
        font = theme.font(12)
        words = at_word(QFontMetricsF(font), what(schedule), whole.right() - left - px(8))
        room = QRectF(left, whole.top(), whole.right() - left, whole.height())
        draw_text(painter, room, words, font, theme.color("text" if current else "text3"), LEFT)
        painter.restore()

    def _box(self, painter: QPainter, box: QRectF, column: int, *, on: bool, current: bool) -> None:
        theme, px = self._theme, self._theme.px
        if not on:
            draw_box(
                painter, box, 6, theme.color("panel") if current else None, theme.color("line2" if current else "line")
            )
            return
        draw_box(painter, box, 6, theme.color("accent_bg"), theme.color("accent"), 1.6)
        word, icon = WORDS[column]
        font = theme.font(13, 600)
        left = box.center().x() - (text_width(font, word) + px(20)) / 2
        painter.drawPixmap(QPointF(left, box.center().y() - px(7)), theme.icon(icon, 14, "accent"))
        draw_text(painter, box.adjusted(left + px(20) - box.left(), 0, 0, 0), word, font, theme.color("accent"), LEFT)
