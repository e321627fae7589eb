"""Small parts of the matrix's sides: the legend, a verdict as a bar, the score of predictions, a reason."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from explorer.desktop.labs.isolation.matrix.painting import BADGE, draw_badge, draw_dashed
from explorer.desktop.labs.isolation.matrix.words import DIFFERS, LEGEND, UNPROTECTED, WORDS
from explorer.desktop.labs.isolation.predict.predictions import Score
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.label import Label
from explorer.desktop.widgets.paint import LEFT, RIGHT, draw_box, draw_text, text_width
from explorer.desktop.widgets.tip import tip
from explorer.labs.isolation.matrix import Difference

LINE: Final = 22
APART: Final = 16
BAR: Final = 36
DOT: Final = 8


class MatrixLegend(QWidget):
    """What the cells mean."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Legend")
        self.setAccessibleDescription(WORDS)
        self.setToolTip(tip(WORDS))
        theme.changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        """One line."""
        return QSize(self._theme.px(300), self._theme.px(LINE))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Signs and words; what has no room is left away."""
        painter, theme, px = QPainter(self), self._theme, self._theme.px
        font, middle = theme.font(12), self.height() / 2
        sample = QRectF(0, middle - px(8), px(18), px(16))
        draw_box(painter, sample, 4, theme.color("danger_fill"))
        left = self._word(painter, px(24), "happened") + px(APART)
        for icon, words in LEGEND:
            if left + px(20) + text_width(font, words) > self.width():
                break
            painter.drawPixmap(QPointF(left, middle - px(7)), theme.icon(icon, 14, "text2"))
            left = self._word(painter, left + px(20), words) + px(APART)
        else:
            if left + px(22) + text_width(font, DIFFERS) <= self.width():
                draw_badge(painter, theme, QPointF(left + px(BADGE), middle))
                left = self._word(painter, left + px(22), DIFFERS) + px(APART)
            if left + px(24) + text_width(font, UNPROTECTED) <= self.width():
                draw_dashed(painter, theme, sample.translated(left, 0))
                self._word(painter, left + px(24), UNPROTECTED)
        painter.end()

    def _word(self, painter: QPainter, left: float, words: str) -> float:
        font = self._theme.font(12)
        room = QRectF(left, 0, self.width(), self.height())
        draw_text(painter, room, words, font, self._theme.color("text2"), LEFT)
        return left + text_width(font, words)


class VerdictBar(QWidget):
    """What came of a cell, in a bar: red if it happened."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.happened = False
        self.words, self.aside = "", ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)

    def show_verdict(self, happened: bool, words: str, aside: str) -> None:
        """`words` at the left, `aside` at the right: how, or what was predicted."""
        self.happened, self.words, self.aside = happened, words, aside
        self.setAccessibleName(words)
        self.setAccessibleDescription(aside)
        self.update()

    def sizeHint(self) -> QSize:
        """One line."""
        return QSize(self._theme.px(200), self._theme.px(BAR))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The bar."""
        painter, theme, px = QPainter(self), self._theme, self._theme.px
        fill, ink, icon = ("danger_fill", "on_fill", "") if self.happened else ("good_bg", "good", "shield-check")
        box = QRectF(self.rect())
        draw_box(painter, box, 7, theme.color(fill), None if self.happened else theme.color("good", 120))
        left = float(px(13))
        if icon:
            painter.drawPixmap(QPointF(left, box.center().y() - px(9)), theme.icon(icon, 18, ink))
            left += px(25)
        words = f"!  {self.words}" if self.happened else self.words
        font, small = theme.font(14, 700), theme.font(12, 600)
        draw_text(painter, box.adjusted(left, 0, 0, 0), words, font, theme.color(ink), LEFT)
        if left + text_width(font, words) + px(16) + text_width(small, self.aside) < box.width() - px(13):
            draw_text(painter, box.adjusted(0, 0, -px(13), 0), self.aside, small, theme.color(ink), RIGHT)
        painter.end()


class ScoreBox(QWidget):
    """How much of what was predicted was right: a large number, and a dot for each prediction."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.score = Score("", {})
        self._whose = Label(theme, "", 11, 600, "text2")
        self._dots = _Dots(theme)
        self._number = Label(theme, "", 46, 700)
        self._of = Label(theme, "", 16, 500, "text2")
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self._number)
        line.addWidget(self._of)
        line.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self._whose)
        column.addLayout(line)
        column.addWidget(self._dots)

    def show_score(self, score: Score) -> None:
        """Show this one."""
        self.score = score
        self._whose.setText(f"Your predictions for {score.level}")
        self._number.setText(f"{score.right:,}")
        self._of.setText(f"of {len(score.marks):,} right")
        self._dots.show_marks(list(score.marks.values()))
        self.setAccessibleName(f"Your predictions for {score.level}: {score.sentence}")


class _Dots(QWidget):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._marks: list[bool] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_marks(self, marks: Sequence[bool]) -> None:
        self._marks = list(marks)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(200), self._theme.px(DOT))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme, px = QPainter(self), self._theme, self._theme.px
        step = min(px(23), self.width() / max(1, len(self._marks)))
        for at, right in enumerate(self._marks):
            box = QRectF(at * step, 0, step - px(4), self.height())
            if right:
                draw_box(painter, box, box.height() / 2, theme.color("good"))
            else:
                draw_box(painter, box, box.height() / 2, None, theme.color("accent"), 1.6)
        painter.end()


class Reason(QWidget):
    """From what an observation differs, and why."""

    def __init__(self, theme: Theme, difference: Difference, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(_Badge(theme))
        title = Label(theme, f"Differs from {difference.what}", 13, 600, wrap=True)
        head.addWidget(title, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(Label(theme, difference.why, 13, 400, "text2", wrap=True))
        self.setAccessibleName(f"Differs from {difference.what}")
        self.setAccessibleDescription(difference.why)


class _Badge(QWidget):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setFixedSize(theme.px(18), theme.px(18))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        draw_badge(painter, self._theme, QRectF(self.rect()).center())
        painter.end()
