"""Paints the ladder: heads, cards, waits, arrows."""

from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF

from explorer.desktop.labs.isolation.ladder.geometry import MESSAGE, Geometry
from explorer.desktop.labs.isolation.ladder.model import Card, Chip, Ladder, Link
from explorer.desktop.labs.isolation.ladder.sql_words import Ink, Line, fitted, lines_with_chips, text_of
from explorer.desktop.labs.isolation.ladder.words import wait_forms
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import CENTER, LEFT, RIGHT, draw_box, draw_text, text_width
from explorer.records.states import State

LINE: Final = 16
SQL: Final = 12
PAD: Final = 14
FADED: Final = 0.42
TO_COME: Final = 0.6
BAR: Final = 26
NARROW: Final = 250
"""Below this width of a card an old version is said by its icon alone."""
RED: Final = "#B91C2B"
"""Fill of an abort in the light theme; white on it has 6.5:1."""
RED_DARK: Final = "#BE2D3C"
INKS: Final = {Ink.PLAIN: "text", Ink.KEYWORD: "accent", Ink.TEXT: "good", Ink.NUMBER: "text"}
NUMBERS: Final = {True: "#F0B95B", False: "#8A5A00"}
EDGES: Final = {"begin": "text", "commit": "text", "rollback": "text3", "other": "text3"}


class LadderPainter:
    """Paints with a theme; `geometry` says where."""

    def __init__(self, theme: Theme, painter: QPainter, geometry: Geometry) -> None:
        self._theme, self._painter, self._geometry = theme, painter, geometry
        self._px = theme.px
        self._lock = theme.state(State.WAITING_LOCK)
        roomy = geometry.roomy
        self._size = SQL + roomy
        self._line = self._px(LINE + 2 * roomy)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)

    # -- around the cards ------------------------------------------------------------------------------------------

    def heads(self, ladder: Ladder) -> None:
        """Badge, title, and what BEGIN says of each session."""
        theme, px, painter = self._theme, self._px, self._painter
        for column, (name, title, begin) in enumerate(ladder.heads):
            left, width = self._geometry.left(column), self._geometry.column_width
            draw_badge(painter, theme, QPointF(left + px(14), px(17)), name, px(12))
            small = theme.font(11, 500, True)
            room = width - px(36)
            wide = text_width(small, begin)
            font = theme.font(13, 600)
            if text_width(font, title) + wide + px(14) <= room:
                draw_text(painter, QRectF(left, 0, width, px(34)), begin, small, theme.color("text2"), RIGHT)
            words = QFontMetricsF(font).elidedText(title, Qt.TextElideMode.ElideRight, room)
            draw_text(painter, QRectF(left + px(34), 0, room, px(34)), words, font, theme.color("text"), LEFT)

    def columns(self, ladder: Ladder) -> None:
        """The ground of the columns."""
        ground = self._theme.color("panel")
        for column in range(len(ladder.heads)):
            draw_box(self._painter, QRectF(*self._geometry.column(column)), self._px(8), ground)

    def number(self, card: Card, *, strong: bool) -> None:
        """The step's number in the gutter."""
        top, height = self._geometry.row(card.row)
        box = QRectF(0, top, self._px(18), height)
        ink = self._theme.color("accent" if strong else "text2" if card.state != "to come" else "text3")
        draw_text(self._painter, box, card.label or "·", self._theme.font(12, 600), ink, RIGHT)

    # -- cards -----------------------------------------------------------------------------------------------------

    def card(self, card: Card, *, chosen: bool = False, lit: bool = False, box: QRectF | None = None) -> None:
        """A card, in its place or in `box`."""
        box = box if box is not None else QRectF(*self._geometry.card(card))
        opacity = FADED if card.faded else TO_COME if card.state == "to come" else 1.0
        self._painter.setOpacity(1.0 if chosen or lit else opacity)
        if card.wait:
            self._waiting(card, box, chosen or lit)
        else:
            self._plain(card, box, chosen=chosen, lit=lit)
        self._painter.setOpacity(1.0)

    def ghost(self, card: Card) -> None:
        """The place that a lifted step has left."""
        theme, painter = self._theme, self._painter
        box = QRectF(*self._geometry.card(card))
        draw_box(painter, box, self._px(6), theme.color("bg"))
        pen = QPen(theme.color("line2"), 1.4, Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), self._px(6), self._px(6))
        draw_text(painter, box, "from here", theme.font(12, 500), theme.color("text3"), CENTER)

    def _plain(self, card: Card, box: QRectF, *, chosen: bool, lit: bool) -> None:
        theme, px, painter = self._theme, self._px, self._painter
        border = theme.color("accent" if chosen or lit else "danger" if card.failure else "line2")
        fill = theme.color("accent_bg" if lit else "raised")
        draw_box(painter, box, px(6), fill, border, 1.8 if chosen or lit else 1.0)
        edge = QRectF(box.left(), box.top() + px(6), px(3.5), box.height() - px(12))
        if card.state == "running" and card.sent >= 0:
            edge.setWidth(px(6))
        draw_box(painter, edge, 1.5, self._edge(card))
        foot = self._failure(card, box)
        inner = box.adjusted(px(PAD if box.width() >= px(NARROW) else 11), px(2), -px(8), -px(2) - foot)
        self._sql_and_chips(card, inner)

    def _edge(self, card: Card) -> QColor:
        if card.state == "to come":
            return self._theme.color("line2")
        if card.look in ("read", "write"):
            return QColor(self._theme.state(State.RUNNING).fill)
        return self._theme.color(EDGES[card.look])

    def _sql_and_chips(self, card: Card, inner: QRectF) -> None:
        px = self._px
        narrow = inner.width() < px(NARROW)
        wide = self._chips_width(card.chips, short=narrow)
        letters = int(inner.width() / self._letter())
        beside = int((inner.width() - wide - px(8)) / self._letter()) if card.chips else letters
        most = max(1, int((inner.height() + 1) / self._line))
        shown = fitted(card.sql, (beside,) * most)
        below = bool(card.chips) and most > 1 and (narrow or text_of(shown[-1]).endswith("…"))
        high = len(shown)
        if below:  # the chips stand beside the last line alone
            wide = self._chips_width(card.chips, short=True, low=True)
            last_width = int((inner.width() - wide) / self._letter())
            shown = fitted(card.sql, (letters,) * (most - 1) + (last_width,))
            high = lines_with_chips(shown, last_width)
        line = self._line
        top = inner.top() + (inner.height() - high * line) / 2
        self._lines(shown, inner.left(), top, card)
        last = top + (high - 0.5) * line
        self._chips(card.chips, inner.right(), last if below else inner.center().y(), short=narrow, low=below)

    def _lines(self, shown: tuple[Line, ...], left: float, top: float, card: Card) -> None:
        theme = self._theme
        for line in shown:
            x = left
            for text, ink in line:
                font = theme.font(self._size, 600 if ink is Ink.KEYWORD else 500, True)
                color = QColor(NUMBERS[theme.dark]) if ink is Ink.NUMBER else theme.color(INKS[ink])
                draw_text(self._painter, QRectF(x, top, 2000, self._line), text, font, color, LEFT)
                x += QFontMetricsF(font).horizontalAdvance(text)
            if card.state == "left out":
                self._painter.setPen(QPen(theme.color("text2"), 1))
                self._painter.drawLine(QPointF(left, top + self._line / 2), QPointF(x, top + self._line / 2))
            top += self._line

    def _letter(self) -> float:
        return QFontMetricsF(self._theme.font(self._size, 600, True)).horizontalAdvance("M")

    # -- chips -----------------------------------------------------------------------------------------------------

    def _chip_font(self, chip: Chip, low: bool) -> QFont:
        return self._theme.font(11 if low else 12, 700 if chip.kind == "read" else 500)

    def _chip_width(self, chip: Chip, short: bool, low: bool = False) -> float:
        if chip.kind == "old":
            return self._px(24) if short else text_width(self._theme.font(12, 600), chip.text) + self._px(34)
        return text_width(self._chip_font(chip, low), chip.text) + self._px(10 if low else 16)

    def _chips_width(self, chips: tuple[Chip, ...], *, short: bool, low: bool = False) -> float:
        return sum(self._chip_width(chip, short, low) + self._px(4) for chip in chips)

    def _chips(self, chips: tuple[Chip, ...], right: float, middle: float, *, short: bool, low: bool = False) -> None:
        theme, px, painter = self._theme, self._px, self._painter
        for chip in reversed(chips):
            wide, high = self._chip_width(chip, short, low), px(17 if low else 22)
            box = QRectF(right - wide, middle - high / 2, wide, high)
            hot = chip.kind in ("read", "old")
            draw_box(painter, box, px(5), theme.color("accent_bg" if hot else "hover"))
            if chip.kind == "old":
                icon = theme.icon("layers", 14, "accent")
                painter.drawPixmap(QPointF(box.left() + px(5), middle - px(14) / 2), icon)
                if not short:
                    words = box.adjusted(px(24), 0, 0, 0)
                    draw_text(painter, words, chip.text, theme.font(12, 600), theme.color("text"), LEFT)
            else:
                draw_text(
                    painter, box, chip.text, self._chip_font(chip, low), theme.color("text" if hot else "text2"), CENTER
                )
            right -= wide + px(4)

    # -- a statement that waits --------------------------------------------------------------------------------------

    def _waiting(self, card: Card, box: QRectF, chosen: bool) -> None:
        theme, px, painter = self._theme, self._px, self._painter
        lock = QColor(self._lock.fill)
        wash = QColor(lock)
        wash.setAlpha(41)
        draw_box(painter, box, px(6), theme.color("raised"))
        draw_box(painter, box, px(6), wash)
        self._hatch(box, lock)
        draw_box(painter, box, px(6), None, lock, 2.0)
        if chosen:
            draw_box(painter, box.adjusted(-3, -3, 3, 3), px(8), None, theme.color("accent"), 1.8)
        draw_box(painter, QRectF(box.left(), box.top() + px(6), px(5), box.height() - px(12)), 2.5, lock)
        foot = self._failure(card, box)
        inner = box.adjusted(px(PAD + 1), px(6), -px(8), -px(4) - foot)
        chip_high = px(21)
        short = inner.width() < px(NARROW)
        chips = self._chips_width(card.chips, short=short)
        tall = inner.height() >= self._line + chip_high
        words = self._wait_words(card, inner.width(), chips + px(6) if card.chips else 0, tall=tall)
        wide = text_width(theme.font(12, 700), words) + px(34)
        gap = min(px(4), max(0.0, inner.height() - self._line - chip_high))
        most = max(1, int((inner.height() - (chip_high + gap if tall else 0)) / self._line))
        beside = bool(card.chips) and tall and wide + px(6) + chips <= inner.width()
        above = bool(card.chips) and not beside
        first = inner.width() - (0 if tall else wide + px(6)) - (chips + px(6) if above else 0)
        letters = int(inner.width() / self._letter())
        shown = fitted(card.sql, (int(first / self._letter()), *(letters,) * (min(most, 3) - 1)))
        self._lines(shown, inner.left(), inner.top(), card)
        under = inner.top() + len(shown) * self._line + gap
        left, top = (inner.left(), under) if tall else (inner.right() - wide, inner.top() - px(2))
        self._wait_chip(words, QRectF(left, top, min(wide, inner.width()), chip_high))
        if beside:
            self._chips(card.chips, inner.right(), top + chip_high / 2, short=short)
        elif above:
            right = inner.right() if tall else inner.right() - wide - px(4)
            self._chips(card.chips, right, inner.top() + self._line / 2, short=short, low=True)

    def _wait_words(self, card: Card, room: float, beside: float, *, tall: bool) -> str:
        """With how long it was blocked, how much of that is the lab's own, where there is a line for both; chips that
        would stand `beside` it go elsewhere rather than that.
        """
        if not tall:
            return card.wait
        forms = wait_forms(card.wait, card.pace)
        font, room = self._theme.font(12, 700), room - self._px(34)
        told = [(form, width) for width in (room - beside, room) for form in forms[:-1]]
        return next((form for form, width in told if text_width(font, form) <= width), card.wait)

    def _wait_chip(self, words: str, box: QRectF) -> None:
        theme, px, painter = self._theme, self._px, self._painter
        ink = QColor("#1A0B00")
        draw_box(painter, box, px(5), QColor(self._lock.fill))
        icon = theme.icon("hourglass", 13, "bg" if theme.dark else "text")
        painter.drawPixmap(QPointF(box.left() + px(7), box.center().y() - px(13) / 2), icon)
        font = theme.font(12, 700)
        words = QFontMetricsF(font).elidedText(words, Qt.TextElideMode.ElideRight, box.width() - px(28))
        draw_text(painter, box.adjusted(px(25), 0, 0, 0), words, font, ink, LEFT)

    def _hatch(self, box: QRectF, color: QColor) -> None:
        painter, step = self._painter, self._px(12)
        clip = QPainterPath()
        clip.addRoundedRect(box, self._px(6), self._px(6))
        painter.save()
        painter.setClipPath(clip, Qt.ClipOperation.IntersectClip)
        color = QColor(color)
        color.setAlpha(56)
        painter.setPen(QPen(color, 2))
        x = box.left() - box.height()
        while x < box.right():
            painter.drawLine(QPointF(x, box.bottom()), QPointF(x + box.height(), box.top()))
            x += step
        painter.restore()

    # -- errors ------------------------------------------------------------------------------------------------------

    def _failure(self, card: Card, box: QRectF) -> float:
        """Paint what went wrong at the foot of a card; returns how high that is."""
        failure = card.failure
        if failure is None:
            return 0.0
        theme, px, painter = self._theme, self._px, self._painter
        if failure.kind == "other":
            high = px(MESSAGE)
            plate = QRectF(box.left() + px(12), box.bottom() - high - px(4), box.width() - px(18), high)
            draw_box(painter, plate, px(6), theme.color("danger_bg"), theme.color("danger"), 1.2)
            words = plate.adjusted(px(9), 0, -px(6), 0)
            text = f"{failure.code}  {failure.message}"
            flags = LEFT | int(Qt.TextFlag.TextWordWrap)
            draw_text(painter, words, text, theme.font(12, 500), theme.color("danger"), flags)
            return float(high + px(4))
        bar = QRectF(box.left() + px(12), box.bottom() - px(BAR) - px(4), box.width() - px(18), px(BAR))
        draw_box(painter, bar, px(6), QColor(RED_DARK if theme.dark else RED))
        white = QColor("#FFFFFF")
        icon = theme.icon("octagon-x", 15, "on_fill")
        painter.drawPixmap(QPointF(bar.left() + px(8), bar.center().y() - px(15) / 2), icon)
        font, code = theme.font(13, 700), theme.font(12, 700, True)
        x = bar.left() + px(29)
        for text, face in ((card.failed, font), (failure.code, code)):
            draw_text(painter, QRectF(x, bar.top(), bar.width(), bar.height()), text, face, white, LEFT)
            x += text_width(face, text) + px(8)
        room = bar.right() - x - px(8)
        if room > px(90):
            face = theme.font(12, 500)
            text = QFontMetricsF(face).elidedText(failure.message, Qt.TextElideMode.ElideRight, room)
            draw_text(painter, QRectF(x, bar.top(), room, bar.height()), text, face, white, LEFT)
        return float(px(BAR) + px(4))

    # -- arrows ------------------------------------------------------------------------------------------------------

    def links(self, ladder: Ladder, *, far: bool) -> None:
        """The arrows between columns beside each other, or (`far`) those that pass under the cards between."""
        for link in ladder.links:
            if (abs(ladder.cards[link.source].column - ladder.cards[link.target].column) > 1) is far:
                self.link(ladder, link)

    def link(self, ladder: Ladder, link: Link) -> None:
        """From a blocked card to what it waits for, or from what released it."""
        source, target = ladder.cards[link.source], ladder.cards[link.target]
        if source.column == target.column:
            return
        if link.waits:
            self._waits_for(source, target)
        else:
            self._releases(source, target)

    def _waits_for(self, waiting: Card, holder: Card) -> None:
        px, geometry = self._px, self._geometry
        left, top, width, _ = geometry.card(waiting)
        other_left, _, other_width, _ = geometry.card(holder)
        other_top, other_high = geometry.row(holder.row)
        to_left = holder.column < waiting.column
        start = QPointF(left - 1 if to_left else left + width + 1, top + px(20))
        end = QPointF(other_left + other_width + px(3) if to_left else other_left - px(3), other_top + other_high / 2)
        # Nearer to the one that waits: two who wait for each other have a line each.
        turn = start.x() - px(8) if to_left else start.x() + px(8)
        points = [start, QPointF(turn, start.y()), QPointF(turn, end.y()), end]
        self._arrow(points, QColor(self._lock.fill), 2.5)

    def _releases(self, source: Card, target: Card) -> None:
        px, geometry = self._px, self._geometry
        left, top, width, high = geometry.card(source)
        other_left, other_top, other_width, other_high = geometry.card(target)
        to_right = target.column > source.column
        y = min(top + high * 0.66, other_top + other_high - px(8))
        start = QPointF(left + width + 2 if to_right else left - 2, y)
        end = QPointF(other_left - px(4) if to_right else other_left + other_width + px(4), y)
        self._arrow([start, end], self._theme.color("text2"), 1.8, dashed=True)

    def _arrow(self, points: list[QPointF], color: QColor, wide: float, *, dashed: bool = False) -> None:
        painter, scale = self._painter, self._theme.scale
        painter.setBrush(Qt.BrushStyle.NoBrush)
        before, end = points[-2], points[-1]
        head = 3.6 * wide * scale
        sign = 1.0 if end.x() >= before.x() else -1.0
        line = [*points[:-1], QPointF(end.x() - sign * head * 0.8, end.y())]
        for pen_color, pen_wide in ((self._theme.color("bg"), wide + 3), (color, wide)):
            pen = QPen(pen_color, pen_wide * scale)
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
            if dashed and pen_color == color:
                pen.setDashPattern([3, 2.4])
            painter.setPen(pen)
            painter.drawPolyline(QPolygonF(line))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        back = end.x() - sign * head
        painter.drawPolygon(
            QPolygonF([end, QPointF(back, end.y() - head * 0.55), QPointF(back, end.y() + head * 0.55)])
        )


def draw_badge(painter: QPainter, theme: Theme, middle: QPointF, name: str, radius: float, size: int = 13) -> None:
    """A session's round badge."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("ink"))
    painter.drawEllipse(middle, radius, radius)
    box = QRectF(middle.x() - radius, middle.y() - radius, 2 * radius, 2 * radius)
    draw_text(painter, box, name, theme.font(size, 700), theme.color("panel"), CENTER)
