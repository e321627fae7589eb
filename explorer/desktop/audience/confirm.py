"""The question before the local network may reach anything: it names address, network and risk.

"Not now" has the keyboard and Esc means the same, so that Enter alone opens nothing.
"""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.button import Button, ButtonKind
from explorer.desktop.widgets.combo import Combo
from explorer.desktop.widgets.label import IconLabel, Label
from explorer.lessons.audience.addresses import NONE, Address
from explorer.lessons.audience.audience import PORT

WIDTH: Final = 600
TITLE: Final = "Let the room in?"
WHO: Final = (
    "Everybody in this network who has the code can reach one page on this computer, and through its button the server "
    "of the run:"
)
MAY: Final = (
    ("check", "good", "They can send requests, vote, and see the live figures; nothing else."),
    ("check", "good", "Five requests a second for each phone; nothing is stored."),
    ("triangle-alert", "danger", "Somebody may pass as several phones, and vote as often."),
    ("triangle-alert", "danger", "The page is not encrypted: others in this network can read along."),
)
ENDS: Final = "Ends when you close it."


class ConfirmDialog(QDialog):
    """Asks for one of `addresses`; `agreed(Address)` follows a yes, and nothing else does."""

    agreed = Signal(object)

    def __init__(self, theme: Theme, addresses: Sequence[Address], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._addresses = {address.host: address for address in addresses}
        self.setWindowTitle("Audience")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.not_now = Button(theme, "Not now", shortcut="Esc", height=36)
        self.not_now.clicked.connect(self.reject)
        self.open_ = Button(theme, "Open for this room", kind=ButtonKind.PRIMARY, height=36)
        self.open_.clicked.connect(self._agree)
        self._which = Combo(theme, [(one.host, _words(one), "") for one in addresses], name="Address")
        self._address = Label(theme, "", 17, 600, mono=True)
        self._network = Label(theme, "", 14, 500, "text2")
        self._which.chosen.connect(lambda _: self._show())
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 28, 32, 24)
        column.setSpacing(14)
        head = QHBoxLayout()
        head.setSpacing(16)
        head.addWidget(IconLabel(theme, "wifi", 28, "accent"))
        head.addWidget(Label(theme, TITLE, 22, 700), 1)
        column.addLayout(head)
        if addresses:
            self._ask(column, len(addresses) > 1)
            self._show()
        else:
            column.addWidget(Label(theme, NONE, 14, 400, wrap=True))
            self.open_.hide()
        column.addSpacing(theme.px(10))
        column.addStretch(1)
        column.addLayout(self._foot(bool(addresses)))
        self.setFixedWidth(theme.px(WIDTH))
        self.not_now.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def address(self) -> Address | None:
        """What is asked for; None where there is none."""
        return self._addresses.get(self._which.current()) if self._addresses else None

    def _ask(self, column: QVBoxLayout, several: bool) -> None:
        theme = self._theme
        column.addWidget(Label(theme, WHO, 15, wrap=True))
        place = QWidget()
        place.setObjectName("place")
        place.setStyleSheet(f"#place {{ background: {theme.tokens.shade}; border-radius: 8px; }}")
        line = QHBoxLayout(place)
        line.setContentsMargins(16, 12, 16, 12)
        line.addWidget(self._address, 1)
        line.addWidget(self._network)
        column.addWidget(place)
        if several:
            other = QHBoxLayout()
            other.addWidget(Label(theme, "Another network", 13, color="text2"))
            other.addWidget(self._which)
            other.addStretch(1)
            column.addLayout(other)
        for icon, color, words in MAY:
            row = QHBoxLayout()
            row.setSpacing(12)
            row.addWidget(IconLabel(theme, icon, 17, color))
            row.addWidget(Label(theme, words, 14), 1)
            column.addLayout(row)

    def _foot(self, asks: bool) -> QHBoxLayout:
        foot = QHBoxLayout()
        foot.setSpacing(10)
        foot.addWidget(Label(self._theme, ENDS if asks else "", 13, color="text2"), 1)
        foot.addWidget(self.not_now)
        foot.addWidget(self.open_)
        return foot

    def _show(self) -> None:
        address = self.address
        if address is not None:
            self._address.setText(f"http://{address.host}:{PORT}")
            self._network.setText(address.network)

    def _agree(self) -> None:
        address = self.address
        if address is not None:
            self.agreed.emit(address)
            self.accept()


def _words(address: Address) -> str:
    return f"{address.host}, {address.network}"
