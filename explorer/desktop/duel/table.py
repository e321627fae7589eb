"""What differs: a row for each figure with its values, its ratio to A and the 95 % interval on a logarithmic axis.

To the right and filled is better, to the left and hollow worse; what includes no difference says so. The row that the
cause speaks of is marked.
"""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from explorer.desktop.duel.badge import SIZE, draw_badge
from explorer.desktop.duel.difference import NO_CLEAR, Mark, RowWords
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import LEFT, RIGHT, draw_text, text_width

HEAD: Final = 42
HEAD_COMPACT: Final = 36
ROW: Final = 44
ROW_COMPACT: Final = 30
MARGIN: Final = 16
VALUE: Final = 52
VALUE_COMPACT: Final = 47
VALUE_FOUR: Final = 43
RATIO: Final = 60
AXIS: Final = 84
DOT: Final = 4.5
NOT_CLEAR: Final = "not clear"


class DifferenceTable(QWidget):
    """Rows of a duel; painted as a whole."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rows: Sequence[RowWords] = ()
        self._badges: Sequence[str] = ()
        self._cause = ""
        self._compact = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)

    def show_rows(self, rows: Sequence[RowWords], badges: Sequence[str], cause: str) -> None:
        """Show these rows; `cause` is the figure of the marked one."""
        self._rows, self._badges, self._cause = rows, badges, cause
        self.setAccessibleName("What differs")
        self.setAccessibleDescription(". ".join(row.sentence for row in rows))
        self.updateGeometry()
        self.update()

    def set_compact(self, compact: bool) -> None:
        """Lower rows without units below the titles."""
        self._compact = compact
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """All rows."""
        head, row = self._heights()
        return QSize(self._theme.px(340), head + row * len(self._rows))

    def event(self, event: QEvent) -> bool:
        """The whole of a row as its tooltip."""
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            head, row = self._heights()
            place = (event.pos().y() - head) // row
            if 0 <= place < len(self._rows) and event.pos().y() >= head:
                QToolTip.showText(event.globalPos(), self._rows[place].sentence, self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Head and rows."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("panel"))
        head, height = self._heights()
        columns = self._columns()
        self._paint_head(painter, columns, head)
        for place, row in enumerate(self._rows):
            self._paint_row(painter, row, columns, QRectF(0, head + place * height, self.width(), height))
        painter.end()

    def _heights(self) -> tuple[int, int]:
        px = self._theme.px
        if self._compact:
            return px(HEAD_COMPACT), px(ROW_COMPACT)
        return px(HEAD), px(ROW)

    @property
    def _many(self) -> bool:
        return len(self._badges) > 2

    def _columns(self) -> dict[str, tuple[float, float]]:
        """Left and right edge of each column, from the right: axis, ratio, values; the title takes the rest."""
        px, right = self._theme.px, self.width() - self._theme.px(12)
        columns: dict[str, tuple[float, float]] = {}
        axis = px(AXIS) if self.width() >= px(360) else 0
        if axis:
            columns["axis"] = (right - axis, float(right))
            right -= axis + px(8)
        if not self._many:
            columns["ratio"] = (right - px(RATIO), float(right))
            right -= px(RATIO) + px(4)
        wide = px(VALUE_FOUR if len(self._badges) > 3 else VALUE_COMPACT if self._compact else VALUE)
        for badge in reversed(self._badges):
            columns[badge] = (right - wide, float(right))
            right -= wide
        columns["title"] = (float(px(MARGIN)), float(right))
        return columns

    def _paint_head(self, painter: QPainter, columns: dict[str, tuple[float, float]], height: int) -> None:
        theme = self._theme
        left, right = columns["title"]
        draw_text(
            painter, QRectF(left, 0, right - left, height), "What differs", theme.font(13, 600), theme.color("text")
        )
        size = theme.px(SIZE)
        for badge in self._badges:
            _, end = columns[badge]
            draw_badge(painter, theme, QRectF(end - size, (height - size) / 2, size, size), badge)
        small, grey = theme.font(11, 500), theme.color("text3")
        if "ratio" in columns:
            low, high = columns["ratio"]
            draw_text(painter, QRectF(low, 0, high - low, height), "B to A", small, grey, RIGHT)
        if "axis" in columns:
            low, high = columns["axis"]
            middle = (low + high) / 2
            wide = theme.px(46)
            draw_text(painter, QRectF(middle - wide - 6, 0, wide, height), "worse", small, grey, RIGHT)
            draw_text(painter, QRectF(middle + 6, 0, wide, height), "better", small, grey, LEFT)
            painter.fillRect(QRectF(round(middle), height / 2 - 6, 1, 12), theme.color("line2"))
        painter.fillRect(QRectF(0, height - 1, self.width(), 1), theme.color("line"))

    def _paint_row(
        self, painter: QPainter, row: RowWords, columns: dict[str, tuple[float, float]], place: QRectF
    ) -> None:
        theme = self._theme
        caused, clear = row.figure == self._cause, any(row.clear)
        if caused:
            painter.fillRect(place, theme.color("accent_bg"))
        left, right = columns["title"]
        weight, color = (600 if caused else 500), theme.color("text" if clear or caused else "text2")
        self._paint_title(painter, row, QRectF(left, place.top(), right - left - 4, place.height()), weight)
        for badge, value in zip(self._badges, row.values, strict=True):
            low, high = columns[badge]
            draw_text(
                painter, QRectF(low, place.top(), high - low, place.height()), value, theme.font(13, 500), color, RIGHT
            )
        if "ratio" in columns:
            low, high = columns["ratio"]
            words, better = row.ratios[0], row.marks[0].better
            token = "accent" if better else "text" if row.clear[0] else "text2"
            font = theme.font(13, 600) if row.clear[0] else theme.font(12)
            if not row.clear[0]:
                words = words if words == "same" else NOT_CLEAR
                if "axis" in columns:
                    words, low, high = NO_CLEAR, low - 20, columns["axis"][1]
            draw_text(
                painter, QRectF(low, place.top(), high - low, place.height()), words, font, theme.color(token), RIGHT
            )
        if "axis" in columns and (self._many or row.clear[0]):
            self._paint_axis(painter, row, columns["axis"], place)
        painter.fillRect(QRectF(0, place.bottom() - 1, self.width(), 1), theme.color("line"))

    def _paint_title(self, painter: QPainter, row: RowWords, room: QRectF, weight: int) -> None:
        theme = self._theme
        font = theme.font(12 if self._compact and self._many else 13, weight)
        title = QFontMetricsF(font).elidedText(row.title, Qt.TextElideMode.ElideRight, room.width())
        color = theme.color("text" if any(row.clear) else "text2")
        if self._compact:
            draw_text(painter, room, title, font, color, LEFT)
            used = text_width(font, title) + theme.px(6)
            if used + text_width(theme.font(11), row.unit) <= room.width():
                draw_text(painter, room.adjusted(used, 1, 0, 0), row.unit, theme.font(11), theme.color("text3"), LEFT)
            return
        half = room.height() / 2
        upper = QRectF(room.left(), room.top() + 5, room.width(), half - 3)
        lower = QRectF(room.left(), room.top() + half + 1, room.width(), half - 6)
        draw_text(painter, upper, title, font, color, LEFT)
        draw_text(painter, lower, row.unit, theme.font(11), theme.color("text3"), LEFT)

    def _paint_axis(self, painter: QPainter, row: RowWords, column: tuple[float, float], place: QRectF) -> None:
        theme = self._theme
        middle, half = sum(column) / 2, (column[1] - column[0]) / 2 - DOT - 1
        painter.fillRect(QRectF(round(middle), place.top() + 8, 1, place.height() - 16), theme.color("line2"))
        step = place.height() / (len(row.marks) + 1)
        for number, one in enumerate(row.marks, 1):
            y = place.top() + (step * number if len(row.marks) > 1 else place.height() / 2)
            self._paint_mark(painter, one, middle, half, y, DOT if len(row.marks) == 1 else 3.0)

    def _paint_mark(self, painter: QPainter, one: Mark, middle: float, half: float, y: float, radius: float) -> None:
        if one.at is None:
            return
        theme = self._theme
        color = theme.color("accent" if one.better else "text2" if one.better is False else "text3")
        x = middle + one.at * half
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if one.better is not None:
            painter.setPen(QPen(color, 1.6))
            painter.drawLine(QPointF(middle, y), QPointF(x, y))
        if one.low is not None and one.high is not None:
            painter.setPen(QPen(color, 2.6 if one.better is not None else 1.2))
            painter.drawLine(QPointF(middle + one.low * half, y), QPointF(middle + one.high * half, y))
        painter.setPen(QPen(color, 1.6))
        painter.setBrush(color if one.better else theme.color("panel"))
        painter.drawEllipse(QPointF(x, y), radius, radius)
