"""One line on the start page while a run goes on behind it: its name, for how long, the way back to it, and Stop."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from explorer.desktop.panels.top_bar import STATE_WORDS
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.button import Button
from explorer.desktop.widgets.label import Label
from explorer.desktop.words import clock
from explorer.records.clock import now_ns
from explorer.records.states import State

HIGH: Final = 44
TICK_MS: Final = 200
LONGEST: Final = 120
"""Letters of a title that are shown: in a small window at the largest scale these are some lines."""
SIDES: Final = 24


@dataclass(frozen=True, slots=True)
class Going:
    """A run that goes on: its state as `Control` says it, its title, and when it began (ns; 0: that is not known)."""

    state: str
    title: str
    began_ns: int = 0


class GoingLine(QWidget):
    """There while `look()` finds a run. `back_asked`, `stop_asked`: a button was pressed."""

    back_asked = Signal()
    stop_asked = Signal()

    def __init__(self, theme: Theme, look: Callable[[], Going | None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._look = theme, look
        self._dot = Label(theme, "●", 12, color="text3")
        self.state = Label(theme, "", 13, 600)
        self.clock = Label(theme, "", 13, color="text2")
        self.title = Label(theme, "", 13, 500, wrap=True)
        self.back = Button(theme, "Back to it", icon="arrow-left", height=32)
        self.stop = Button(theme, "Stop", icon="square", height=32)
        self._tick = QTimer(self)
        self._tick.setInterval(TICK_MS)
        self._tick.timeout.connect(self.refresh)
        self._line = line = QHBoxLayout(self)
        line.addWidget(self._dot)
        line.addWidget(self.state)
        line.addWidget(self.clock)
        line.addWidget(self.title, 1)
        line.addWidget(self.back)
        line.addWidget(self.stop)
        self.back.clicked.connect(lambda: self.back_asked.emit())
        self.stop.clicked.connect(lambda: self.stop_asked.emit())
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        theme.changed.connect(self._restyle)
        self._restyle()
        self.hide()

    def refresh(self) -> None:
        """Show what goes on now; nothing goes on: be gone."""
        going = self._look()
        if going is not None:
            self.state.setText(STATE_WORDS[going.state])
            self.clock.setText(clock((now_ns() - going.began_ns) / 1e9) if going.began_ns else "")
            self.title.setText(going.title if len(going.title) <= LONGEST else f"{going.title[: LONGEST - 1]}…")
            self.stop.setEnabled(going.state != "stopping")
            self.setAccessibleName(f"{STATE_WORDS[going.state]}, {going.title}")
        self.setVisible(going is not None)

    def showEvent(self, event: QShowEvent) -> None:
        """The clock moves while it is seen."""
        super().showEvent(event)
        self._tick.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """And no longer."""
        super().hideEvent(event)
        self._tick.stop()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Raised above the ground, with a line below."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("raised"))
        painter.fillRect(0, self.height() - 1, self.width(), 1, self._theme.color("line"))
        painter.end()

    def _restyle(self) -> None:
        px = self._theme.px
        self._line.setContentsMargins(px(SIDES), 0, px(SIDES), 0)
        self._line.setSpacing(px(8))
        self.setMinimumHeight(px(HIGH))
        self._dot.setStyleSheet(f"color: {self._theme.tokens.states[State.RUNNING].fill}")
        self.update()
