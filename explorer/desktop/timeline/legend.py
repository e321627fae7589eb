"""The legend: the states that this run has, as buttons that single one out."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLayout, QSizePolicy, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.timeline.view import TimelineView
from explorer.desktop.widgets.filter_chip import FilterChip, chosen_after
from explorer.desktop.widgets.label import ElidedLabel, Label
from explorer.desktop.widgets.paint import draw_swatch
from explorer.desktop.words import STATE_WORDS
from explorer.records.states import State

WIDE_FROM = 900
SWATCH = 13
HINT = "Click a state to show only that state."
MARKS = "Marks above a loop's lane are events that it handled; E lists them."
MARGIN = 12
SPACING = 4
BEHIND_TITLE = 6


class Legend(QWidget):
    """A row of the states that the view has met in its run; a choice goes to the view.

    `chosen_by_hand(frozenset)` follows each choice. Of what is chosen only the states that are listed count: a choice
    remembered from another run waits until they are met. Without `hints` it does not say what a click does: a picture.
    """

    chosen_by_hand = Signal(object)

    def __init__(
        self,
        theme: Theme,
        view: TimelineView,
        parent: QWidget | None = None,
        *,
        hints: bool = True,
        dense: bool = False,
    ) -> None:
        """`dense`: without room at the edges and between the states."""
        super().__init__(parent)
        self._theme = theme
        self._view = view
        margin, spacing, behind = (2, 0, 0) if dense else (MARGIN, SPACING, BEHIND_TITLE)
        self._dense = dense
        self._hints = (f"{MARKS}  {HINT}", HINT) if hints else ()
        self._chosen: frozenset[State] = frozenset()
        self._listed: frozenset[State] = frozenset()
        self._title = Label(theme, "States", 12, 400, "text3")
        self._hint = ElidedLabel(theme, HINT, 12, 400, "text3", right=True)
        self._entries = {state: _Entry(theme, state) for state in STATE_WORDS}
        row = QHBoxLayout(self)
        row.setContentsMargins(margin, 0, margin, 0)
        row.setSpacing(spacing)
        # The width decides which names and sentences are shown, not the other way round.
        row.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        row.addWidget(self._title)
        row.addSpacing(behind)
        for entry in self._entries.values():
            entry.chosen.connect(self._choose)
            row.addWidget(entry)
        row.addStretch(1)
        row.addWidget(self._hint)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Legend of states")
        view.chosen_states.connect(self._reset)
        view.states_met.connect(self.set_states)
        self.set_states(view.scene.offered)
        theme.changed.connect(self._restyle)

    def set_states(self, states: set[State] | frozenset[State]) -> None:
        """Which states are listed."""
        for state, entry in self._entries.items():
            entry.setVisible(state in states)
        self._fit()
        self._listed = frozenset(states)
        self._use()

    def chosen(self) -> frozenset[State]:
        """The states singled out; empty: all."""
        return self._chosen & self._listed

    def choose(self, states: frozenset[State]) -> None:
        """Single out these states as soon as they are met."""
        self._chosen = states
        self._use()

    def entry(self, state: State) -> QAbstractButton:
        """The button of a state."""
        return self._entries[state]

    def sizeHint(self) -> QSize:
        """36 px high, 28 in a narrow window."""
        return QSize(600, self._theme.px(36 if self._wide() else 28))

    def minimumSizeHint(self) -> QSize:
        """Narrower is fine: then names are shorter."""
        return QSize(200, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Long names, and as much of the hint as there is room for."""
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc shows all states again."""
        if event.key() == Qt.Key.Key_Escape and self.chosen():
            self._apply(frozenset())
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The surface, and a line above it."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("panel"))
        painter.fillRect(QRectF(0, 0, self.width(), 1), self._theme.color("line"))
        painter.end()

    def _choose(self, state: State, add: bool) -> None:
        self._apply(chosen_after(self.chosen(), state, add))

    def _apply(self, states: frozenset[State]) -> None:
        self._chosen = states
        self._use()
        self.chosen_by_hand.emit(states)

    def _use(self) -> None:
        if self._view.scene.only != self.chosen():
            self._view.set_legend_filter(self.chosen())
        self._show_choice()

    def _reset(self, states: frozenset[State]) -> None:
        self._chosen = states
        self._show_choice()
        self.chosen_by_hand.emit(states)

    def _show_choice(self) -> None:
        chosen = self.chosen()
        for state, entry in self._entries.items():
            entry.set_out(bool(chosen) and state not in chosen)
            entry.setChecked(state in chosen)

    def _wide(self) -> bool:
        return self.width() >= WIDE_FROM * self._theme.scale

    def _fit(self) -> None:
        wide = self._wide()
        self._title.setVisible(wide and not self._dense)
        for entry in self._entries.values():
            entry.set_long(wide)
        if wide and self._room() < 0:
            for entry in self._entries.values():
                entry.set_long(False)
        if self._room() < 0:
            for state, name in SHORTEST.items():
                self._entries[state].set_name(name)
        for entry in reversed(self._entries.values()):
            if self._room() >= 0:
                break
            entry.set_name("")  # a cut name says less than none: the sample stays, the name is a tooltip
        self._show_hint(wide)
        self.setFixedHeight(self.sizeHint().height())

    def _show_hint(self, wide: bool) -> None:
        """A sentence that does not fit as a whole is left out."""
        room = self._room() - SPACING
        for words in self._hints:
            self._hint.set_text(words)
            if wide and self._hint.sizeHint().width() <= room:
                self._hint.show()
                return
        self._hint.hide()

    def _room(self) -> int:
        """How much of the width is left beside title and states, px."""
        shown = [self._title.sizeHint().width() + BEHIND_TITLE] if not self._title.isHidden() else [BEHIND_TITLE]
        shown += [entry.sizeHint().width() for entry in self._entries.values() if not entry.isHidden()]
        return self.width() - 2 * MARGIN - sum(shown) - SPACING * (len(shown) + 1)

    def _restyle(self) -> None:
        self._fit()
        self.update()


SHORTEST = {State.RUNNABLE: "Ready", State.WAITING_GIL: "GIL", State.WAITING_LOCK: "Lock"}
"""Names for where not even the short ones have room."""


class _Entry(FilterChip):
    """A state: its sample and its name."""

    def __init__(self, theme: Theme, state: State) -> None:
        words = STATE_WORDS[state]
        super().__init__(theme, state, words.title, SWATCH)
        self._state = state
        self.setToolTip(f"{words.title}: {words.sentence}")
        self.setAccessibleName(words.title)
        self.setAccessibleDescription(words.sentence)

    def set_long(self, wide: bool) -> None:
        """Show the long or the short name."""
        words = STATE_WORDS[self._state]
        self.set_name(words.title if wide else words.short)

    def draw_sample(self, painter: QPainter, place: QRectF) -> None:
        draw_swatch(painter, self._theme, place, self._state)
