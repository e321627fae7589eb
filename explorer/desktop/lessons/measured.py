"""What is revealed: the number large, the bars of what you said, the law and what was measured, the formula."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.desktop.lessons.words import in_whole_terms
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import LEFT, RIGHT, draw_box, draw_text, text_width, wrapped_height
from explorer.records.states import State

BIG: Final = 72
LEAST: Final = 20
ROW: Final = 30
NAME: Final = 74
NUMBER: Final = 76
BAR: Final = 16
LINE: Final = 26
PLATE: Final = (15, 10)
"""What a formula's plate leaves free beside and above its lines."""
BROKEN: Final = int(Qt.TextFlag.TextWordWrap | Qt.TextFlag.TextWrapAnywhere)


class BigNumber(QWidget):
    """A number that is read from afar, its unit small; words where there is no number."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._number, self._unit = "", ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)

    @property
    def words(self) -> str:
        """What is shown."""
        return f"{self._number} {self._unit}".strip()

    def show_number(self, number: str, unit: str) -> None:
        """Show this."""
        if (number, unit) != (self._number, self._unit):
            self._number, self._unit = number, unit
            self.setAccessibleName(self.words)
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        """One line, as high as fits the width; more of them for words that fit in no size."""
        font = self._theme.font(self._px(), 700)
        high = wrapped_height(font, self._number, self._room) if self._broken else QFontMetricsF(font).height()
        return QSize(self._theme.px(200), round(high))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width may need another number of lines."""
        self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Number and unit on one line."""
        painter, theme = QPainter(self), self._theme
        font, small = theme.font(self._px(), 700), theme.font(max(15, round(self._px() * 0.4)), 600)
        wide = text_width(font, self._number)
        flags = LEFT | Qt.TextFlag.TextWordWrap if self._broken else LEFT
        draw_text(painter, QRectF(self.rect()), self._number, font, theme.color("text"), flags)
        base = (self.height() + QFontMetricsF(font).ascent() - QFontMetricsF(font).descent()) / 2
        high = QFontMetricsF(small).height()
        box = QRectF(wide + theme.px(7), base - QFontMetricsF(small).ascent(), self.width(), high)
        draw_text(painter, box, self._unit, small, theme.color("text2"), LEFT)
        painter.end()

    @property
    def _room(self) -> float:
        return max(self.width(), self._theme.px(120))

    @property
    def _broken(self) -> bool:
        """Whether these are words that need several lines."""
        return not self._unit and self._px() == LEAST

    def _px(self) -> int:
        """The size at which number and unit have room."""
        room = self._room
        for size in (BIG, 60, 48, 38, 30, 24):
            wide = text_width(self._theme.font(size, 700), self._number)
            wide += self._theme.px(8) + text_width(self._theme.font(max(15, round(size * 0.4)), 600), self._unit)
            if wide <= room:
                return size
        return LEAST


@dataclass(frozen=True, slots=True)
class BarRow:
    """A bar with its words: of `state`'s colour, dashed (the law), or violet (what you said). `value` None: no bar."""

    name: str
    value: float | None
    words: str
    dashed: bool = False
    state: State | None = None


class Bars(QWidget):
    """Three bars at most, on one scale."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.rows: tuple[BarRow, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)

    def show_rows(self, rows: Sequence[BarRow]) -> None:
        """Show these."""
        self.rows = tuple(rows)
        self.setAccessibleName(", ".join(f"{row.name} {row.words}" for row in self.rows))
        self.setVisible(bool(self.rows))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """A line each, more for words that have no room in one."""
        return QSize(self._theme.px(220), round(sum(self._high(row) for row in self.rows)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width may need another number of lines."""
        self.updateGeometry()

    def _beside(self) -> float:
        """The width for words beside the names."""
        return max(self.width(), self._theme.px(220)) - self._theme.px(NAME)

    def _numbers(self) -> float:
        """What the widest number beside a bar takes, so that none lies over its bar."""
        font = self._theme.font(14, 700)
        widest = max((text_width(font, row.words) for row in self.rows if row.value is not None), default=0.0)
        return max(self._theme.px(NUMBER), widest + self._theme.px(12))

    def _high(self, row: BarRow) -> float:
        one = self._theme.px(ROW)
        if row.value is not None:
            return one
        font = self._theme.font(14, 700)
        return max(one, one - QFontMetricsF(font).height() + wrapped_height(font, row.words, self._beside()))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Name, bar, number."""
        painter, theme, px = QPainter(self), self._theme, self._theme.px
        most = max((row.value for row in self.rows if row.value is not None), default=0.0)
        top = 0.0
        for row in self.rows:
            box = QRectF(0, top, self.width(), self._high(row))
            top += box.height()
            measured = row.state is not None
            name = theme.font(13, 600 if measured else 500)
            draw_text(painter, box, row.name, name, theme.color("text" if measured else "text2"), LEFT)
            beside = box.adjusted(box.width() - self._beside(), 0, 0, 0)
            flags = RIGHT | Qt.TextFlag.TextWordWrap
            draw_text(painter, beside, row.words, theme.font(14, 700), theme.color("text"), flags)
            if row.value is not None and most > 0:
                room = max(0.0, self.width() - px(NAME) - self._numbers())
                bar = QRectF(px(NAME), box.center().y() - px(BAR) / 2, max(3.0, room * row.value / most), px(BAR))
                self._bar(painter, row, bar)
        painter.end()

    def _bar(self, painter: QPainter, row: BarRow, bar: QRectF) -> None:
        theme = self._theme
        if row.dashed:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            pen = QPen(theme.color("text"), 1.8)
            pen.setDashPattern([3, 2])
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(bar.adjusted(1, 1, -1, -1), 4, 4)
            return
        fill, edge = theme.color("fill"), None
        if row.state is not None:
            look = theme.state(row.state)
            fill, edge = look.fill, look.edge
        draw_box(painter, bar, 4, fill, edge)


class Formula(QWidget):
    """A formula as on a board, and below it with the numbers put in and what it comes to."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.lines: tuple[str, str, str] = ("", "", "")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)

    def show_formula(self, formula: str, filled: str, result: str) -> None:
        """Show these; without a formula nothing."""
        self.lines = formula, filled, result
        self.setAccessibleName(f"{formula} = {filled} {result}")
        self.setVisible(bool(formula))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """As many lines as it takes: nothing of a formula is left out."""
        pieces = self._pieces()
        return QSize(self._theme.px(220), round(pieces[-1][0].bottom() + self._theme.px(PLATE[1])) if pieces else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width may need another number of lines."""
        self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The lines on a sunken plate."""
        painter, theme = QPainter(self), self._theme
        draw_box(painter, QRectF(self.rect()), 9, theme.color("bg"))
        for box, words, font, color, flags in self._pieces():
            draw_text(painter, box, words, font, theme.color(color), flags)
        painter.end()

    def _pieces(self) -> list[tuple[QRectF, str, QFont, str, int]]:
        """What is painted where: place, words, type, colour and Qt's flags of each. The same is not written twice where
        no number could be put in, and the result stands beside the last line if it has room there.
        """
        theme, px = self._theme, self._theme.px
        formula, filled, result = (in_whole_terms(line) for line in self.lines)
        plain, strong = theme.font(14, 500, True), theme.font(15, 700, True)
        left, room = px(PLATE[0]), max(self.width(), px(220)) - 2.0 * px(PLATE[0])
        y, found = float(px(PLATE[1])), []
        upper = [(formula, plain, "text2")] if filled != formula else []
        for words, font, color in (*upper, (filled, strong, "text")):
            needed = QFontMetricsF(font).boundingRect(QRectF(0, 0, room, 10_000), LEFT | BROKEN, words)
            high = max(float(px(LINE)), needed.height())
            found.append((QRectF(left, y, room, high), words, font, color, LEFT | BROKEN))
            y += high + px(4) * (high > px(LINE))  # lines that belong together stand closer
        if text_width(strong, filled) + px(PLATE[0]) + text_width(strong, result) <= room:
            y -= px(LINE)
        found.append((QRectF(left, y, room, px(LINE)), result, strong, "text", RIGHT))
        return found
