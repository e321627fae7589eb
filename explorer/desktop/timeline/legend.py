"""The legend: the states that this run has, as buttons that single one out."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.timeline.view import TimelineView
from explorer.desktop.widgets.focus import FocusRing
from explorer.desktop.widgets.label import ElidedLabel, Label
from explorer.desktop.widgets.paint import LEFT, draw_box, draw_swatch, draw_text, text_width
from explorer.desktop.words import STATE_WORDS
from explorer.records.states import State

WIDE_FROM = 900
SWATCH = 13
HINT = "Click a state to show only that state."
MARKS = "Marks above a loop's lane are events that it handled; E lists them."
ROOM_FOR_BOTH = 1100


class Legend(QWidget):
    """A row of the states that the view has met in its run; a choice goes to the view."""

    def __init__(self, theme: Theme, view: TimelineView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._view = view
        self._chosen: frozenset[State] = frozenset()
        self._title = Label(theme, "States", 12, 400, "text3")
        self._hint = ElidedLabel(theme, HINT, 12, 400, "text3", right=True)
        self._entries = {state: _Entry(theme, state) for state in STATE_WORDS}
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(4)
        row.addWidget(self._title)
        row.addSpacing(6)
        for entry in self._entries.values():
            entry.chosen.connect(self._choose)
            row.addWidget(entry)
        row.addStretch(1)
        row.addWidget(self._hint)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Legend of states")
        view.chosen_states.connect(self._reset)
        view.states_met.connect(self.set_states)
        self.set_states(view.scene.states)
        theme.changed.connect(self._restyle)

    def set_states(self, states: set[State] | frozenset[State]) -> None:
        """Which states are listed."""
        for state, entry in self._entries.items():
            entry.setVisible(state in states)
        if not self._chosen <= states:
            self._apply(frozenset())

    def chosen(self) -> frozenset[State]:
        """The states singled out; empty: all."""
        return self._chosen

    def entry(self, state: State) -> QAbstractButton:
        """The button of a state."""
        return self._entries[state]

    def sizeHint(self) -> QSize:
        """36 px high, 28 in a narrow window."""
        return QSize(600, self._theme.px(36 if self._wide() else 28))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Long names and the hint where there is room."""
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc shows all states again."""
        if event.key() == Qt.Key.Key_Escape and self._chosen:
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
        if add:
            self._apply(self._chosen ^ {state})
        else:
            self._apply(frozenset() if self._chosen == {state} else frozenset({state}))

    def _apply(self, states: frozenset[State]) -> None:
        self._chosen = states
        self._view.set_legend_filter(states)
        self._show_choice()

    def _reset(self, states: frozenset[State]) -> None:
        self._chosen = states
        self._show_choice()

    def _show_choice(self) -> None:
        for state, entry in self._entries.items():
            entry.set_out(bool(self._chosen) and state not in self._chosen)
            entry.setChecked(state in self._chosen)

    def _wide(self) -> bool:
        return self.width() >= WIDE_FROM * self._theme.scale

    def _fit(self) -> None:
        wide = self._wide()
        self._title.setVisible(wide)
        self._hint.setVisible(wide)
        both = self.width() >= ROOM_FOR_BOTH * self._theme.scale
        self._hint.set_text(f"{MARKS}  {HINT}" if both else HINT)
        for entry in self._entries.values():
            entry.set_long(wide)
        self.setFixedHeight(self.sizeHint().height())

    def _restyle(self) -> None:
        self._fit()
        self.update()


class _Entry(QAbstractButton):
    """A state: its sample and its name; `chosen(state, add)` when pressed, `add` with Shift."""

    chosen = Signal(object, bool)

    def __init__(self, theme: Theme, state: State) -> None:
        super().__init__()
        self._theme = theme
        self._state = state
        self._long = True
        self._out = False
        self._add = False
        title, _, sentence = STATE_WORDS[state]
        self.setText(title)
        self.setCheckable(True)
        self.setToolTip(sentence)
        self.setAccessibleName(title)
        self.setAccessibleDescription(sentence)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._ring = FocusRing(theme, self, radius=6)
        self.clicked.connect(self._clicked)

    def set_long(self, wide: bool) -> None:
        """Show the long or the short name."""
        if wide != self._long:
            self._long = wide
            words = STATE_WORDS[self._state]
            self.setText(words.title if wide else words.short)
            self.updateGeometry()
            self.update()

    def set_out(self, out: bool) -> None:
        """Not among the chosen ones."""
        if out != self._out:
            self._out = out
            self.update()

    def sizeHint(self) -> QSize:
        theme = self._theme
        words = text_width(theme.font(12, 500), self.text())
        return QSize(round(words) + theme.px(SWATCH) + 22, theme.px(24))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._add = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._add = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._theme, QPainter(self)
        if self.isChecked():
            draw_box(painter, QRectF(self.rect()), 6, theme.color("accent_bg"), theme.color("accent"))
        elif self.underMouse():
            draw_box(painter, QRectF(self.rect()), 6, theme.color("hover"))
        if self._out:
            painter.setOpacity(0.5)
        size = theme.px(SWATCH)
        middle = self.height() / 2
        draw_swatch(painter, theme, QRectF(7, middle - size / 2, size, size), self._state)
        painter.setOpacity(1.0)
        ink = theme.color("text3" if self._out else "text2")
        place = QRectF(7 + size + 7, 0, self.width() - size - 14, self.height())
        draw_text(painter, place, self.text(), theme.font(12, 500), ink, int(LEFT))
        painter.end()

    def _clicked(self) -> None:
        self.chosen.emit(self._state, self._add)
