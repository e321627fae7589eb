"""The figures of each level in a line: a bar of what was committed and what was aborted a second, and the money."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import CENTER, LEFT, RIGHT, draw_box, draw_text, text_width
from explorer.labs.isolation.cost.result import LevelCost, codes, milliseconds, verdict
from explorer.records.states import State

ROW: Final = 46
HEAD: Final = 28
FOOT: Final = 30
GAP: Final = 14
BAR: Final = 18
COLUMNS: Final = (
    ("level", "Level", 132, LEFT),
    ("bar", "Transfers a second", 0, LEFT),
    ("p50", "p50", 62, RIGHT),
    ("p99", "p99", 62, RIGHT),
    ("aborted", "Aborted, by code", 160, LEFT),
    ("retried", "Retried", 58, RIGHT),
    ("given_up", "Given up", 62, RIGHT),
    ("money", "Money", 164, LEFT),
)
"""Id, head, width in px (0: what is left), alignment."""
FIRST_TO_GO: Final = ("retried", "p50", "given_up", "aborted")
"""What is left out where it is narrow, in this order."""
BAR_ROOM: Final = 140
"""What the bar and its number need, px."""


@dataclass(frozen=True, slots=True)
class Line:
    """A level and what it came to; None: not measured, `now`: it is being measured."""

    level: str
    cost: LevelCost | None
    now: bool = False


class CostTable(QWidget):
    """All levels, those that are not measured yet as well, so that nothing moves when figures come in."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._lines: Sequence[Line] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("What each level costs")
        theme.changed.connect(self.updateGeometry)
        theme.changed.connect(self.update)

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Show these."""
        self._lines = lines
        self.setAccessibleDescription(". ".join(spoken(line) for line in lines))
        self.updateGeometry()
        self.update()

    @property
    def lines(self) -> Sequence[Line]:
        """What is shown."""
        return self._lines

    def sizeHint(self) -> QSize:
        """A line for each level, and the legend."""
        px = self._theme.px
        return QSize(px(980), px(HEAD) + px(ROW) * max(1, len(self._lines)) + px(FOOT))

    def minimumSizeHint(self) -> QSize:
        """Below this the bars are gone."""
        return QSize(self._theme.px(560), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Heads, lines, legend."""
        theme, painter, px = self._theme, QPainter(self), self._theme.px
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        places = self._places()
        for name, head, _, side in self._columns():
            rect = QRectF(places[name].left(), 0, places[name].width(), px(HEAD))
            draw_text(painter, rect, head, theme.font(11), theme.color("text3"), side)
        painter.fillRect(QRectF(0, px(HEAD) - 1, self.width(), 1), theme.color("line"))
        most = max((rate(line.cost) for line in self._lines if line.cost is not None), default=1.0)
        for number, line in enumerate(self._lines):
            top = px(HEAD) + number * px(ROW)
            self._paint_line(painter, top, places, line, most)
            painter.fillRect(QRectF(0, top + px(ROW) - 1, self.width(), 1), theme.color("line"))
        self._paint_legend(painter, px(HEAD) + len(self._lines) * px(ROW), places["bar"].left())
        painter.end()

    def _columns(self) -> list[tuple[str, str, int, int]]:
        """Those there is room for."""
        px, shown = self._theme.px, list(COLUMNS)
        for name in FIRST_TO_GO:
            if px(BAR_ROOM) + sum(px(width + GAP) for _, _, width, _ in shown) <= self.width():
                break
            shown = [column for column in shown if column[0] != name]
        return shown

    def _places(self) -> dict[str, QRectF]:
        """Where the columns lie; only left and width count."""
        px, shown = self._theme.px, self._columns()
        fixed = sum(px(width) for _, _, width, _ in shown)
        rest = max(px(60), self.width() - fixed - px(GAP) * (len(shown) - 1))
        left, found = 0.0, {}
        for name, _, width, _ in shown:
            room = px(width) if width else rest
            found[name] = QRectF(left, 0, room, 0)
            left += room + px(GAP)
        return found

    def _paint_line(self, painter: QPainter, top: float, places: dict[str, QRectF], line: Line, most: float) -> None:
        theme, height, cost = self._theme, self._theme.px(ROW), line.cost

        def at(name: str) -> QRectF:
            return QRectF(places[name].left(), top, places[name].width(), height)

        ink = theme.color("text" if cost is not None else "text3")
        draw_text(painter, at("level"), line.level, theme.font(12, 600), ink, LEFT)
        if cost is None:
            words = "being measured" if line.now else "not measured"
            draw_text(painter, at("bar"), words, theme.font(12), theme.color("text3"), LEFT)
            return
        self._paint_bar(painter, at("bar"), cost, most)
        cells = {
            "p50": milliseconds(cost.p50_ms),
            "p99": milliseconds(cost.p99_ms),
            "aborted": codes(cost.aborted),
            "retried": f"{cost.retried:,}",
            "given_up": f"{cost.given_up + cost.without_connection:,}",
        }
        for name, _, _, side in self._columns():
            if name in cells:
                self._paint_words(painter, at(name), cells[name], side)
        self._paint_money(painter, at("money"), cost)

    def _paint_words(self, painter: QPainter, rect: QRectF, words: str, side: int) -> None:
        font = self._theme.font(12)
        shown = QFontMetricsF(font).elidedText(words, Qt.TextElideMode.ElideRight, rect.width())
        draw_text(painter, rect, shown, font, self._theme.color("text"), side)

    def _paint_bar(self, painter: QPainter, rect: QRectF, cost: LevelCost, most: float) -> None:
        """What was committed in the colour of work that runs; after it what was in vain, outlined and hatched."""
        theme, px = self._theme, self._theme.px
        font = theme.font(12, 600)
        words = f"{cost.per_second:,.0f} / s"
        room = rect.width() - text_width(font, words) - px(10)
        scale = max(px(10), room) / most
        middle, high = rect.center().y(), px(BAR)
        done = QRectF(rect.left(), middle - high / 2, max(2.0, cost.per_second * scale), high)
        painter.fillRect(done, theme.state(State.RUNNING).fill)
        end = done.right()
        vain = (rate(cost) - cost.per_second) * scale
        if vain >= 1:
            self._paint_vain(painter, QRectF(end + 1, done.top(), vain, high))
            end += vain + 1
        draw_text(painter, QRectF(end + px(6), rect.top(), rect.width(), rect.height()), words, font,
                  theme.color("text"), LEFT)  # fmt: skip

    def _paint_vain(self, painter: QPainter, rect: QRectF) -> None:
        danger = self._theme.color("danger")
        painter.fillRect(rect, self._theme.color("danger_bg"))
        painter.fillRect(rect, QBrush(danger, Qt.BrushStyle.BDiagPattern))
        painter.setPen(danger)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(rect.adjusted(0.5, 0.5, -0.5, -0.5))

    def _paint_money(self, painter: QPainter, rect: QRectF, cost: LevelCost) -> None:
        """Lost: filled red with a mark; all there: an outline and the word."""
        theme, px = self._theme, self._theme.px
        words = verdict(cost) if cost.kept else f"!  {verdict(cost)}"
        font = theme.font(12, 600)
        box = QRectF(rect.left(), rect.center().y() - px(12), min(rect.width(), text_width(font, words) + px(18)),
                     px(24))  # fmt: skip
        if cost.kept:
            ink = theme.color("good" if cost.promised else "text2")
            draw_box(painter, box, px(5), None, ink)
        else:
            ink = theme.color("panel")
            draw_box(painter, box, px(5), theme.color("danger"))
        draw_text(painter, box, words, font, ink, CENTER)

    def _paint_legend(self, painter: QPainter, top: float, left: float) -> None:
        theme, px = self._theme, self._theme.px
        middle, font = top + px(FOOT) / 2, theme.font(11)
        for words, vain in (("committed", False), ("aborted: work in vain", True)):
            swatch = QRectF(left, middle - px(5), px(16), px(10))
            if vain:
                self._paint_vain(painter, swatch)
            else:
                painter.fillRect(swatch, theme.state(State.RUNNING).fill)
            where = QRectF(swatch.right() + px(6), top, px(240), px(FOOT))
            draw_text(painter, where, words, font, theme.color("text2"), LEFT)
            left = where.left() + text_width(font, words) + px(18)


def rate(cost: LevelCost) -> float:
    """Attempts a second, in vain or not."""
    return cost.attempts / cost.seconds if cost.seconds > 0 else 0.0


def spoken(line: Line) -> str:
    """A line for who does not see it."""
    cost = line.cost
    if cost is None:
        return f"{line.level}: {'being measured' if line.now else 'not measured'}"
    return (
        f"{line.level}: {cost.per_second:,.0f} transfers a second, half of them within {milliseconds(cost.p50_ms)}, "
        f"99 % within {milliseconds(cost.p99_ms)}, aborted {codes(cost.aborted)}, {cost.retried:,} retried, "
        f"{cost.given_up + cost.without_connection:,} given up, money: {verdict(cost)}"
    )
