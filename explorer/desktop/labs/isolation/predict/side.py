"""The panel at the right while one predicts: what the level promises, and the row's schedule in short."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from explorer.desktop.labs.isolation.ladder.painter import INKS, NUMBERS
from explorer.desktop.labs.isolation.ladder.sql_words import Ink, Line, fitted
from explorer.desktop.labs.isolation.matrix.levels import promise
from explorer.desktop.labs.isolation.predict.words import short_steps
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.label import IconLabel, Label
from explorer.desktop.widgets.paint import LEFT, draw_box, draw_text
from explorer.desktop.widgets.scroll import ScrollArea
from explorer.labs.isolation.schedule import Schedule

HINT: Final = "Results stay hidden until you measure. Guessing wrong is the point: you will remember those rows."
KEPT: Final = "Only this run; nothing is stored."
INDENT: Final = 22
LINE: Final = 18
PAD: Final = 10
MOST_LINES: Final = 2
"""Of a statement; what has no room is left out where it says least."""


class PredictSide(QWidget):
    """Shows a level's promise and one schedule."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.promise = Label(theme, "", 13, wrap=True)
        self.row = Label(theme, "", 13, wrap=True)
        self.steps = StepsBox(theme)
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(IconLabel(theme, "eye-off", 18, "accent"))
        head.addWidget(Label(theme, "Predict first", 17, 600))
        head.addStretch(1)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(20, 16, 20, 8)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(Label(theme, HINT, 13, 400, "text2", wrap=True))
        column.addSpacing(10)
        column.addWidget(Label(theme, "The promise of the level", 11, 600, "text2"))
        column.addWidget(self.promise)
        column.addSpacing(10)
        column.addWidget(Label(theme, "This row", 11, 600, "text2"))
        column.addWidget(self.row)
        column.addWidget(self.steps)
        column.addStretch(1)
        kept = Label(theme, KEPT, 12, 400, "text3")
        kept.setContentsMargins(20, 6, 20, 14)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(ScrollArea(inside), 1)
        whole.addWidget(kept)

    def show_row(self, engine: str, level: str, schedule: Schedule) -> None:
        """What the level promises on this engine, and what the schedule does."""
        self.promise.setText(promise(engine, level))
        self.row.setText(schedule.sentence)
        self.steps.show_steps(short_steps(schedule, engine))


class StepsBox(QWidget):
    """Steps as lines: the session, then its SQL, wrapped."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._lines: list[tuple[str, str]] = []
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName("Steps")
        theme.changed.connect(self._fit)

    def show_steps(self, lines: Sequence[tuple[str, str]]) -> None:
        """Show these: (session, SQL)."""
        self._lines = list(lines)
        self.setAccessibleDescription(". ".join(" ".join(filter(None, line)) for line in lines))
        self._fit()

    def hasHeightForWidth(self) -> bool:
        """Narrower is higher."""
        return True

    def heightForWidth(self, width: int) -> int:
        """All lines, wrapped."""
        return round(sum(self._heights(width))) + 2 * self._theme.px(PAD)

    def sizeHint(self) -> QSize:
        """As high as its present width asks for."""
        width = self.width() or self._theme.px(260)
        return QSize(self._theme.px(200), self.heightForWidth(width))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrap anew."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Badges and lines."""
        painter, theme, px = QPainter(self), self._theme, self._theme.px
        draw_box(painter, QRectF(self.rect()), 8, theme.color("shade"))
        font, bold = theme.font(12, 500, True), theme.font(12, 700, True)
        metrics, top = QFontMetricsF(font), float(px(PAD))
        for (session, sql), high in zip(self._lines, self._heights(self.width()), strict=True):
            first = QRectF(px(12), top, px(INDENT), px(LINE))
            draw_text(painter, first, session, bold, theme.color("text2"), LEFT)
            left = px(12 + INDENT)
            for number, line in enumerate(self._shown(session, sql, self.width())):
                x = float(left)
                for text, ink in line:
                    room = QRectF(x, top + number * px(LINE), self.width() - left, px(LINE))
                    draw_text(painter, room, text, font, self._ink(ink) if session else theme.color("text2"), LEFT)
                    x += metrics.horizontalAdvance(text)
            top += high
        painter.end()

    def _heights(self, width: int) -> list[float]:
        px = self._theme.px
        return [len(self._shown(session, sql, width)) * px(LINE) + px(3) for session, sql in self._lines]

    def _shown(self, session: str, sql: str, width: int) -> Sequence[Line]:
        if not session:
            return (((sql, Ink.PLAIN),),)
        letter = QFontMetricsF(self._theme.font(12, 500, True)).horizontalAdvance("M")
        letters = max(8, int((width - self._theme.px(12 + INDENT + 8)) / letter))
        return fitted(sql, (letters,) * MOST_LINES)

    def _ink(self, ink: Ink) -> QColor:
        return QColor(NUMBERS[self._theme.dark]) if ink is Ink.NUMBER else self._theme.color(INKS[ink])

    def _fit(self) -> None:
        self.setFixedHeight(self.heightForWidth(self.width() or self._theme.px(260)))
        self.update()
