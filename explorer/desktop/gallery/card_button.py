"""One card of the start page: its picture, number and title, a check mark once it is done; or what is wrong with it."""

from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetricsF, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from explorer.desktop.gallery.cards import LABS, LESSONS, RECENT, Card
from explorer.desktop.gallery.thumbnail import draw_thumbnail
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import CENTER, LEFT, WRAP, draw_box, draw_text, text_width
from explorer.desktop.widgets.tip import tip

PAD: Final = 16
FOOT: Final = {LESSONS: 36}
FOOT_WITH_WORDS: Final = 50
LOW: Final = 62
"""Height of a card without a picture."""
ARROWS: Final = {
    Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1),
}  # fmt: skip
DIM: Final = 0.45


class CardButton(QAbstractButton):
    """`moved(dx, dy)`: an arrow key; `focused(by_hand)` when it has the keyboard, since somebody went there or not."""

    moved = Signal(int, int)
    focused = Signal(bool)

    def __init__(self, theme: Theme, card: Card, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.card = card
        self.current = False
        """Whether it is the one that the keyboard is at, or was last."""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setText(card.title)
        self.setAccessibleName(spoken(card))
        self.setToolTip(tip(card.reason or (card.group and f"{card.group}: {card.title}") or card.title))

    def set_current(self, on: bool) -> None:
        """Outline it."""
        if on != self.current:
            self.current = on
            self.update()

    def sizeHint(self) -> QSize:
        """As the board makes it."""
        return QSize(self._theme.px(220), self._theme.px(124))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go to the next card, Enter opens this one."""
        key = Qt.Key(event.key())
        if key in ARROWS:
            self.moved.emit(*ARROWS[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The outline comes here."""
        super().focusInEvent(event)
        by_hand = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.MouseFocusReason)
        self.focused.emit(event.reason() in by_hand)

    def event(self, event: QEvent) -> bool:
        """Under the pointer it is a little lighter."""
        if event.type() in (QEvent.Type.HoverEnter, QEvent.Type.HoverLeave):
            self.update()
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Box, picture, words."""
        painter, theme, card = QPainter(self), self._theme, self.card
        lit = self.underMouse() or self.isDown()
        edge = "accent" if self.current else "danger" if card.broken else "line2" if lit else "line"
        draw_box(
            painter, QRectF(self.rect()), 10, theme.color("hover" if lit else "panel"), theme.color(edge),
            2 if self.current else 1,
        )  # fmt: skip
        if card.reason and not card.broken:
            painter.setOpacity(DIM)
        if card.broken:
            self._broken(painter)
        elif card.section == RECENT or (card.icon and not card.bars):
            self._low(painter)
        else:
            self._pictured(painter)
        painter.end()

    def _pictured(self, painter: QPainter) -> None:
        theme, px, card = self._theme, self._theme.px, self.card
        foot = px(FOOT_WITH_WORDS if card.words else FOOT[LESSONS])
        box = QRectF(px(PAD), px(14), self.width() - 2 * px(PAD), self.height() - foot - px(18))
        if card.bars:
            draw_thumbnail(painter, theme, box, card.rows, card.bars)
        else:  # it has not run on any machine that draws the pictures: its shape in words
            draw_text(painter, box, card.shape, theme.font(13, 500), theme.color("text3"), CENTER)
        line = QRectF(px(PAD), self.height() - foot, self.width() - 2 * px(PAD), px(26))
        left = line.left()
        if card.number:
            draw_text(painter, line, card.number, theme.font(12, 600), theme.color("text3"), LEFT)
            left += px(22)
        if card.done:
            corner = QPointF(line.right() - px(15), line.center().y() - px(15) / 2)
            painter.drawPixmap(corner, theme.icon("check", 15, "good"))
        room = line.right() - left - (px(20) if card.done else 0)
        size = 13 if text_width(theme.font(13, 600), card.title) <= room else 12
        self._words(painter, QRectF(left, line.top(), room, line.height()), card.title, size, 600, "text")
        if card.words:
            below = QRectF(left, line.bottom() - px(5), line.right() - left, px(20))
            self._words(painter, below, card.words, 11, 400, "text3")
        if card.reason:
            painter.setOpacity(1.0)
            words = "not here"
            wide = text_width(theme.font(11, 600), words) + px(14)
            chip = QRectF(self.width() - wide - px(9), px(9), wide, px(20))
            draw_box(painter, chip, 10, theme.color("raised"), theme.color("line2"))
            draw_text(painter, chip.adjusted(px(7), 0, 0, 0), words, theme.font(11, 600), theme.color("text2"), LEFT)

    def _low(self, painter: QPainter) -> None:
        theme, px, card = self._theme, self._theme.px, self.card
        middle = self.height() / 2
        painter.drawPixmap(QPointF(px(PAD), middle - px(18) / 2), theme.icon(card.icon, 18, "text2"))
        left = px(PAD + 30)
        room = self.width() - left - px(12)
        high = px(20)
        self._words(painter, QRectF(left, middle - high, room, high), card.title, 13, 600, "text")
        self._words(painter, QRectF(left, middle, room, high), card.words, 12, 400, "text3")

    def _broken(self, painter: QPainter) -> None:
        theme, px, card = self._theme, self._theme.px, self.card
        painter.drawPixmap(QPointF(px(PAD), px(14)), theme.icon("triangle-alert", 18, "danger"))
        left, room = px(PAD + 26), self.width() - px(PAD + 26 + 12)
        self._words(painter, QRectF(left, px(12), room, px(22)), card.title, 13, 600, "text")
        self._words(painter, QRectF(left, px(32), room, px(18)), card.words, 11, 500, "danger")
        box = QRectF(px(PAD), px(56), self.width() - 2 * px(PAD), self.height() - px(64))
        painter.setClipRect(box)
        draw_text(painter, box, card.reason, theme.font(12), theme.color("text2"), WRAP)

    def _words(self, painter: QPainter, box: QRectF, words: str, size: int, weight: int, color: str) -> None:
        font = self._theme.font(size, weight)
        shown = QFontMetricsF(font).elidedText(words, Qt.TextElideMode.ElideRight, box.width())
        draw_text(painter, box, shown, font, self._theme.color(color), LEFT)


def spoken(card: Card) -> str:
    """What a screen reader says of a card."""
    kind = {LESSONS: "lesson", LABS: "lab", RECENT: "recent run"}.get(card.section, "scenario")
    parts = [f"{card.title}, {kind}"]
    parts += [part for part in (card.group, card.words, "done" if card.done else "") if part]
    if card.reason:
        parts.append(card.reason if card.broken else f"not here: {card.reason}")
    return ", ".join(parts)
