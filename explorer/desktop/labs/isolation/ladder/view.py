"""The ladder as a widget: choosing a step, its rows, editing it in place, moving it by mouse and keyboard."""

from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from explorer.desktop.labs.isolation.ladder.drag import Drag, DragPainter
from explorer.desktop.labs.isolation.ladder.editor import SqlEditor
from explorer.desktop.labs.isolation.ladder.geometry import Geometry, geometry
from explorer.desktop.labs.isolation.ladder.model import Card, Ladder
from explorer.desktop.labs.isolation.ladder.painter import LadderPainter
from explorer.desktop.labs.isolation.ladder.words import table
from explorer.desktop.labs.isolation.runner import PACE_S, Runner
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.tip import tip

THRESHOLD: Final = 5
"""So many px the mouse moves before a press is a drag."""

PACED: Final = (
    "The database reported this wait. How long it lasts is mostly the lab's own pace: the next step is sent "
    f"{PACE_S:g} s after the one before, or by your hand."
)


class LadderView(QWidget):
    """Shows a `Ladder` of a `Runner`. `lit(number)`: the statement under the mouse or chosen, −1 for none.
    `rows_asked(Card)`: show what it read. `room` is the height that it should try to do with.
    """

    lit = Signal(int)
    rows_asked = Signal(object)
    moved = Signal()

    def __init__(self, theme: Theme, runner: Runner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._runner = theme, runner
        self.ladder = Ladder()
        self.chosen: tuple[int, int] | None = None
        """Step and attempt of the card that is chosen; for what the lab sent itself −1 and its number."""
        self.room = 400.0
        self._lit = -1
        self._pressed: tuple[Card, QPointF] | None = None
        self.drag: Drag | None = None
        self.refusal: tuple[Card, str] | None = None
        """Why the last move by keyboard was none, and the card that it was about."""
        self.editor = SqlEditor(theme, self)
        self.editor.entered.connect(self._edited)
        self.editor.closed.connect(lambda: self.setFocus(Qt.FocusReason.OtherFocusReason))
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self.setAccessibleName("Ladder of the run")
        theme.changed.connect(self._fit)

    # -- what is shown ---------------------------------------------------------------------------------------------

    def show_ladder(self, ladder: Ladder) -> None:
        """Show how it is now."""
        if ladder == self.ladder:
            return
        high = [card.failure for card in ladder.cards] != [card.failure for card in self.ladder.cards]
        resized = ladder.rows != self.ladder.rows or high
        lit = self._lit_step
        self.ladder = ladder
        self.refusal = None
        if resized:
            self._fit()
        stale = self._lit >= 0 and lit != self._lit_step  # the statement of this number is another step's now
        chosen = self.card.sent if self.card is not None else -1
        if stale or (self._lit < 0 <= chosen):
            self.lit.emit(chosen)
        self._tell()
        self.update()

    def light(self, number: int) -> None:
        """Let the card of this statement stand out; −1: none."""
        if number != self._lit:
            self._lit = number
            self.update()

    @property
    def _lit_step(self) -> tuple[str, str] | None:
        return next(((card.session, card.sql) for card in self.ladder.cards if card.sent == self._lit), None)

    def set_room(self, height: float) -> None:
        """So high it may be before it has to be scrolled."""
        if height != self.room:
            self.room = height
            self._fit()

    @property
    def geometry_(self) -> Geometry:
        """Where everything is."""
        return geometry(self.ladder, self.width(), self.room, self._theme.scale)

    @property
    def card(self) -> Card | None:
        """The card that is chosen."""
        return next((card for card in self.ladder.cards if _key(card) == self.chosen), None)

    def choose(self, card: Card | None) -> None:
        """Choose a card."""
        self.chosen = _key(card) if card is not None else None
        self.refusal = None
        self.lit.emit(card.sent if card is not None else -1)
        if card is not None:
            self._say(card.spoken)
        self._tell()
        self.update()

    def choose_statement(self, number: int) -> None:
        """Choose the card of a statement."""
        self.choose(next((card for card in self.ladder.cards if card.sent == number), None))

    def take_back(self) -> bool:
        """A drag, an edit, what is chosen: the first of these there is."""
        if self.editor.isVisible():
            self.editor.give_up()
        elif self.drag is not None:
            self._end_drag()
        elif self.refusal is not None:
            self.refusal = None
        elif self.chosen is not None:
            self.choose(None)
        else:
            return False
        self.update()
        return True

    # -- moves and edits -------------------------------------------------------------------------------------------

    def shift(self, by: int) -> None:
        """Move the chosen step one place up (−1) or down (1), if it may go there."""
        card = self.card
        if card is None or not card.movable:
            return
        place = card.step - 1 if by < 0 else card.step + 2
        if not 0 <= place <= len(self._runner.schedule.steps):
            return
        sentence = self._drag_of(card).refusal_at(place)
        if sentence:
            self.refusal = card, sentence
            self._say(sentence)
            self.update()
            return
        self.chosen = self._runner.move(card.step, place), 0
        self.moved.emit()

    def edit(self, card: Card | None) -> None:
        """Edit the SQL of a step in its place."""
        if card is None or not card.movable:
            return
        self.choose(card)
        engine = self._runner.session.facts.engine if self._runner.session.facts is not None else ""
        sql = self._runner.schedule.steps[card.step].on(engine)
        left, top, width, _ = self.geometry_.card(card)
        self.editor.open(card.step, sql, QRect(round(left), round(top), round(width), self._theme.px(40)))

    def _edited(self, step: int, sql: str) -> None:
        refused = self._runner.edit(step, sql)
        card = self.ladder.by_step.get(step)
        if refused and card is not None:
            self.edit(card)
            self.editor.line.setPlainText(sql)
            self.refusal = card, refused
            self.update()
            return
        self.moved.emit()

    # -- mouse -----------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose, or begin a drag."""
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        card = self._at(event.position())
        self.choose(card)
        self._pressed = (card, event.position()) if card is not None and card.movable else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag, or light what is under the mouse."""
        where = event.position()
        if self._pressed is not None and self.drag is None:
            card, start = self._pressed
            if (where - start).manhattanLength() >= THRESHOLD:
                self.drag = self._drag_of(card)
                self.setCursor(Qt.CursorShape.ClosedHandCursor)
        if self.drag is not None:
            self.drag.to(self.geometry_, where)
            self.update()
            return
        card_ = self._at(where)
        self.setCursor(
            Qt.CursorShape.OpenHandCursor if card_ is not None and card_.movable else Qt.CursorShape.ArrowCursor
        )
        number = card_.sent if card_ is not None else (self.card.sent if self.card is not None else -1)
        if number != self._lit:
            self.lit.emit(number)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Drop."""
        drag = self.drag
        if drag is not None:
            drag.to(self.geometry_, event.position())
            self._end_drag()
            if drag.legal:
                self.chosen = self._runner.move(drag.card.step, drag.place), 0
                self.moved.emit()
        self._pressed = None
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Edit."""
        self._pressed = None
        self.edit(self._at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is pointed at."""
        self.lit.emit(self.card.sent if self.card is not None else -1)
        super().leaveEvent(event)

    def _end_drag(self) -> None:
        self.drag = self._pressed = None
        self.unsetCursor()

    def _drag_of(self, card: Card) -> Drag:
        return Drag(card, self.ladder, self._runner.schedule, self._runner.trace)

    def _at(self, where: QPointF) -> Card | None:
        return self.geometry_.at(self.ladder, where.x(), where.y())

    # -- keyboard --------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Through the cards, their rows, their SQL, their places."""
        key, alt = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            by = -1 if key == Qt.Key.Key_Up else 1
            if alt:
                self.shift(by)
            else:
                self._go(by)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.card is not None:
                self.rows_asked.emit(self.card)
        elif key == Qt.Key.Key_F2:
            self.edit(self.card)
        else:
            super().keyPressEvent(event)

    def _go(self, by: int) -> None:
        card = self.card
        row = card.row + by if card is not None else 0 if by > 0 else self.ladder.rows - 1
        self.choose(self.ladder.in_row(min(max(row, 0), self.ladder.rows - 1)))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """By keyboard: the first card, if none is chosen."""
        super().focusInEvent(event)
        if self.chosen is None and event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self._go(1)
        self.update()

    def event(self, event: QEvent) -> bool:
        """The rows that a read returned, and an error in full, as a tooltip."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            card = self._at(QPointF(event.pos()))
            text = self.told(card) if card is not None else ""
            QToolTip.showText(event.globalPos(), tip(text) if text else "", self)
            return True
        return super().event(event)

    def told(self, card: Card) -> str:
        """What there is to say of a card beyond what it shows: whose its wait was, its rows, its error."""
        trace = self._runner.trace
        parts = []
        if trace is not None and 0 <= card.sent < len(trace.ran):
            one = trace.ran[card.sent]
            if card.paced:
                parts.append(card.paced)
            if one.rows is not None and one.columns:
                parts.append(table(one.columns, one.rows))
            if one.failure is not None:
                parts.append(f"{one.failure.code}: {one.failure.message}")
            if one.waits:
                parts.append(PACED)
            if one.late:
                parts.append("Its session was still blocked when its turn came, so it was sent later.")
        return "\n".join(parts)

    # -- Qt --------------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """As high as its rows."""
        return QSize(self._theme.px(420), round(self.geometry_.height))

    def minimumSizeHint(self) -> QSize:
        """What scrolls around it scrolls it."""
        return QSize(self._theme.px(300), round(self.geometry_.height))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Columns, cards, arrows, and what is being dragged."""
        painter, where = QPainter(self), self.geometry_
        brush = LadderPainter(self._theme, painter, where)
        ladder = self.ladder
        brush.heads(ladder)
        brush.columns(ladder)
        brush.links(ladder, far=True)
        following = next((card for card in ladder.cards if card.state == "to come"), None)
        lifted = self.drag.card if self.drag is not None else None
        for card in ladder.cards:
            brush.number(card, strong=card is following)
            if lifted is not None and _key(card) == _key(lifted):
                brush.ghost(card)
            else:
                chosen = _key(card) == self.chosen
                brush.card(card, chosen=chosen, lit=card.sent >= 0 and card.sent == self._lit and not chosen)
        brush.links(ladder, far=False)
        over = DragPainter(self._theme, painter, brush, where, self.width())
        if self.drag is not None:
            over.drag(self.drag, ladder)
        elif self.refusal is not None:
            over.sentence(self.refusal[0], self.refusal[1], ladder)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The editor stays where its card is."""
        super().resizeEvent(event)
        card = self.ladder.by_step.get(self.editor.step)
        if self.editor.isVisible() and card is not None:
            left, top, width, _ = self.geometry_.card(card)
            self.editor.setGeometry(round(left), round(top), round(width), self.editor.height())

    def _fit(self) -> None:
        self.setMinimumHeight(round(self.geometry_.height))
        self.updateGeometry()
        self.update()

    def _tell(self) -> None:
        card = self.card
        chosen = [f"Chosen: {card.spoken}"] if card is not None else []
        self.setAccessibleDescription(" ".join([*chosen, *(one.spoken for one in self.ladder.cards)]))

    def _say(self, words: str) -> None:
        if self.hasFocus():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))

    def card_box(self, card: Card) -> QRectF:
        """Where a card is, px."""
        return QRectF(*self.geometry_.card(card))


def _key(card: Card) -> tuple[int, int]:
    return (card.step, card.attempt) if card.step >= 0 else (-1, card.sent)
