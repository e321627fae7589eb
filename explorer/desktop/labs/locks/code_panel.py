"""The code that the requests run, with a badge for everyone at the line where they wait."""

from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from explorer.desktop.labs.locks.source import Ink, Line
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.heading import Divider
from explorer.desktop.widgets.label import Label
from explorer.desktop.widgets.paint import CENTER, RIGHT, draw_box, draw_text, text_width
from explorer.desktop.widgets.scroll import ScrollArea
from explorer.records.states import State

LINE: Final = 19
NUMBERS: Final = 40
PAD: Final = 6
MOST_BADGES: Final = 8
INKS: Final = {Ink.PLAIN: "text", Ink.KEYWORD: "accent", Ink.TEXT: "text2", Ink.COMMENT: "text3"}


class CodePanel(QWidget):
    """A heading with the file, and the lines below it, which scroll if there are many."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._file = Label(theme, "", 11, 600, "text2", mono=True)
        self._aside = Label(theme, "", 11, 400, "text3")
        self.lines = CodeLines(theme)
        self._area = ScrollArea(self.lines, sideways=True, focus=Qt.FocusPolicy.StrongFocus)
        self._area.setAccessibleName("Source of the handler")
        self._area.viewport().setAutoFillBackground(False)
        head = QWidget()
        row = _row(head, self._file, self._aside)
        row.setContentsMargins(0, 4, 0, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(Divider(theme))
        column.addWidget(head)
        column.addWidget(self._area, 1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def show_code(self, file: str, functions: Sequence[Sequence[Line]], aside: str) -> None:
        """Show these functions of a file."""
        self._file.setText(file)
        self._aside.setText(aside)
        self.lines.show_lines(functions)

    def show_waiting(self, badges: Mapping[int, Sequence[str]], *, stuck: bool) -> None:
        """Who waits at which line, by their badges; `stuck`: for ever."""
        if self.lines.show_waiting(badges, stuck=stuck) and badges:
            top = self.lines.top_of(min(badges))
            if top is not None:
                self._area.ensureVisible(0, top + LINE, 0, LINE)

    def sizeHint(self) -> QSize:
        """As high as its lines."""
        return QSize(400, self.lines.sizeHint().height() + 34)


class CodeLines(QWidget):
    """Paints the lines."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rows: list[Line | None] = []
        self._badges: dict[int, tuple[str, ...]] = {}
        self._stuck = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)

    @property
    def numbers(self) -> list[int]:
        """The lines that are shown, by their numbers."""
        return [line.number for line in self._rows if line is not None]

    @property
    def badges(self) -> Mapping[int, tuple[str, ...]]:
        """Who waits where."""
        return self._badges

    def show_lines(self, functions: Sequence[Sequence[Line]]) -> None:
        """Show these functions, with a gap between two."""
        rows: list[Line | None] = []
        for at, lines in enumerate(functions):
            rows += [None] * bool(at) + list(lines)
        if rows != self._rows:
            self._rows = rows
            self._tell()
            self.updateGeometry()
            self.update()

    def show_waiting(self, badges: Mapping[int, Sequence[str]], *, stuck: bool) -> bool:
        """Show who waits; whether that has changed."""
        wanted = {number: tuple(several) for number, several in badges.items()}
        if (wanted, stuck) == (self._badges, self._stuck):
            return False
        self._badges, self._stuck = wanted, stuck
        self._tell()
        self.update()
        return True

    def top_of(self, number: int) -> int | None:
        """Where a line begins, px; None if it is not shown."""
        for at, line in enumerate(self._rows):
            if line is not None and line.number == number:
                return self._theme.px(PAD) + at * self._theme.px(LINE)
        return None

    def sizeHint(self) -> QSize:
        """All lines."""
        px = self._theme.px
        return QSize(px(300), px(LINE) * len(self._rows) + 2 * px(PAD))

    def minimumSizeHint(self) -> QSize:
        """All lines: the area around it scrolls."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Lines, badges."""
        painter, theme, px = QPainter(self), self._theme, self._theme.px
        draw_box(painter, QRectF(self.rect()), 7, theme.color("lane"))
        for at, line in enumerate(self._rows):
            if line is not None:
                self._line(painter, line, QRectF(0, px(PAD) + at * px(LINE), self.width(), px(LINE)))
        painter.end()

    def _line(self, painter: QPainter, line: Line, box: QRectF) -> None:
        theme, px = self._theme, self._theme.px
        here = self._badges.get(line.number, ())
        edge = QRectF(box.left(), box.top(), px(3), box.height())
        tone = "danger" if here and self._stuck else "good" if line.differs else ""
        if tone:
            painter.fillRect(box, theme.color(f"{tone}_bg"))
            painter.fillRect(edge, theme.color(tone))
        if here and not self._stuck:
            if not tone:
                painter.fillRect(box, theme.color("hover"))
            painter.fillRect(edge, theme.state(State.WAITING_LOCK).fill)
        number = QRectF(box.left(), box.top(), px(NUMBERS) - 10, box.height())
        draw_text(painter, number, str(line.number), theme.font(11, 400, True), theme.color("text3"), RIGHT)
        x = box.left() + px(NUMBERS)
        for text, ink in line.pieces:
            font = theme.font(12, 600 if ink is Ink.KEYWORD else 400, True)
            draw_text(painter, QRectF(x, box.top(), box.width(), box.height()), text, font, theme.color(INKS[ink]))
            x += QFontMetricsF(font).horizontalAdvance(text)
        self._draw_badges(painter, here, box)

    def _draw_badges(self, painter: QPainter, here: Sequence[str], box: QRectF) -> None:
        theme, px = self._theme, self._theme.px
        font, x, high = theme.font(11, 700), box.right() - px(10), px(16)
        more = [f"+{len(here) - MOST_BADGES}"] if len(here) > MOST_BADGES else []
        for text in reversed([*here[:MOST_BADGES], *more]):
            wide = max(high, text_width(font, text) + px(8))
            x -= wide
            place = QRectF(x, box.center().y() - high / 2, wide, high)
            draw_box(painter, place, high / 2, theme.color("ink"))
            draw_text(painter, place, text, font, theme.color("panel"), CENTER)
            x -= px(4)

    def _tell(self) -> None:
        told = [f"Line {number}: {', '.join(several)} wait here." for number, several in sorted(self._badges.items())]
        text = "\n".join(line.text for line in self._rows if line is not None)
        self.setAccessibleName("Source of the handler")
        self.setAccessibleDescription(" ".join([*told, text]))


def _row(parent: QWidget, left: QWidget, right: QWidget) -> QHBoxLayout:
    row = QHBoxLayout(parent)
    row.addWidget(left)
    row.addStretch(1)
    row.addWidget(right)
    return row
