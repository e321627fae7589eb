"""Paints one slide on its grid: one sentence, one number, one shape, and the law beside what was measured."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from explorer.desktop.lessons.words import in_whole_terms
from explorer.desktop.presenter.grid import LABEL, NUMBER, SMALL, TITLE, WHOLE, fitting, font, ground
from explorer.desktop.presenter.ladder_shape import broken
from explorer.desktop.presenter.shape import ShapePainter, swatch
from explorer.desktop.presenter.slide_view import Drawn, RoomSaid, SlideView, Standing
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import CENTER, LEFT, RIGHT, WRAP, draw_box, draw_dot, draw_text, text_width
from explorer.desktop.words import STATE_WORDS
from explorer.records.states import State

SIDE: Final = QRectF(872, 140, 352, 500)
ALONE: Final = 84
"""A sentence that stands alone on its slide."""
BESIDE: Final = 0.75
"""A unit that would make its number smaller than this stands below it."""
LAW: Final = 44
LAW_LEAST: Final = 34
"""Sizes of the law: in one line, and where it needs several."""
HELD_WORDS: Final = "Lock held"
MOST_STATES: Final = 3
VOTE: Final = 92.0
"""An answer that has so much room may take two lines."""
PEN: Final = 7.0
HALO: Final = 5.0
SPOT: Final = 16.0
SIZES: Final = (1.0, 1.15, 1.3)
"""What + and − choose from, for labels."""
DEEPER: Final = 34.0
"""The legend may reach so far below the rest of the side, to the line of the page number."""


class SlidePainter:
    """Paints slides in a theme, on a painter whose units are the grid's."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._shape = ShapePainter(theme)

    def paint(self, painter: QPainter, view: SlideView, drawn: Sequence[Drawn] = ()) -> None:
        """The slide and the marks on it."""
        theme = self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(WHOLE, ground(theme))
        alone = view.standing is Standing.NONE
        title = fitting(theme, view.sentence, ALONE if alone else TITLE, 700, WHOLE.width() - 112)
        place = QRectF(56, 300 if alone else 28, WHOLE.width() - 112, 120 if alone else 84)
        draw_text(painter, place, view.sentence, title, theme.color("text"), CENTER if alone else LEFT)
        if not alone:
            self._shape.paint(painter, view)
            self._side(painter, view)
        self._foot(painter, view)
        for one in drawn:
            self._mark(painter, one)

    # -- the right side --------------------------------------------------------------------------------------------

    def _side(self, painter: QPainter, view: SlideView) -> None:
        y = SIDE.top() + 10
        if view.number:
            y = self._number(painter, view, y)
        elif view.room is not None and not view.room.rows:
            y = self._counted(painter, view.room, y)
        y = self._lines(painter, view.run, 28 * min(view.size, 1.15), 600, "text", y) + 14
        if view.verdict is not None:
            y = self._verdict(painter, view.verdict, y + 10)
        if view.room is not None and view.room.rows:
            self._votes(painter, view.room, y + 10)
        if view.law is not None:
            y = self._law(painter, view, y) + 8
        if view.standing in (Standing.LIVE, Standing.DONE, Standing.KEPT):
            self._legend(painter, view, y)

    def _number(self, painter: QPainter, view: SlideView, y: float) -> float:
        """The number as large as it has room for, its unit small beside it, else below; returns where it ends."""
        theme = self._theme
        small = font(theme, 64 if len(view.unit) <= 2 else 34, 700)
        wide = text_width(small, view.unit) + 8 if view.unit else 0.0
        made = fitting(theme, view.number, NUMBER, 700, SIDE.width())
        smaller = fitting(theme, view.number, NUMBER, 700, SIDE.width() - wide)
        beside = wide < SIDE.width() * 0.4 and smaller.pixelSize() >= made.pixelSize() * BESIDE
        made = smaller if beside else made
        box = QRectF(SIDE.left() - 6, y, SIDE.width() + 12, 200)
        draw_text(painter, box, view.number, made, theme.color("text"), LEFT)
        if not view.unit:
            return y + 206
        if beside:
            # Both stand on one line: the digits reach 0.73 of their size above it.
            base = box.center().y() + made.pixelSize() * 0.36
            x = SIDE.left() + text_width(made, view.number) + 2
            place = QRectF(x, base - small.pixelSize() * 0.86, wide, small.pixelSize())
            draw_text(painter, place, view.unit, small, theme.color("text2"), LEFT)
            return y + 206
        return self._lines(painter, view.unit, 34, 700, "text2", y + 101 + made.pixelSize() / 2) + 12

    def _verdict(self, painter: QPainter, verdict: tuple[str, str], y: float) -> float:
        """In a colour, with a sign of its own."""
        theme, (words, color) = self._theme, verdict
        icon = theme.icon("triangle-alert" if color == "danger" else "check", 128, color)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(QRectF(SIDE.left(), y, 64, 64), icon, QRectF(icon.rect()))
        return self._lines(painter, words, 48, 700, "text", y + 76) + 14

    def _counted(self, painter: QPainter, room: RoomSaid, y: float) -> float:
        """How many have answered: not what, which would only tell the others what to say."""
        theme, said = self._theme, f"{room.answered}"
        made = fitting(theme, said, NUMBER, 700, SIDE.width())
        draw_text(painter, QRectF(SIDE.left() - 6, y, SIDE.width() + 12, 200), said, made, theme.color("text"), LEFT)
        return self._lines(painter, f"of {room.here} have answered", 34, 700, "text2", y + 196) + 14

    def _votes(self, painter: QPainter, room: RoomSaid, y: float) -> None:
        """What the room predicted: a bar for each answer, that of the one that was measured with a check mark."""
        theme = self._theme
        y = self._lines(painter, "The room predicted", LABEL, 600, "text2", y) + 14
        most = max(1, *(count for _, count in room.rows))
        high = (SIDE.bottom() + DEEPER - y) / len(room.rows)
        made, bold = font(theme, LABEL, 500), font(theme, LABEL, 700)
        for at, (text, count) in enumerate(room.rows):
            right = at == room.right
            type_, top = bold if right else made, y
            for line in broken(text, type_, SIDE.width() - 40, 0, 2 if high >= VOTE else 1):
                draw_text(painter, QRectF(SIDE.left(), y, SIDE.width(), 30), line, type_, theme.color("text"), LEFT)
                y += 29
            if right:
                icon = theme.icon("check", 64, "good")
                painter.drawPixmap(QRectF(SIDE.right() - 32, top, 32, 32), icon, QRectF(icon.rect()))
            bar = QRectF(SIDE.left(), y + 3, max(4.0, (SIDE.width() - 64) * count / most), min(22.0, high - 36))
            if count:
                draw_box(painter, bar, 4, theme.color("good" if right else "fill"))
            number = QRectF(bar.right() + 12 if count else bar.left(), bar.center().y() - 18, 60, 36)
            draw_text(painter, number, f"{count}", bold, theme.color("text"), LEFT)
            y = min(bar.bottom() + 16, top + high)

    def _lines(self, painter: QPainter, text: str, px: float, weight: int, color: str, y: float) -> float:
        """Text in as many lines as it takes; returns where it ends."""
        if not text:
            return y
        made = font(self._theme, px, weight)
        painter.setFont(made)
        room = QRectF(SIDE.left(), y, SIDE.width(), 200)
        taken = painter.boundingRect(room, WRAP, text)
        draw_text(painter, room, text, made, self._theme.color(color), WRAP)
        return taken.bottom()

    def _law(self, painter: QPainter, view: SlideView, y: float) -> float:
        """What the law comes to, and the formula as large: both are meant for the last row, as the number is."""
        assert view.law is not None
        theme, (formula, value) = self._theme, view.law
        size = min(view.size, 1.15)
        painter.setPen(QPen(theme.color("line2"), 2))
        painter.drawLine(QPointF(SIDE.left(), y), QPointF(SIDE.right(), y))
        head = font(theme, LABEL * size, 500)
        draw_text(painter, QRectF(SIDE.left(), y + 10, SIDE.width(), 48), "law", head, theme.color("text2"), LEFT)
        bold = fitting(theme, value, LAW * size, 700, SIDE.width() - 90)
        draw_text(painter, QRectF(SIDE.left(), y + 8, SIDE.width(), 52), value, bold, theme.color("text"), RIGHT)
        kept = in_whole_terms(formula)
        line = fitting(theme, formula, LAW * size, 600, SIDE.width())
        px = line.pixelSize()
        if px < LAW_LEAST:  # in several lines, each as large as its longest term allows
            px = min(fitting(theme, term, LAW_LEAST * size, 600, SIDE.width()).pixelSize() for term in kept.split(" "))
        return self._lines(painter, kept, px, 600, "text", y + 62)

    def _legend(self, painter: QPainter, view: SlideView, y: float) -> None:
        """The states as large samples, as many as have room: they stand at the foot of the shape."""
        theme, row = self._theme, 46.0 * min(view.size, 1.15)
        seen = view.picture.states()
        if view.picture.phones is not None:
            seen += [state for state in view.picture.phones.states() if state not in seen]
        states: list[State | None] = [state for state in seen if state in STATE_WORDS]
        if view.picture.held.any():
            states.insert(min(1, len(states)), None)
        room = int((SIDE.bottom() + DEEPER - y) / row)
        shown = states[: max(0, min(MOST_STATES, room))]
        if not shown:
            return
        y += 10
        made = font(theme, LABEL * min(view.size, 1.15), 500)
        for at, state in enumerate(shown):
            swatch(painter, theme, QRectF(SIDE.left(), y + at * row + 6, 64, 28), state)
            words = QRectF(SIDE.left() + 80, y + at * row, SIDE.width() - 80, 40)
            said = STATE_WORDS[state].short if state is not None else HELD_WORDS
            draw_text(painter, words, said, made, theme.color("text"), LEFT)

    # -- the foot, the marks ---------------------------------------------------------------------------------------

    def _foot(self, painter: QPainter, view: SlideView) -> None:
        theme, small = self._theme, font(self._theme, SMALL, 600)
        left = 56.0
        if view.standing is Standing.LIVE:
            draw_dot(painter, QPointF(60, 692), 5, theme.color("good"))
            draw_text(painter, QRectF(74, 680, 60, 24), "live", small, theme.color("text2"), LEFT)
            left = 120.0
        for at in range(view.count):
            color = theme.color("accent" if at <= view.at else "line2")
            draw_box(painter, QRectF(left + at * 22, 690, 16, 4), 2, color)
        draw_text(painter, QRectF(1024, 680, 200, 24), view.page, small, theme.color("text3"), RIGHT)

    def _mark(self, painter: QPainter, drawn: Drawn) -> None:
        """By hand: on a halo of the ground's colour, which a bar's colour cannot swallow."""
        theme, points = self._theme, drawn.mark.points
        painter.setOpacity(drawn.strength)
        if len(points) == 1:
            center = QPointF(*points[0])
            draw_dot(painter, center, SPOT + HALO / 2, ground(theme))
            draw_dot(painter, center, SPOT, theme.color("pen"))
        else:
            line = QPolygonF([QPointF(x, y) for x, y in points])
            for color, wide in ((ground(theme), PEN + HALO), (theme.color("pen"), PEN)):
                pen = QPen(color, wide)
                pen.setCapStyle(Qt.PenCapStyle.RoundCap)
                pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
                painter.setPen(pen)
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawPolyline(line)
        painter.setOpacity(1.0)
