"""Both ladders side by side: equal rows weak, differing ones with a ring around their number and ≠ between them."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from explorer.desktop.labs.isolation.compare.alignment import Aligned
from explorer.desktop.labs.isolation.compare.differences import StepDifference
from explorer.desktop.labs.isolation.ladder.geometry import ERROR, HEAD, LOWEST, MESSAGE, Geometry
from explorer.desktop.labs.isolation.ladder.model import Card, Ladder
from explorer.desktop.labs.isolation.ladder.painter import LadderPainter
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import CENTER, draw_box, draw_text
from explorer.desktop.widgets.tip import tip

BETWEEN: Final = 40
"""Room between the two, px."""
WEAK: Final = 0.62
"""How opaque what is equal is."""
RING: Final = 11
TALLEST: Final = 92
"""Of a row; there is nothing below the rows but the results."""
SIGN: Final = 13


class CompareBoard(QWidget):
    """Shows two aligned ladders. ↑ and ↓ go through the steps that differ: `chosen(place)` in their order."""

    chosen = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.aligned: Aligned | None = None
        self.differences: tuple[StepDifference, ...] = ()
        self.current = -1
        self._room = 300
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName("Both runs, step by step")
        theme.changed.connect(self._fit)

    def show_runs(self, aligned: Aligned, differences: Sequence[StepDifference]) -> None:
        """Show these; which difference was chosen stays where there are as many."""
        self.aligned = aligned
        if len(differences) != len(self.differences):
            self.current = -1
        self.differences = tuple(differences)
        said = " ".join(one.sentence for one in differences)
        both = [card.spoken for card in (*aligned.left.cards, *aligned.right.cards)]
        self.setAccessibleDescription(said or "No step differs. " + " ".join(both))
        self._fit()

    def set_room(self, height: int) -> None:
        """How much height there is without scrolling, px."""
        self._room = height
        self._fit()

    def choose(self, place: int) -> None:
        """Make one of the differences the current one."""
        if self.differences and place != self.current:
            self.current = max(0, min(place, len(self.differences) - 1))
            self.chosen.emit(self.current)
            self.update()

    def row_box(self, row: int) -> QRectF:
        """Where a row is, px."""
        top, height = self._geometry().row(row)
        return QRectF(0, top, self.width(), height)

    # -- Qt --------------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """As high as the rows are."""
        return QSize(self._theme.px(600), round(self._geometry().height) if self.aligned is not None else self._room)

    def minimumSizeHint(self) -> QSize:
        """Rows do not shrink below what can be read."""
        return QSize(self._theme.px(560), self.sizeHint().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The difference before, the next one."""
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if steps is None or not self.differences:
            super().keyPressEvent(event)
        else:
            self.choose(self.current + steps if self.current >= 0 else 0)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on a row that differs."""
        super().mousePressEvent(event)
        place = self._at(event.position())
        if place >= 0:
            self.choose(place)

    def event(self, event: QEvent) -> bool:
        """What differs, over its sign."""
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            place = self._at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), tip(self.differences[place].sentence) if place >= 0 else "", self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Both sides, and the signs between them."""
        if self.aligned is None:
            return
        painter, geometry = QPainter(self), self._geometry()
        for at, ladder in enumerate((self.aligned.left, self.aligned.right)):
            painter.save()
            painter.translate(at * (self._side_width() + self._theme.px(BETWEEN)), 0)
            self._side(painter, geometry, ladder)
            painter.restore()
        for one in self.differences:
            row = self.aligned.row_of(one)
            if row >= 0 and (self._is_current(one) or self.aligned.begins(row)):
                self._sign(painter, self.row_box(row).center().y(), chosen=self._is_current(one))
        painter.end()

    # -- inside ----------------------------------------------------------------------------------------------------

    def _side_width(self) -> float:
        return (self.width() - self._theme.px(BETWEEN)) / 2

    def _geometry(self) -> Geometry:
        scale = self._theme.scale
        if self.aligned is None:
            return Geometry(self._side_width(), 2, (0.0,), scale)
        extra = [0.0] * self.aligned.rows
        for card in (*self.aligned.left.cards, *self.aligned.right.cards):
            if card.failure is not None and card.through <= card.row:
                extra[card.row] = max(extra[card.row], (ERROR if card.aborts else MESSAGE) * scale)
        free = (self._room - HEAD * scale - sum(extra) - 4 * scale) / max(1, self.aligned.rows)
        high = min(max(free, LOWEST * scale), TALLEST * scale)
        tops = [HEAD * scale]
        for more in extra:
            tops.append(tops[-1] + high + more)
        columns = max(1, len(self.aligned.left.heads))
        return Geometry(self._side_width(), columns, tuple(tops), scale)

    def _side(self, painter: QPainter, geometry: Geometry, ladder: Ladder) -> None:
        assert self.aligned is not None
        draw = LadderPainter(self._theme, painter, geometry)
        draw.heads(ladder)
        draw.columns(ladder)
        draw.links(ladder, far=True)
        shade = self._theme.color("panel", round(255 * (1 - WEAK)))
        for card in ladder.cards:
            same = self.aligned.same(card, self.differences)
            key = card.step, card.attempt
            chosen = any((one.step, one.attempt) == key and self._is_current(one) for one in self.differences)
            draw.card(card, chosen=chosen)
            if same:
                if self.differences:  # where nothing differs nothing has to step back
                    draw_box(painter, QRectF(*geometry.card(card)), self._theme.px(6), shade)
                draw.number(card, strong=False)
            else:
                self._ring(painter, geometry, card)
        draw.links(ladder, far=False)

    def _ring(self, painter: QPainter, geometry: Geometry, card: Card) -> None:
        theme, px = self._theme, self._theme.px
        top, height = geometry.row(card.row)
        box = QRectF(px(12) - px(RING), top + height / 2 - px(RING), 2 * px(RING), 2 * px(RING))
        draw_box(painter, box, px(RING), theme.color("accent_bg"), theme.color("accent"), 1.4)
        draw_text(painter, box, card.label or "·", theme.font(12, 700), theme.color("accent"), CENTER)

    def _sign(self, painter: QPainter, middle: float, *, chosen: bool) -> None:
        theme, px = self._theme, self._theme.px
        radius = px(SIGN)
        center = self._side_width() + px(BETWEEN) / 2 - px(5)
        disc = QRectF(center - radius, middle - radius, 2 * radius, 2 * radius)
        draw_box(painter, disc, radius, theme.color("fill"))
        draw_text(painter, disc, "≠", theme.font(16, 700), theme.color("on_fill"), CENTER)
        if chosen:
            draw_box(painter, disc.adjusted(-3, -3, 3, 3), radius + 3, None, theme.color("accent"), 2)

    def _is_current(self, one: StepDifference) -> bool:
        return 0 <= self.current < len(self.differences) and self.differences[self.current] is one

    def _at(self, point: QPointF) -> int:
        """The place of the difference whose row is at a point; −1 for none."""
        if self.aligned is None:
            return -1
        for place, one in enumerate(self.differences):
            row = self.aligned.row_of(one)
            if row >= 0 and self.row_box(row).contains(point):
                return place
        return -1

    def _fit(self) -> None:
        self.setMinimumHeight(self.sizeHint().height())
        self.updateGeometry()
        self.update()
