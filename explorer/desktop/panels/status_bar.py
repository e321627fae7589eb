"""The line at the bottom: the server's address, the processes, records and losses, and what observing costs."""

from typing import Final

from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QToolTip, QWidget

from explorer.collect.source import Tally
from explorer.desktop.panels.words import role_words
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.status import StatusCell, Words
from explorer.records.states import Role

IDLE_WORDS: Final = {
    "empty": "Nothing runs yet.",
    "stopped": "The run has ended.",
    "viewing": "A recording: nothing runs.",
}
"""What stands in place of the address while nothing serves."""


class StatusBar(QWidget):
    """Shows what it is told; a click on the address opens the server's interactive documentation."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._url = ""
        self._tally = Tally()
        self._address = StatusCell(theme, "Address of the server", icon="globe", link=True)
        self._pids = StatusCell(theme, "Processes")
        self._records = StatusCell(theme, "Records")
        self._lost = StatusCell(theme, "Records lost")
        self._cost = StatusCell(theme, "What observing costs", icon="gauge")
        self.room = StatusCell(theme, "Audience", icon="smartphone", link=True)
        """Shown while the room can reach this computer; a click leads to its code."""
        self.room.hide()
        self._pids.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._address.clicked.connect(self._open_docs)
        self._lost.clicked.connect(self._explain_loss)
        self._address.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._address.customContextMenuRequested.connect(self._offer_copy)
        line = QHBoxLayout(self)
        line.setContentsMargins(12, 0, 12, 0)
        line.setSpacing(14)
        line.addWidget(self._address)
        line.addWidget(self._pids)
        line.addStretch(1)
        for cell in (self.room, self._records, self._lost, self._cost):
            line.addWidget(cell)
        self.show_address("")

    def set_compact(self, compact: bool) -> None:
        """Shorten the sentences' ends."""
        self.setFixedHeight(self._theme.px(28 if compact else 30))
        for cell in (self._address, self._pids, self.room, self._records, self._lost, self._cost):
            cell.set_compact(compact)

    def set_narrow(self, narrow: bool) -> None:
        """Keep only the address, what was lost and what observing costs."""
        self._pids.setVisible(not narrow)
        self._records.setVisible(not narrow)

    def show_address(self, url: str, otherwise: str = "Nothing runs yet.") -> None:
        """Show where the server answers, or with an empty `url` say what is the case instead."""
        self._url = url
        if url:
            self._address.set_words([Words(url, "accent", mono=True), Words("/docs", "text3", mono=True)])
            self._address.setToolTip("Opens the server's own documentation, where you can try requests.")
        else:
            self._address.set_words([Words(otherwise)])
            self._address.setToolTip("")
        self._address.setEnabled(bool(url))

    def show_room(self, opened: bool) -> None:
        """Say that the room is let in, or no longer."""
        self.room.set_words([Words("Room open", "text", 600)])
        self.room.setToolTip("Who has the code can reach the audience's page from this network. Click to see it.")
        self.room.setVisible(opened)

    def show_processes(self, processes: list[tuple[Role, int]]) -> None:
        """Name the living processes with their pids; many of one kind are counted."""
        words: list[Words] = []
        by_role: dict[Role, list[int]] = {}
        for role, pid in processes:
            by_role.setdefault(role, []).append(pid)
        for role, pids in by_role.items():
            words.append(Words(role_words(role, len(pids))))
            words += [Words(str(pid), "text", mono=True) for pid in pids[: 1 if len(pids) == 1 else 2]]
            if len(pids) > 2:
                words.append(Words("…"))
        self._pids.set_words(words)
        self._pids.setToolTip("\n".join(f"{role} {pid}" for role, pid in processes))

    def show_records(self, per_second: float, tally: Tally) -> None:
        """Show the flow of records and what was lost of it."""
        self._records.set_words([Words(f"{per_second:,.0f}", "text", 600), Words("records/s")])
        self._records.setToolTip(f"{tally.written:,} written, {tally.read:,} read, {tally.rings} rings")
        if tally.lost:
            self._lost.set_words(
                [Words(f"{tally.lost:,}", "danger", 600), Words("records lost: the picture has gaps", "danger")],
                alarm=True,
                action="Why?",
            )
            self._lost.setToolTip(
                "The collector fell behind and the oldest records were overwritten. The gaps are hatched red."
            )
        else:
            self._lost.set_words([Words("0", "text", 600), Words("lost")])
            self._lost.setToolTip("Every record that was written has been read.")

    def show_cost(self, observing: float | None, window: float | None) -> None:
        """Show the shares: of the server's CPU spent on being observed, of the machine spent by this window."""
        words: list[Words] = []
        if observing is not None:
            words += [Words("observing costs"), Words(f"{100 * observing:.1f} %", "text", 600)]
        if window is not None:
            words += [Words("window"), Words(f"{100 * window:.0f} %", "text", 600)]
        self._cost.setVisible(bool(words))
        self._cost.set_words(words)
        self._cost.setToolTip(
            "Observing: the part of the server's processor time that writing records takes (estimated from the number "
            "of records and their measured cost). Window: this window's share of the whole machine."
        )

    def _open_docs(self) -> None:
        if self._url:
            QDesktopServices.openUrl(QUrl(self._url + "/docs"))

    def _explain_loss(self) -> None:
        at = self._lost.mapToGlobal(QPoint(0, -2 * self._lost.height()))
        QToolTip.showText(at, self._lost.toolTip(), self._lost)

    def _offer_copy(self, at: QPoint) -> None:
        if not self._url:
            return
        menu = QMenu(self)
        menu.addAction("Copy address", lambda: QGuiApplication.clipboard().setText(self._url))
        menu.addAction("Copy curl command", lambda: QGuiApplication.clipboard().setText(f"curl {self._url}/job"))
        menu.exec(self._address.mapToGlobal(at))
