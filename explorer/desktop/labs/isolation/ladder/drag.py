"""A step that is lifted from the ladder: where it may be put down, and what says so."""

from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from explorer.desktop.labs.isolation.ladder import moves
from explorer.desktop.labs.isolation.ladder.geometry import Geometry, boundary_at, place_at
from explorer.desktop.labs.isolation.ladder.model import Card, Ladder
from explorer.desktop.labs.isolation.ladder.painter import LadderPainter
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import WRAP, draw_box, draw_text, wrapped_height
from explorer.labs.isolation.schedule import Schedule
from explorer.labs.isolation.trace import Trace

TILT: Final = -2.0
OPEN: Final = 6
BUBBLE: Final = 300
LIFTED: Final = 190


class Drag:
    """`card` is held at `where`; put down now it would go to `place`, unless `refusal` says why not."""

    def __init__(self, card: Card, ladder: Ladder, schedule: Schedule, trace: Trace | None) -> None:
        self.card, self._ladder, self._schedule, self._trace = card, ladder, schedule, trace
        self.where = QPointF()
        self.place = card.step
        self.places = moves.places(schedule, trace, card.step)

    def to(self, geometry: Geometry, where: QPointF) -> None:
        """The mouse is here."""
        self.where = where
        self.place = place_at(self._ladder, len(self._schedule.steps), geometry.boundary(where.y()))

    def refusal_at(self, place: int) -> str:
        """Why it cannot go there; empty if it can."""
        return moves.refusal(self._schedule, self._trace, self.card.step, place)

    @property
    def refusal(self) -> str:
        """Why it cannot be put down here."""
        return self.refusal_at(self.place)

    @property
    def legal(self) -> bool:
        """Whether putting it down changes something."""
        return self.place in self.places


class DragPainter:
    """Paints the gaps, the lifted card, and the sentence of a place where it cannot go."""

    def __init__(self, theme: Theme, painter: QPainter, brush: LadderPainter, geometry: Geometry, width: int) -> None:
        self._theme, self._painter, self._brush, self._geometry = theme, painter, brush, geometry
        self._width = width

    def drag(self, drag: Drag, ladder: Ladder) -> None:
        """All of it."""
        theme, px, painter = self._theme, self._theme.px, self._painter
        for place in drag.places:
            self._gap(drag.card, boundary_at(ladder, place), chosen=place == drag.place)
        if drag.refusal:
            self.sentence(drag.card, drag.refusal, ladder, drag.where.y())
        _, high = self._geometry.row(drag.card.row)
        painter.save()
        painter.translate(drag.where)
        painter.rotate(0.0 if theme.reduced_motion else TILT)
        wide = min(px(LIFTED), self._geometry.column_width)
        box = QRectF(-wide / 2, -high / 2, wide, high)
        shade = theme.color("bg", 150)
        draw_box(painter, box.translated(px(3), px(5)), px(8), shade)
        self._brush.card(drag.card, chosen=True, box=box)
        if drag.refusal:
            painter.drawPixmap(
                QPointF(box.right() - px(30), box.center().y() - px(10)), theme.icon("ban", 20, "danger")
            )
        painter.restore()

    def _gap(self, card: Card, row: int, *, chosen: bool) -> None:
        px = self._theme.px
        left, width = self._geometry.left(card.column), self._geometry.column_width
        y = self._geometry.tops[row] - px(4)
        high = px(OPEN if chosen else 3)
        box = QRectF(left, y - high / 2, width, high)
        draw_box(self._painter, box, high / 2, self._theme.color("accent" if chosen else "line2"))

    def sentence(self, card: Card, sentence: str, ladder: Ladder, y: float | None = None) -> None:
        """The bubble, in the column beside, or below where there is but one."""
        theme, px, painter = self._theme, self._theme.px, self._painter
        columns = len(ladder.heads)
        other = card.column - 1 if card.column > 0 else min(1, columns - 1)
        wide = min(px(BUBBLE), self._geometry.column_width - px(8))
        font, strong = theme.font(13, 500), theme.font(13, 600)
        first, _, rest = sentence.partition(". ")
        first += "." if rest else ""
        inner = wide - px(28)
        heights = [wrapped_height(strong, first, inner), wrapped_height(font, rest, inner)]
        top, row_high = self._geometry.row(card.row)
        middle = y if y is not None else top + row_high / 2
        high = sum(heights) + px(18)
        bottom = self._geometry.tops[-1] - high
        box = QRectF(self._geometry.left(other) + px(6), min(max(middle - high / 2, px(40)), bottom), wide, high)
        draw_box(painter, box.translated(0, px(3)), px(9), theme.color("bg", 120))
        draw_box(painter, box, px(9), theme.color("raised"), theme.color("danger"), 1.8)
        at = box.top() + px(9)
        for text, face, tall in ((first, strong, heights[0]), (rest, font, heights[1])):
            draw_text(painter, QRectF(box.left() + px(14), at, inner, tall + 2), text, face, theme.color("text"), WRAP)
            at += tall
        painter.setPen(QPen(theme.color("danger"), 1.8, Qt.PenStyle.SolidLine))
