"""The box into which what the user expects is typed; empty means that nothing is expected."""

from typing import Final

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from explorer.analysis.predict.prediction import Quantity
from explorer.desktop.panels.prediction.scale import parsed
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.entry import Entry, hand_back_keyboard
from explorer.desktop.widgets.label import Label
from explorer.desktop.widgets.paint import draw_box

UNITS: Final[dict[Quantity, tuple[str, float]]] = {
    "throughput": ("requests/s", 1.0), "latency": ("ms", 1e-3), "makespan": ("s", 1.0),
}  # fmt: skip
"""What is typed for each, and how many of the quantity's own units (requests a second, seconds) that is."""
WIDTH: Final = 124
HEIGHT: Final = 26
REFUSED: Final = "A number above 0, or nothing."


class ExpectedField(QWidget):
    """`committed(value or None)` follows what was typed: requests a second, else seconds."""

    committed = Signal(object)

    def __init__(self, theme: Theme, quantity: Quantity, name: str) -> None:
        super().__init__()
        self._theme = theme
        unit, self._unit = UNITS[quantity]
        self.entry = Entry(theme, 13, 600)
        self.entry.setPlaceholderText("your guess")
        self.entry.setAccessibleName(name)
        self.entry.entered.connect(lambda: self._commit(back=True))
        self.entry.left.connect(lambda: self._commit(back=False))
        self.entry.escaped.connect(self._give_up)
        self.entry.focus_changed.connect(self.update)
        self._shown = ""
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(4)
        row.addWidget(self.entry, 1)
        row.addWidget(Label(theme, unit, 11, color="text3"))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusProxy(self.entry)
        theme.changed.connect(self.updateGeometry)

    def show_value(self, value: float | None) -> None:
        """Show what is expected, unless somebody types just now."""
        self._shown = "" if value is None else f"{value / self._unit:.6g}"
        if not (self.entry.hasFocus() and self.entry.isModified()):
            self.entry.setText(self._shown)
            self._refuse("")

    def sizeHint(self) -> QSize:
        """Room for a number and its unit."""
        return QSize(self._theme.px(WIDTH), self._theme.px(HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        """A box; violet while it is typed in, red when that is no number."""
        painter, theme = QPainter(self), self._theme
        border = "danger" if self.entry.refused else "accent" if self.entry.hasFocus() else "line2"
        draw_box(painter, QRectF(self.rect()), 5, theme.color("raised"), theme.color(border))
        painter.end()

    def _commit(self, *, back: bool) -> None:
        text = self.entry.text().strip()
        value = parsed(text, self._unit)
        if text and value is None:
            self._refuse(REFUSED)
            return
        self._refuse("")
        self.entry.setModified(False)
        if text != self._shown:
            self.committed.emit(value)
        if back:
            hand_back_keyboard(self)

    def _give_up(self) -> None:
        self.entry.setText(self._shown)
        self._refuse("")
        hand_back_keyboard(self)

    def _refuse(self, sentence: str) -> None:
        self.entry.refused = bool(sentence)
        self.setToolTip(sentence)
        self.update()
