"""The figures of a sweep in two tables: what every point came to, and what a task costs on its way."""

from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.desktop.labs.parallelism.chart import MARKS, draw_mark
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import LEFT, RIGHT, draw_text
from explorer.labs.parallelism.runners.find import runners
from explorer.labs.parallelism.table import seconds
from explorer.records.states import State

ROW: Final = 22
HEAD: Final = 24
MARK: Final = 22
PARTS: Final = (
    ("submit", "Submit", None, "ink"),
    ("pickle", "Pickle", None, "text3"),
    ("between_tasks", "Between two tasks", State.IDLE, ""),
    ("run", "Run", State.RUNNING, ""),
    ("return", "Return", None, "line2"),
)
"""What the bars are made of, with the state that it is; what has none is drawn in an ink. How long a task waits for its
turn is left out: all are handed out at once, so that it is the length of the job."""


class Figures(QWidget):
    """A painted table with columns of the shares `widths`; `chosen(runner)`: a click on a line."""

    chosen = Signal(str)

    def __init__(self, theme: Theme, title: str, heads: Sequence[str], widths: Sequence[float]) -> None:
        super().__init__()
        self._theme = theme
        self._heads, self._widths = heads, widths
        self._lines: list[tuple[str, Sequence[str]]] = []
        self._runner = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(title)
        theme.changed.connect(self.updateGeometry)
        theme.changed.connect(self.update)

    def show_lines(self, lines: Sequence[tuple[str, Sequence[str]]], runner: str) -> None:
        """Show these, each a runner's name and its cells; those of `runner` stand out."""
        self._lines, self._runner = list(lines), runner
        self.setAccessibleDescription("; ".join(", ".join(cells) for _, cells in lines))
        self.updateGeometry()
        self.update()

    @property
    def cells(self) -> list[Sequence[str]]:
        """What stands in the lines."""
        return [cells for _, cells in self._lines]

    def sizeHint(self) -> QSize:
        """All lines."""
        px = self._theme.px
        return QSize(px(460), px(HEAD) + px(ROW) * max(1, len(self._lines)))

    def minimumSizeHint(self) -> QSize:
        """Narrower is fine, lower is not."""
        return QSize(self._theme.px(260), self.sizeHint().height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the runner of the line."""
        line = int((event.position().y() - self._theme.px(HEAD)) // self._theme.px(ROW))
        if 0 <= line < len(self._lines):
            self.chosen.emit(self._lines[line][0])

    def paintEvent(self, event: QPaintEvent) -> None:
        """Heads, lines."""
        theme, painter, px = self._theme, QPainter(self), self._theme.px
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for column, (rect, head) in enumerate(zip(self._columns(0, px(HEAD)), self._heads, strict=True)):
            font = theme.font(11)
            words = QFontMetricsF(font).elidedText(head, Qt.TextElideMode.ElideRight, rect.width())
            draw_text(painter, rect, words, font, theme.color("text3"), LEFT if not column else RIGHT)
        painter.fillRect(QRectF(0, px(HEAD) - 1, self.width(), 1), theme.color("line"))
        for number, (runner, cells) in enumerate(self._lines):
            self._paint_line(painter, px(HEAD) + number * px(ROW), runner, cells)
        painter.end()

    def _paint_line(self, painter: QPainter, top: float, runner: str, cells: Sequence[str]) -> None:
        theme, px, mine = self._theme, self._theme.px, runner == self._runner
        color = theme.color("accent" if mine else "text")
        ink = theme.color("accent") if mine else theme.color("ink", 200)
        draw_mark(painter, QPointF(px(8), top + px(ROW) / 2), MARKS.get(runner, "circle"), ink, theme.color("panel"))
        for column, (rect, cell) in enumerate(zip(self._columns(top, px(ROW)), cells, strict=True)):
            bad = cell == "differs"
            font = theme.font(12, 600 if bad or (mine and not column) else 400)
            words = QFontMetricsF(font).elidedText(cell, Qt.TextElideMode.ElideRight, rect.width())
            draw_text(
                painter, rect, words, font, theme.color("danger") if bad else color, LEFT if not column else RIGHT
            )

    def _columns(self, top: float, height: float) -> list[QRectF]:
        left, found = float(self._theme.px(MARK)), []
        room = self.width() - left - 2
        whole = sum(self._widths)
        for share in self._widths:
            width = room * share / whole
            found.append(QRectF(left, top, width - 8, height))
            left += width
        return found


class OverheadBars(QWidget):
    """For each runner a bar of a task's time by its parts; all bars are as wide, so that the shares are compared."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._lines: list[tuple[str, dict[str, float]]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Where a task's time goes")
        theme.changed.connect(self.updateGeometry)
        theme.changed.connect(self.update)

    def show_lines(self, lines: Sequence[tuple[str, Mapping[str, float | None]]]) -> None:
        """Show these: a runner's name, and the seconds of each part (None: there was none)."""
        self._lines = [(name, {key: max(0.0, parts[key] or 0.0) for key, *_ in PARTS}) for name, parts in lines]
        spoken = [
            f"{runners()[name].title}: " + ", ".join(f"{words} {seconds(parts[key])}" for key, words, *_ in PARTS)
            for name, parts in self._lines
        ]
        self.setAccessibleDescription(". ".join(spoken))
        self.setToolTip("\n".join(spoken))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """A line for each, and the legend."""
        px = self._theme.px
        return QSize(px(460), px(ROW) * len(self._lines) + px(HEAD))

    def minimumSizeHint(self) -> QSize:
        """Narrower is fine."""
        return QSize(self._theme.px(260), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Names, bars, legend."""
        theme, painter, px = self._theme, QPainter(self), self._theme.px
        left, right = px(130), self.width() - 8
        for number, (name, parts) in enumerate(self._lines):
            top = number * px(ROW)
            words = runners()[name].title
            draw_text(painter, QRectF(px(MARK), top, left, px(ROW)), words, theme.font(12), theme.color("text"), LEFT)
            whole = sum(parts.values()) or 1.0
            x = float(left)
            for key, _, state, ink in PARTS:
                width = (right - left) * parts[key] / whole
                if width > 0:
                    self._paint_part(painter, QRectF(x, top + 4, max(1.0, width - 1), px(ROW) - 8), state, ink)
                x += width
        self._paint_legend(painter, len(self._lines) * px(ROW), float(left))
        painter.end()

    def _paint_part(self, painter: QPainter, rect: QRectF, state: State | None, ink: str) -> None:
        painter.fillRect(rect, self._theme.color(ink) if state is None else self._theme.state(state).fill)

    def _paint_legend(self, painter: QPainter, top: float, left: float) -> None:
        theme, px = self._theme, self._theme.px
        for _, words, state, ink in PARTS:
            self._paint_part(painter, QRectF(left, top + px(7), px(10), px(10)), state, ink)
            font = theme.font(11)
            width = QFontMetricsF(font).horizontalAdvance(words)
            where = QRectF(left + px(14), top, width + 4, px(HEAD))
            draw_text(painter, where, words, font, theme.color("text2"), LEFT)
            left += px(14) + width + px(14)
