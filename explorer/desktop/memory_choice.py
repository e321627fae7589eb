"""How much of a run is kept in memory, to be shown: chosen in GiB, told in spans, and offered where a recording did not
fit.
"""

from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from explorer.desktop.control import Control
from explorer.desktop.messages import Messages
from explorer.desktop.state import WindowState
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.combo import Combo
from explorer.desktop.widgets.label import Label
from explorer.store.budget import BYTES_A_SPAN, GIB, most_gib

CHOICES: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
MILLION: Final = 1_000_000
NOT_ALL: Final = "Not all of it fits into the memory"


class MemoryRow(QWidget):
    """The line in which it is chosen; `chosen(GiB)` follows the user."""

    chosen = Signal(float)

    def __init__(self, theme: Theme, gib: float) -> None:
        super().__init__()
        most = most_gib()
        offered = sorted({*(one for one in CHOICES if one <= most), gib})
        options = [(_key(one), f"{one:g} GiB", "") for one in offered]
        self.combo = Combo(theme, options, name="Memory for a run", current=_key(gib))
        self._words = Label(theme, "", 12, color="text2")
        self.combo.chosen.connect(self._choose)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(Label(theme, "Of a run show at most", 12, color="text2"))
        row.addWidget(self.combo)
        row.addWidget(self._words, 1)
        self._tell(gib)

    def _choose(self, key: str) -> None:
        self._tell(float(key))
        self.chosen.emit(float(key))

    def _tell(self, gib: float) -> None:
        self._words.setText(f"in memory, the newest {gib * GIB / BYTES_A_SPAN / MILLION:,.0f} million spans or so")


class MemoryChoice(QObject):
    """Keeps what is chosen, and says when a recording was larger than that."""

    asked = Signal()
    """The user wants to choose."""

    def __init__(self, control: Control, state: WindowState, messages: Messages, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._control = control
        self._state = state
        self._messages = messages
        self._read_with = 0
        control.read.connect(self._note)

    @property
    def gib(self) -> float:
        """As it is."""
        return self._control.memory / GIB

    def choose(self, gib: float) -> None:
        """From now on; what has been dropped of a recording is offered again."""
        self._control.allow(round(gib * GIB))
        self._state.memory_gib = gib
        self._state.save()
        self._look()

    def _note(self) -> None:
        self._read_with = self._control.memory
        self._look()

    def _look(self) -> None:
        """Whether the recording that was read is there as a whole."""
        control, path = self._control, self._control.source_path
        self._messages.drop(NOT_ALL)
        if path is None or not control.store.dropped:
            return
        all_spans, kept = control.store.count + control.store.dropped, control.store.count
        sentence = f"Of {all_spans:,} spans the newest {kept:,} are shown; the recording is whole."
        if control.memory > self._read_with:
            self._messages.ask(NOT_ALL, sentence, "Open it again", lambda: control.open(path), lambda: None)
        else:
            self._messages.ask(NOT_ALL, sentence, "More memory", self.asked.emit, lambda: None)


def _key(gib: float) -> str:
    return f"{gib:g}"
