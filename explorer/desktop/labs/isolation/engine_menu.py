"""Which database: a button that says it, its menu, and the panel for a server of the user's."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLineEdit, QMenu, QSizePolicy, QWidget

from explorer.desktop.labs.isolation.server_url import joined, parted, refused
from explorer.desktop.labs.isolation.session import LabSession
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.button import Button, ButtonKind
from explorer.desktop.widgets.entry import Entry
from explorer.desktop.widgets.focus import FocusRing
from explorer.desktop.widgets.label import Label
from explorer.desktop.widgets.paint import LEFT, draw_box, draw_text, text_width
from explorer.desktop.widgets.popover import Popover
from explorer.labs.isolation.target import EMBEDDED, SQLITE, Target
from explorer.supervise.postgres.programs import find

WIDTH: Final = 246
WIDEST: Final = 304
ENGINES: Final = (
    ("SQLite, rollback journal", Target(SQLITE, "delete")),
    ("SQLite, write-ahead log", Target(SQLITE, "wal")),
    ("PostgreSQL, embedded", Target(EMBEDDED)),
)
NO_POSTGRES: Final = "PostgreSQL is not on this machine; the extra “postgres” brings it: pip install .[postgres]"


class EngineMenu(QAbstractButton):
    """Says which database the lab works on; a click or Enter offers others, and changes to one."""

    def __init__(self, theme: Theme, session: LabSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._session = theme, session
        self._server: ServerPanel | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self._ring = FocusRing(theme, self, radius=6)
        self.clicked.connect(self.popup)
        session.facts_changed.connect(self.refresh)
        session.busy_changed.connect(self.refresh)
        theme.changed.connect(self.updateGeometry)
        self.refresh()

    @property
    def words(self) -> tuple[str, str]:
        """The engine, and whose it is."""
        facts = self._session.facts
        if facts is not None:
            return facts.title, facts.where
        return ("Starting …", "") if self._session.busy else ("No database", "")

    def refresh(self) -> None:
        """Show which it is now."""
        self.setAccessibleName(f"Database: {' '.join(self.words).strip()}")
        self.setToolTip(" ".join(self.words).strip())
        self.updateGeometry()
        self.update()

    def menu(self) -> QMenu:
        """What is offered."""
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        there = next(find(), None) is not None
        for title, target in ENGINES:
            action = menu.addAction(title)
            action.setCheckable(True)
            action.setChecked(target == self._session.target and self._session.facts is not None)
            action.triggered.connect(lambda _=False, target=target: self.take(target))
            if target.url == EMBEDDED and not there:
                action.setEnabled(False)
                action.setToolTip(NO_POSTGRES)
        menu.addSeparator()
        menu.addAction("A server of yours …").triggered.connect(self.ask)
        return menu

    def popup(self) -> None:
        """Offer them."""
        self.menu().popup(self.mapToGlobal(QPoint(0, self.height() + 2)))

    def ask(self) -> None:
        """Open the panel for a server."""
        if self._server is None:
            self._server = ServerPanel(self._theme, self.take, self.window())
        self._server.popup_below(self, right=True)
        self._server.address.setFocus(Qt.FocusReason.PopupFocusReason)

    def take(self, target: Target) -> None:
        """Change to this one."""
        self._session.spawn(self._session.change_target(target))

    def sizeHint(self) -> QSize:
        """Room for what it says, within bounds: the title beside it needs some as well."""
        theme, (title, where) = self._theme, self.words
        needed = text_width(theme.font(13, 600), title) + text_width(theme.font(12), where) + theme.px(78)
        return QSize(round(min(max(needed, theme.px(WIDTH)), theme.px(WIDEST))), theme.px(32))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Icon, engine, whose, chevron."""
        theme, px, painter = self._theme, self._theme.px, QPainter(self)
        fill = "hover" if self.underMouse() else "raised"
        draw_box(painter, QRectF(self.rect()), 6, theme.color(fill), theme.color("line2"))
        painter.drawPixmap(QPointF(px(10), (self.height() - px(15)) / 2), theme.icon("database", 15, "text2"))
        title, where = self.words
        strong, weak = theme.font(13, 600), theme.font(12, 400)
        left, right = px(33), self.width() - px(30)
        title = QFontMetricsF(strong).elidedText(title, Qt.TextElideMode.ElideRight, right - left)
        draw_text(painter, QRectF(left, 0, right - left, self.height()), title, strong, theme.color("text"), LEFT)
        left += round(text_width(strong, title)) + px(8)
        where = QFontMetricsF(weak).elidedText(where, Qt.TextElideMode.ElideRight, max(0, right - left))
        draw_text(painter, QRectF(left, 0, right - left, self.height()), where, weak, theme.color("text2"), LEFT)
        place = QPointF(self.width() - px(24), (self.height() - px(14)) / 2)
        painter.drawPixmap(place, theme.icon("chevron-down", 14, "text3"))
        painter.end()


class ServerPanel(Popover):
    """Address and password of a server; what is wrong with them stands below."""

    connected = Signal()

    def __init__(self, theme: Theme, take: Callable[[Target], None], parent: QWidget) -> None:
        super().__init__(theme, "A server of yours", 420, parent)
        self._theme, self._take = theme, take
        self.address = _field(theme, "Address", "postgresql://user@host:5432/database")
        self.password = _field(theme, "Password", "if it needs one; it is not kept")
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self._fault = Label(theme, "", 12, 500, "danger", wrap=True)
        self._fault.hide()
        words = (
            "PostgreSQL, MariaDB or MySQL. The lab makes a database of its own there, explorer_lab_…, and removes it."
        )
        button = Button(theme, "Connect", icon="database", kind=ButtonKind.PRIMARY, height=32)
        button.clicked.connect(self.connect_)
        self.column.addWidget(Label(theme, "A server of yours", 14, 600))
        self.column.addWidget(Label(theme, words, 12, color="text2", wrap=True))
        for title, entry in (("Address", self.address), ("Password", self.password)):
            self.column.addWidget(Label(theme, title, 12, 600, "text2"))
            self.column.addWidget(_Framed(theme, entry))
            entry.entered.connect(self.connect_)
        self.address.left.connect(self.hide_password)
        self.column.addWidget(self._fault)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(button)
        self.column.addLayout(row)

    @property
    def fault(self) -> str:
        """What is wrong with what stands there."""
        return self._fault.text()

    def hide_password(self) -> None:
        """A password within the address goes to the field that does not show it."""
        address, password = parted(self.address.text())
        if password:
            self.address.setText(address)
            self.password.setText(password)

    def connect_(self) -> None:
        """Go there, if it is an address."""
        self.hide_password()
        sentence = refused(self.address.text())
        self._fault.setText(sentence)
        self._fault.setVisible(bool(sentence))
        self.fit()
        if sentence:
            self.address.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        target = Target(joined(self.address.text(), self.password.text()))
        self.password.clear()
        self.hide()
        self._take(target)


class _Framed(QWidget):
    def __init__(self, theme: Theme, entry: Entry) -> None:
        super().__init__()
        self._theme, self._entry = theme, entry
        row = QHBoxLayout(self)
        row.setContentsMargins(9, 5, 9, 5)
        row.addWidget(entry)
        entry.focus_changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._theme, QPainter(self)
        border = theme.color("accent" if self._entry.hasFocus() else "line2")
        draw_box(painter, QRectF(self.rect()), 6, theme.color("raised"), border)
        painter.end()


def _field(theme: Theme, name: str, hint: str) -> Entry:
    entry = Entry(theme)
    entry.setAccessibleName(name)
    entry.setPlaceholderText(hint)
    return entry
