"""The labs' places in the window: which there are, which page is shown, and which of the window's keys act on it.

A lab has a title, a sentence and a `page`, and is told when the page comes into sight and when it leaves. A new one is
a line in `MainWindow`.
"""

from collections.abc import Mapping
from typing import Final, Protocol

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtWidgets import QMenu, QStackedWidget, QWidget

from explorer.desktop.actions import Actions

ACTING: Final = (
    "open", "save", "export", "save_scenario", "compare", "theme", "view_options", "larger", "smaller", "high_contrast",
    "patterns", "reduced_motion", "presentation", "palette", "keys", "labs",
)  # fmt: skip
"""Commands of the window that act on a lab's page as well, beside those that go to a lab; other keys are its own."""


class Lab(Protocol):
    """A lab with its page."""

    title: str
    sentence: str

    @property
    def page(self) -> QWidget:
        """What is shown in the place of the window."""
        ...

    def enter(self) -> None:
        """The page comes into sight."""
        ...

    def leave(self) -> None:
        """The page is out of sight."""
        ...


class Labs(QObject):
    """Shows the pages of `labs` (by the id of the command that goes there) in `pages`, whose first is the window's.

    `shown_changed(id)`: a lab came into sight, or (empty) none is any more.
    """

    shown_changed = Signal(str)

    def __init__(self, pages: QStackedWidget, actions: Actions, labs: Mapping[str, Lab], parent: QWidget) -> None:
        super().__init__(parent)
        self._pages = pages
        self._actions = actions
        self._window = parent
        self.labs = labs
        for lab in labs.values():
            pages.addWidget(lab.page)
        pages.currentChanged.connect(self._changed)
        self._shown = ""

    @property
    def shown(self) -> str:
        """The id of the lab that is shown; empty if none is."""
        return self._shown

    def toggle(self, identity: str) -> None:
        """Go to a lab, or from it back to exploring."""
        if self._shown == identity:
            self.leave()
        else:
            self._pages.setCurrentWidget(self.labs[identity].page)

    def leave(self) -> None:
        """Back to exploring."""
        if self._shown:
            self._pages.setCurrentIndex(0)

    def popup(self, anchor: QWidget) -> None:
        """Offer all labs below a button."""
        menu = QMenu(self._window)
        for identity, lab in self.labs.items():
            action = menu.addAction(lab.title)
            action.setToolTip(lab.sentence)
            action.setShortcut(self._actions.action(identity).shortcut())
            action.triggered.connect(lambda _=False, identity=identity: self.toggle(identity))
        menu.setToolTipsVisible(True)
        menu.popup(anchor.mapToGlobal(QPoint(0, anchor.height())))

    def _changed(self) -> None:
        page = self._pages.currentWidget()
        before, self._shown = self._shown, next((key for key, lab in self.labs.items() if lab.page is page), "")
        if before == self._shown:
            return
        if before:
            self.labs[before].leave()
        if self._shown:
            self.labs[self._shown].enter()
        if self._shown or self._pages.currentIndex() == 0:
            self._let_act(not self._shown)
        self.shown_changed.emit(self._shown)

    def _let_act(self, on: bool) -> None:
        for identity in self._actions.commands:
            if identity not in ACTING and identity not in self.labs:
                self._actions.action(identity).setEnabled(on)
