"""What stands in the timeline's place before the run: a faint line for each request that is ready, and the time."""

from typing import Final

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.timeline.ticks import step_for
from explorer.desktop.timeline.viewport import Viewport
from explorer.desktop.widgets.paint import CENTER, LEFT, draw_box, draw_text, text_width

AXIS: Final = 30
MOST: Final = 100
MARGIN: Final = 10
CARD: Final = (320, 84)


class Ghost(QWidget):
    """`dragged(seconds)`: the line of the prediction was moved. `header` is what the timeline's own headers take."""

    dragged = Signal(float)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._count, self._seconds = 1, 1.0
        self._words = ("", "")
        self.header = 0
        self.draggable = False
        theme.changed.connect(self.update)

    def show_ready(self, count: int, title: str, seconds: float) -> None:
        """So many requests, and so many seconds across; what there is to do is said by `set_hint`."""
        self._count, self._seconds = min(max(count, 1), MOST), max(seconds, 0.001)
        self._words = title, ""
        self.setAccessibleName(title)
        self.update()

    @property
    def card_shown(self) -> bool:
        """Whether it says what is ready; not where something else is said in its place."""
        return bool(self._words[1])

    def set_hint(self, hint: str) -> None:
        """What there is to do now; empty: somebody else says what is the matter."""
        self._words = self._words[0], hint
        self.setAccessibleName(" ".join(part for part in self._words if part))
        self.update()

    def x_of(self, seconds: float) -> float:
        """The pixel of a moment."""
        return self._left + seconds / self._seconds * self._wide

    @property
    def _left(self) -> float:
        return self.header + self._theme.px(MARGIN)

    @property
    def _wide(self) -> float:
        return max(1.0, self.width() - self._left - self._theme.px(MARGIN))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The line comes to the pointer."""
        self._drag(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """And goes with it."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._drag(event)

    def _drag(self, event: QMouseEvent) -> None:
        if self.draggable:
            share = (event.position().x() - self._left) / self._wide
            self.dragged.emit(min(max(share, 0.0), 1.0) * self._seconds)
            event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Lines, axis, card."""
        painter, theme, px = QPainter(self), self._theme, self._theme.px
        painter.fillRect(self.rect(), theme.color("bg"))
        top, foot = px(10), self.height() - px(AXIS)
        pitch = (foot - top) / self._count
        high = min(max(pitch * 0.2, 1.0), 2.0)
        for at in range(self._count):
            y = round(top + (at + 0.5) * pitch)
            painter.fillRect(QRectF(self._left, y, self._wide, high), theme.color("line2", 170))
        beside = QRectF(px(6), top, max(0, self.header - px(12)), px(20))
        draw_text(painter, beside, "Requests", theme.font(12, 500), theme.color("text2"), LEFT)
        self._axis(painter, foot)
        if self.card_shown:
            self._card(painter, (top + foot) / 2)
        painter.end()

    def _axis(self, painter: QPainter, foot: float) -> None:
        theme, px = self._theme, self._theme.px
        painter.fillRect(QRectF(self._left, foot, self._wide, 1), theme.color("line2"))
        step = step_for(Viewport(0, round(self._seconds * 1e9), round(self._wide)), px(84)) / 1e9
        at, font = 0, theme.font(12, 500)
        while at * step <= self._seconds * 1.0001:
            seconds = at * step
            x = self.x_of(seconds)
            painter.fillRect(QRectF(x, foot, 1, px(5)), theme.color("line2"))
            words = f"{seconds:g} s" if step >= 0.1 or not at else f"{seconds * 1000:g} ms"
            wide = text_width(font, words) + 4
            left = min(max(x - wide / 2, self._left), self.width() - wide)
            draw_text(painter, QRectF(left, foot + px(6), wide, px(20)), words, font, theme.color("text2"), CENTER)
            at += 1

    def words_at(self) -> tuple[QRectF, ...]:
        """Where words stand that no line may cross: the card and the axis."""
        top, foot = self._theme.px(10), self.height() - self._theme.px(AXIS)
        axis = QRectF(0, foot + self._theme.px(5), self.width(), self._theme.px(AXIS))
        return (self._card_box((top + foot) / 2), axis) if self.card_shown else (axis,)

    def _card_box(self, middle: float) -> QRectF:
        theme, px = self._theme, self._theme.px
        title, hint = self._words
        words = max(text_width(theme.font(17, 600), title), text_width(theme.font(14), hint))
        wide = min(max(px(CARD[0]), words + px(48)), self._wide)
        return QRectF(self._left + (self._wide - wide) / 2, middle - px(CARD[1]) / 2, wide, px(CARD[1]))

    def _card(self, painter: QPainter, middle: float) -> None:
        theme, px = self._theme, self._theme.px
        title, hint = self._words
        font, box = theme.font(17, 600), self._card_box(middle)
        draw_box(painter, box, 12, theme.color("bg"), theme.color("line2"))
        upper = QRectF(box.left(), box.top() + px(14), box.width(), px(28))
        draw_text(painter, upper, title, font, theme.color("text"), CENTER)
        draw_text(painter, upper.translated(0, px(28)), hint, theme.font(14), theme.color("text2"), CENTER)
