"""The card where there is no PostgreSQL: go on with SQLite, get the embedded server, or name one; and what was checked.

`NoDatabase` stands in the place of a run. It looks anew whenever it is shown, and on a wish.
"""

from typing import Final

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QGuiApplication, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from explorer.desktop.labs.isolation.database_checks import SIZE_MB, Checked, check, how_to_get
from explorer.desktop.labs.isolation.engine_menu import ServerPanel
from explorer.desktop.labs.isolation.session import LabSession
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.button import Button, ButtonKind, ghost_button
from explorer.desktop.widgets.label import IconLabel, Label
from explorer.desktop.widgets.paint import LEFT, draw_box, draw_text
from explorer.labs.isolation.target import EMBEDDED, SQLITE, Target

WIDTH: Final = 640
TITLE: Final = "No PostgreSQL on this machine yet"
WHY: Final = (
    "{what} row locks and snapshots to be interesting. SQLite is ready and shows the other way: one writer at a time."
)
MOST: Final = "Most of these schedules need"
SQLITE_WORDS: Final = "Nothing to install. IMMEDIATE blocks at BEGIN; DEFERRED aborts with SQLITE_BUSY."
EMBEDDED_WORDS: Final = f"{SIZE_MB} MB, no system service. The lab starts it for itself and ends it."
PACKAGED_WORDS: Final = (
    "This packaged program cannot take in packages. Install PostgreSQL itself; its programs are found by themselves."
)
OWN_WORDS: Final = (
    "PostgreSQL, MariaDB or MySQL. The lab makes a database of its own, removes it and touches nothing else."
)


class NoDatabase(QWidget):
    """`chosen(Target)`: go on with this database."""

    chosen = Signal(object)

    def __init__(self, theme: Theme, session: LabSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._session = theme, session
        self.checked: Checked | None = None
        self._server: ServerPanel | None = None
        self._why = Label(theme, WHY.format(what=MOST), 14, 400, "text2", wrap=True)
        self.said = Label(theme, "", 12, 400, "text3", wrap=True)
        self.sqlite = Button(theme, "Use SQLite", kind=ButtonKind.PRIMARY, height=32)
        self.copy = Button(theme, "Copy", icon="copy", height=32, name="Copy the command")
        self.own = Button(theme, "Enter URL …", height=32, name="Enter the URL of a server")
        self.again = ghost_button(theme, "Look again", icon="rotate-cw")
        command = how_to_get()
        if not command:  # to show it without a parent would open a window
            self.copy.hide()
        self.options = (
            Option(theme, "play", "Continue with SQLite", SQLITE_WORDS, self.sqlite, first=True),
            Option(
                theme,
                "download",
                "Get the embedded PostgreSQL",
                EMBEDDED_WORDS if command else PACKAGED_WORDS,
                self.copy,
                command=command,
            ),
            Option(theme, "link", "Connect to your own", OWN_WORDS, self.own),
        )
        self._lay_out()
        self.sqlite.clicked.connect(lambda: self.chosen.emit(Target(SQLITE)))
        self.copy.clicked.connect(self._copy)
        self.own.clicked.connect(self.enter_url)
        self.again.clicked.connect(self.look)
        self.setFocusProxy(self.sqlite)

    def show_schedule(self, title: str) -> None:
        """What there is to see is this."""
        self._why.setText(WHY.format(what=f"{title} needs"))

    def look(self) -> None:
        """Find out what there is, now; PostgreSQL that is there by then is taken."""
        self._session.spawn(self._look())

    def enter_url(self) -> None:
        """Ask for the address of a server."""
        if self._server is None:
            self._server = ServerPanel(self._theme, self.chosen.emit, self.window())
        if self.checked is not None and self.checked.suggestion and not self._server.address.text():
            self._server.address.setText(self.checked.suggestion)
            self._server.hide_password()
        self._server.popup_below(self.own, right=True)
        self._server.address.setFocus(Qt.FocusReason.PopupFocusReason)

    async def _look(self) -> None:
        again = self.checked is not None
        self.said.setText("Looking for databases.")
        self.checked = await check()
        self.said.setText(self.checked.sentence)
        if again and self.checked.embedded:
            self.chosen.emit(Target(EMBEDDED))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(how_to_get())
        self.copy.set_text("Copied", "check")

    def _lay_out(self) -> None:
        theme = self._theme
        head = QHBoxLayout()
        head.setSpacing(14)
        head.addWidget(IconLabel(theme, "database", 30, "text2"))
        head.addWidget(Label(theme, TITLE, 22, 700))
        head.addStretch(1)
        foot = QHBoxLayout()
        foot.addWidget(self.said, 1)
        foot.addWidget(self.again, 0, Qt.AlignmentFlag.AlignTop)
        self._inside = QWidget()
        column = QVBoxLayout(self._inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(head)
        column.addWidget(self._why)
        column.addSpacing(6)
        for option in self.options:
            column.addWidget(option)
        column.addLayout(foot)
        outer = QVBoxLayout(self)
        outer.addStretch(1)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self._inside)
        row.addStretch(1)
        outer.addLayout(row)
        outer.addStretch(2)
        self._theme.changed.connect(self._fit)

    def _fit(self) -> None:
        self._inside.setFixedWidth(min(self._theme.px(WIDTH), max(1, self.width() - 40)))

    # -- Qt --------------------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """Look what there is; the keyboard is on the way on that always works."""
        super().showEvent(event)
        self.look()
        self.sqlite.setFocus(Qt.FocusReason.OtherFocusReason)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As wide as is easily read."""
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The ground."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("bg"))
        painter.end()


class Option(QWidget):
    """A way on: icon, title, a sentence, perhaps a command, and its button."""

    def __init__(
        self,
        theme: Theme,
        icon: str,
        title: str,
        sentence: str,
        button: Button,
        *,
        command: str = "",
        first: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme, self._first = theme, first
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(Label(theme, title, 15, 600))
        words.addWidget(Label(theme, sentence, 13, 400, "text2", wrap=True))
        if command:
            words.addWidget(_Command(theme, command))
        row = QHBoxLayout(self)
        row.setContentsMargins(20, 14, 18, 14)
        row.setSpacing(14)
        sign = IconLabel(theme, icon, 20, "accent" if first else "text2")
        row.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        self.setAccessibleName(title)
        self.setAccessibleDescription(sentence)
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A card; the first way is outlined."""
        painter, theme = QPainter(self), self._theme
        border = theme.color("accent" if self._first else "line")
        draw_box(painter, QRectF(self.rect()), 10, theme.color("panel"), border, 1.6 if self._first else 1.0)
        painter.end()


class _Command(QWidget):
    """A command as one line of code; all of it in the tooltip."""

    def __init__(self, theme: Theme, command: str) -> None:
        super().__init__()
        self._theme, self._command = theme, command
        self.setFixedHeight(theme.px(24))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip(command)
        self.setAccessibleName(f"Command: {command}")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme, px = QPainter(self), self._theme, self._theme.px
        draw_box(painter, QRectF(self.rect()), 5, theme.color("shade"))
        font = theme.font(12, 500, True)
        room = QRectF(px(8), 0, self.width() - px(16), self.height())
        words = QFontMetricsF(font).elidedText(self._command, Qt.TextElideMode.ElideMiddle, room.width())
        draw_text(painter, room, words, font, theme.color("text"), LEFT)
        painter.end()
