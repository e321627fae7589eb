"""The legend of a duel: the states that its runs have met, looked at only."""

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import LEFT, draw_swatch, draw_text, text_width
from explorer.desktop.words import STATE_WORDS
from explorer.records.states import State

SWATCH = 13


class StateKey(QWidget):
    """A sample and a name for each state, as many as there is room for."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._states: list[State] = []
        self._compact = False
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Legend of states")
        theme.changed.connect(self.updateGeometry)

    def set_states(self, states: frozenset[State]) -> None:
        """Which states are listed."""
        self._states = [state for state in STATE_WORDS if state in states]
        self.setAccessibleDescription(", ".join(STATE_WORDS[state].title for state in self._states))
        self.setToolTip(
            "\n".join(f"{STATE_WORDS[state].title}: {STATE_WORDS[state].sentence}" for state in self._states)
        )
        self.updateGeometry()
        self.update()

    def set_compact(self, compact: bool) -> None:
        """Short names."""
        self._compact = compact
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """All in one row."""
        return QSize(round(sum(self._wide(state) for state in self._states)), self._theme.px(24))

    def minimumSizeHint(self) -> QSize:
        """It is the first to give way."""
        return QSize(0, self._theme.px(24))

    def paintEvent(self, event: QPaintEvent) -> None:
        """As many as fit."""
        theme, painter, px = self._theme, QPainter(self), self._theme.px
        left = 0.0
        for state in self._states:
            wide = self._wide(state)
            if left + wide > self.width() + 2:
                break
            swatch = QRectF(left, (self.height() - px(SWATCH)) / 2, px(SWATCH), px(SWATCH))
            draw_swatch(painter, theme, swatch, state)
            words = QRectF(swatch.right() + px(6), 0, wide, self.height())
            draw_text(painter, words, self._name(state), theme.font(12), theme.color("text2"), LEFT)
            left += wide
        painter.end()

    def _name(self, state: State) -> str:
        return STATE_WORDS[state].short if self._compact else STATE_WORDS[state].title

    def _wide(self, state: State) -> float:
        px = self._theme.px
        return px(SWATCH + 6 + 14) + text_width(self._theme.font(12), self._name(state))
