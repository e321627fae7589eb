"""Three numbers that say it all, and a bar of what arrived: what a race has done."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import LEFT, RIGHT, draw_box, draw_text, text_width

GAP: Final = 12
BAR: Final = 12
LARGEST: Final = 56
LARGEST_LOW: Final = 40
FOOT: Final = 18


@dataclass(frozen=True, slots=True)
class Number:
    """A number with what it counts; `bad` is what ought not to be."""

    label: str
    value: str
    bad: bool = False


class Numbers(QWidget):
    """Shows `Number`s beside each other, and below them how much of the whole is as it should be."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.numbers: tuple[Number, ...] = ()
        self._share: float | None = None
        self._parts = ("", "")
        self._low = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Figures")
        theme.changed.connect(self.updateGeometry)

    def show_numbers(self, numbers: Sequence[Number], share: float | None, parts: tuple[str, str]) -> None:
        """`share`, 0 to 1, is the part of the bar that is as it should be; None: nothing is known yet. `parts` are
        the words for both.
        """
        self.numbers, self._share, self._parts = tuple(numbers), share, parts
        self.setAccessibleDescription(", ".join(f"{one.label} {one.value}" for one in numbers))
        self.update()

    def set_low(self, low: bool) -> None:
        """Take less height, in a low window."""
        if low != self._low:
            self._low = low
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Numbers, bar and its words."""
        px = self._theme.px
        return QSize(px(600), px((76 if self._low else 104) + 10 + BAR + FOOT))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The cards, and the bar."""
        painter, px = QPainter(self), self._theme.px
        count = max(1, len(self.numbers))
        high, gap = self.height() - px(10 + BAR + FOOT), px(GAP)
        wide = (self.width() - gap * (count - 1)) / count
        for at, number in enumerate(self.numbers):
            self._card(painter, number, QRectF(at * (wide + gap), 0, wide, high))
        self._bar(painter, high + px(10))
        painter.end()

    def _card(self, painter: QPainter, number: Number, box: QRectF) -> None:
        theme, px = self._theme, self._theme.px
        border = theme.color("danger") if number.bad else theme.color("line")
        fill = theme.color("danger_bg" if number.bad else "panel")
        draw_box(painter, box, 10, fill, border, 2 if number.bad else 1)
        inner = box.adjusted(px(18), px(10), -px(12), -px(6))
        ink = theme.color("danger" if number.bad else "text")
        label = QRectF(inner.left(), inner.top(), inner.width(), px(20))
        draw_text(painter, label, number.label, theme.font(13, 500), theme.color("text2"), LEFT)
        size = LARGEST_LOW if self._low else LARGEST
        while size > 20 and text_width(theme.font(size, 700), number.value) > inner.width():
            size -= 4
        place = QRectF(inner.left(), inner.top() + px(18), inner.width(), inner.height() - px(18))
        draw_text(painter, place, number.value, theme.font(size, 700), ink, LEFT)

    def _bar(self, painter: QPainter, top: float) -> None:
        theme, px, share = self._theme, self._theme.px, self._share
        width = float(self.width())
        if share is None:
            draw_box(painter, QRectF(0, top, width, px(BAR)), 3, theme.color("hover"))
            return
        good = width * share
        if share > 0:
            draw_box(painter, QRectF(0, top, max(2.0, good - 2), px(BAR)), 3, theme.color("ink"))
        if share < 1:
            rest = QRectF(min(good + 1, width - 3), top, max(3.0, width - good - 1), px(BAR))
            draw_box(painter, rest, 3, theme.color("danger_bg"), theme.color("danger"), 1.5)
        place = QRectF(0, top + px(BAR) + 2, width, px(FOOT) - 2)
        draw_text(
            painter,
            place,
            f"{share:.0%}".replace("%", " %") + f" {self._parts[0]}",
            theme.font(12, 500),
            theme.color("text2"),
            LEFT,
        )
        if share < 1:
            words = f"{1 - share:.0%}".replace("%", " %") + f" {self._parts[1]}"
            draw_text(painter, place, words, theme.font(12, 600), theme.color("danger"), RIGHT)
