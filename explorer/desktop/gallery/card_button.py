"""One card of the start page: its picture, number and title, a check mark once it is done; or what is wrong with it."""

from collections.abc import Sequence
from math import ceil
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFont, QFontMetricsF, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from explorer.desktop.gallery.cards import LABS, LESSONS, RECENT, Card
from explorer.desktop.gallery.thumbnail import draw_thumbnail
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import CENTER, LEFT, draw_box, draw_lines, draw_text, lines_of, text_width
from explorer.desktop.widgets.tip import tip

PAD: Final = 16
FOOT: Final = 36
FOOT_WITH_WORDS: Final = 50
LOW: Final = 62
"""Height of a card without a picture, with one line of each of its words."""
LOW_LEFT: Final = PAD + 30
BROKEN_LEFT: Final = PAD + 26
SHARE: Final = {LESSONS: 0.55}
"""Height of a card over its width, with the usual foot; others are a little lower."""
OTHERS: Final = 0.52
MOST_LINES: Final = 12
"""More is not read on a card: the tooltip has it."""
DOT: Final = " · "
HARD_SPACE: Final = "\u00a0"
CENTER_WRAP: Final = CENTER | int(Qt.TextFlag.TextWordWrap)
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
        self._foot = 0
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
        elif self._has_picture:
            self._pictured(painter)
        else:
            self._low(painter)
        painter.end()

    # -- how high it is --------------------------------------------------------------------------------------------

    def foot_for(self, width: int) -> int:
        """How high the words below the picture of a card of this width are, px; 0 if it has none."""
        if not self._has_picture:
            return 0
        px, card = self._theme.px, self.card
        high = px(5) + _height(*self._title(self._title_room(width)))
        if card.words:
            high += px(3) + _height(*self._second(11, width - 2 * px(PAD)))
        return max(px(self._usual_foot), ceil(high + px(12 if card.words else 15)))

    def height_for(self, width: int, foot: int) -> int:
        """How high a card of this width is, px, with nothing of its words cut; `foot` as all in its row have it."""
        px, card = self._theme.px, self.card
        if self._has_picture:
            return round(width * SHARE.get(card.section, OTHERS)) - px(self._usual_foot) + foot
        if card.broken:
            room = width - px(BROKEN_LEFT + 12)
            words = _height(*self._whole(13, 600, card.title, room)) + _height(*self._whole(11, 500, card.words, room))
            reason = _height(*self._whole(12, 400, card.reason, width - 2 * px(PAD)))
            return max(round(width * OTHERS), ceil(px(12 + 2 + 8 + 14) + words + reason))
        room = width - px(LOW_LEFT + 12)
        words = _height(*self._whole(13, 600, card.title, room)) + _height(*self._second(12, room))
        return max(px(LOW), ceil(words + px(2 * 12 + 4)))

    def set_foot(self, foot: int) -> None:
        """The height of the words below its picture, px: that of the row, so that titles stand side by side."""
        if foot != self._foot:
            self._foot = foot
            self.update()

    @property
    def _has_picture(self) -> bool:
        card = self.card
        return not (card.broken or card.section == RECENT or (card.icon and not card.bars))

    @property
    def _usual_foot(self) -> int:
        return FOOT_WITH_WORDS if self.card.words else FOOT

    def _title_room(self, width: int) -> int:
        px, card = self._theme.px, self.card
        return width - 2 * px(PAD) - px(22) * bool(card.number) - px(20) * card.done

    # -- its words -------------------------------------------------------------------------------------------------

    def _title(self, room: float) -> tuple[QFont, list[str]]:
        """In one line, a little smaller if that is all it takes; else in several."""
        for size in (13, 12):
            font = self._theme.font(size, 600)
            if text_width(font, self.card.title) <= room:
                return font, [self.card.title]
        return self._whole(13, 600, self.card.title, room)

    def _second(self, size: int, room: float) -> tuple[QFont, list[str]]:
        """The words below the title; where dots divide them a line ends behind a dot, and nowhere else."""
        parts = [part.replace(" ", HARD_SPACE) for part in self.card.words.split(DOT)]
        words = f"{HARD_SPACE}· ".join(parts) if len(parts) > 1 else self.card.words
        return self._whole(size, 400, words, room)

    def _whole(self, size: int, weight: int, words: str, room: float) -> tuple[QFont, list[str]]:
        font = self._theme.font(size, weight)
        return font, lines_of(font, words, room, MOST_LINES)

    # -- painting --------------------------------------------------------------------------------------------------

    def _pictured(self, painter: QPainter) -> None:
        theme, px, card = self._theme, self._theme.px, self.card
        foot = self._foot or self.foot_for(self.width())
        box = QRectF(px(PAD), px(14), self.width() - 2 * px(PAD), self.height() - foot - px(18))
        if card.bars:
            draw_thumbnail(painter, theme, box, card.rows, card.bars)
        else:  # it has not run on any machine that draws the pictures: its shape in words
            draw_text(painter, box, card.shape, theme.font(13, 500), theme.color("text3"), CENTER_WRAP)
        top, left = self.height() - foot + px(5), float(px(PAD))
        font, lines = self._title(self._title_room(self.width()))
        line = QFontMetricsF(font).height()
        if card.number:
            number = QRectF(left, top, px(22), line)
            draw_text(painter, number, card.number, theme.font(12, 600), theme.color("text3"), LEFT)
            left += px(22)
        if card.done:
            corner = QPointF(self.width() - px(PAD) - px(15), top + (line - px(15)) / 2)
            painter.drawPixmap(corner, theme.icon("check", 15, "good"))
        draw_lines(painter, left, top, lines, font, theme.color("text"))
        if card.words:
            below = top + _height(font, lines) + px(3)
            font, lines = self._second(11, self.width() - 2 * px(PAD))
            draw_lines(painter, px(PAD), below, lines, font, theme.color("text3"))
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
        left = px(LOW_LEFT)
        room = self.width() - left - px(12)
        title, second = self._whole(13, 600, card.title, room), self._second(12, room)
        top = middle - (_height(*title) + px(4) + _height(*second)) / 2
        draw_lines(painter, left, top, title[1], title[0], theme.color("text"))
        draw_lines(painter, left, top + _height(*title) + px(4), second[1], second[0], theme.color("text3"))

    def _broken(self, painter: QPainter) -> None:
        theme, px, card = self._theme, self._theme.px, self.card
        painter.drawPixmap(QPointF(px(PAD), px(12)), theme.icon("triangle-alert", 18, "danger"))
        top, left, room = float(px(12)), px(BROKEN_LEFT), self.width() - px(BROKEN_LEFT + 12)
        for size, weight, words, color, gap in (
            (13, 600, card.title, "text", 2),
            (11, 500, card.words, "danger", 8),
        ):
            font, lines = self._whole(size, weight, words, room)
            draw_lines(painter, left, top, lines, font, theme.color(color))
            top += _height(font, lines) + px(gap)
        font, lines = self._whole(12, 400, card.reason, self.width() - 2 * px(PAD))
        draw_lines(painter, px(PAD), top, lines, font, theme.color("text2"))


def _height(font: QFont, lines: Sequence[str]) -> float:
    return QFontMetricsF(font).height() * len(lines)


def spoken(card: Card) -> str:
    """What a screen reader says of a card."""
    kind = {LESSONS: "lesson", LABS: "lab", RECENT: "recent run"}.get(card.section, "scenario")
    parts = [f"{card.title}, {kind}"]
    parts += [part for part in (card.group, card.words, "done" if card.done else "") if part]
    if card.reason:
        parts.append(card.reason if card.broken else f"not here: {card.reason}")
    return ", ".join(parts)
