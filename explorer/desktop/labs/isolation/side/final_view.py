"""The tables after a run, beside what any serial order could have left."""

from collections.abc import Sequence
from typing import Final as Constant

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QResizeEvent, Qt
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.desktop.labs.isolation.side.final_tables import Final
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import LEFT, RIGHT, draw_box, draw_text, text_width

TITLE: Constant = 22
HEAD: Constant = 22
ROW: Constant = 22
PAD: Constant = 12
SERIAL: Constant = 18
GAP: Constant = 10
MOST: Constant = 6
LEAST: Constant = 262
"""What there is in any case, px: before it is laid out its width is not known."""

NARROWEST: Constant = 240
"""The same beside a scroll bar."""


class FinalView(QWidget):
    """Shows the tables that it is given."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.tables: tuple[Final, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Final tables")
        theme.changed.connect(self.updateGeometry)

    def show_tables(self, tables: Sequence[Final]) -> None:
        """Show these."""
        if tuple(tables) == self.tables:
            return
        self.tables = tuple(tables)
        self.setAccessibleDescription(" ".join(map(_spoken, tables)))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """All of them below each other."""
        return QSize(self._theme.px(240), round(sum(map(self._high, self.tables))))

    def _high(self, table: Final) -> float:
        px = self._theme.px
        rows = min(len(table.rows), MOST) + (len(table.rows) > MOST) or 1
        orders = HEAD + SERIAL * len(self._serial_lines(table)) if table.serial else 0
        beside, below = (orders, 0) if self._beside(table) else (0, orders)
        return float(px(TITLE) + max(px(HEAD + ROW * rows), px(beside)) + px(below) + px(PAD) + px(GAP))

    def _columns(self, table: Final) -> list[float]:
        small, large = self._theme.font(11, 500, True), self._theme.font(13, 700, True)
        wide = []
        for at, name in enumerate(table.columns):
            cells = [text_width(large, row[at]) for row in table.rows if at < len(row)]
            wide.append(max([text_width(small, name), *cells]) + self._theme.px(16))
        return wide

    def _beside(self, table: Final) -> bool:
        """Whether the serial orders have room at the right."""
        font = self._theme.font(12, 600)
        widest = max([text_width(font, one) for one in table.serial] + [text_width(font, "any serial order")])
        return sum(self._columns(table)) + widest + 3 * self._theme.px(PAD) <= max(self.width(), self._theme.px(LEAST))

    def _serial_lines(self, table: Final) -> list[str]:
        """The serial orders, each in as many lines as it needs where it stands below the rows."""
        font, px = self._theme.font(12, 600), self._theme.px
        room = max(self.width(), px(NARROWEST)) - 2 * px(PAD)
        found: list[str] = []
        for order in table.serial:
            found.append("")
            for word in order.split(" "):
                longer = f"{found[-1]} {word}".strip()
                if found[-1] and text_width(font, longer) > room:
                    found.append(word)
                else:
                    found[-1] = longer
        return found

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What stood below may have room beside."""
        super().resizeEvent(event)
        self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Each with its name, its rows, and what they could be."""
        painter, top = QPainter(self), 0.0
        for table in self.tables:
            self._table(painter, table, top)
            top += self._high(table)
        painter.end()

    def _table(self, painter: QPainter, table: Final, top: float) -> None:
        theme, px = self._theme, self._theme.px
        title = theme.font(12, 600)
        draw_text(painter, QRectF(0, top, self.width(), px(18)), "Final table", title, theme.color("text2"), LEFT)
        x = text_width(title, "Final table") + px(8)
        draw_text(
            painter, QRectF(x, top, 400, px(18)), table.name, theme.font(12, 600, True), theme.color("text"), LEFT
        )
        high = self._high(table) - px(TITLE) - px(GAP)
        box = QRectF(0, top + px(TITLE), self.width(), high)
        border = theme.color("danger") if table.fits is False else None
        draw_box(painter, box, 8, theme.color("bg"), border, 1.4)
        columns = self._columns(table)
        x, y = box.left() + px(PAD), box.top() + px(5)
        for at, column in enumerate(table.columns):
            head = QRectF(x, y, columns[at], px(HEAD - 4))
            draw_text(painter, head, column, theme.font(11, 500, True), theme.color("text2"), LEFT)
            for row_at, row in enumerate(table.rows[:MOST]):
                ink = "danger" if (row_at, at) in table.changed else "text"
                cell = QRectF(x, y + px(HEAD - 2) + row_at * px(ROW), columns[at], px(ROW))
                draw_text(painter, cell, row[at], theme.font(13, 700, True), theme.color(ink), LEFT)
            x += columns[at]
        under = y + px(HEAD - 2)
        if not table.rows or len(table.rows) > MOST:
            words = "no row" if not table.rows else f"and {len(table.rows) - MOST} more"
            place = QRectF(box.left() + px(PAD), under + px(ROW) * min(len(table.rows), MOST), 300, px(ROW))
            draw_text(painter, place, words, theme.font(12), theme.color("text2"), LEFT)
        self._serial(painter, table, box, y)

    def _serial(self, painter: QPainter, table: Final, box: QRectF, y: float) -> None:
        theme, px = self._theme, self._theme.px
        if not table.serial:
            return
        beside = self._beside(table)
        rows = min(len(table.rows), MOST) + (len(table.rows) > MOST) or 1
        y = y if beside else y + px(HEAD + ROW * rows)
        flags = RIGHT if beside else LEFT
        room = box.adjusted(px(PAD), 0, -px(PAD), 0)
        head = QRectF(room.left(), y, room.width(), px(HEAD - 4))
        draw_text(painter, head, "any serial order", theme.font(11, 500), theme.color("text2"), flags)
        font = theme.font(12, 600)
        for at, words in enumerate(self._serial_lines(table)):
            place = QRectF(room.left(), y + px(HEAD - 2) + at * px(SERIAL), room.width(), px(SERIAL))
            shown = QFontMetricsF(font).elidedText(words, Qt.TextElideMode.ElideRight, room.width())
            draw_text(painter, place, shown, font, theme.color("text"), flags)


def _spoken(table: Final) -> str:
    rows = "; ".join(
        ", ".join(f"{name} {cell}" for name, cell in zip(table.columns, row, strict=False)) for row in table.rows
    )
    serial = f" Any serial order leaves {' or '.join(table.serial)}." if table.serial else ""
    return f"Table {table.name}: {rows or 'no row'}.{serial}"
