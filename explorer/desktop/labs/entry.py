"""How a lab is opened: its page takes the place of the window's body, and the window's keys rest meanwhile.

A lab is one `LabPage` and one command of `actions` with the same name; nothing else in the window knows of it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtWidgets import QMenu, QStackedWidget, QWidget

from explorer.desktop.actions import Actions
from explorer.desktop.panels.key_words import KeyLine, lab_sheet

ACTING: Final = ("theme", "larger", "smaller", "presentation", "present", "lecture", "exhibit", "keys", "quit")
"""Commands of the window that act on a lab's page as well, beside those that open the labs."""
LAB: Final = "lab_"
"""How the commands of labs begin; other pages that are entered the same way are none."""


class LabPage(QWidget):
    """A lab's page. `left`: go back to exploring; `theme_asked`: the other theme; `command_asked(id)`: one of those
    commands of the window that are `acting` on this page as well.
    """

    acting: tuple[str, ...] = ()
    keys: tuple[tuple[str, Sequence[KeyLine]], ...] = ()
    """Its own keys by group, for the sheet of keys."""
    left = Signal()
    theme_asked = Signal()
    command_asked = Signal(str)

    @property
    def busy(self) -> str:
        """One sentence that says why the page cannot be left now; empty when it can."""
        return ""

    @property
    def follows_run(self) -> bool:
        """Whether it shows the window's own run, which goes on."""
        return False

    def enter(self) -> None:
        """The page is shown now."""

    def tell(self, title: str, sentence: str) -> None:
        """Say something on the page."""
        raise NotImplementedError


class Labs(QObject):
    """Keeps the labs' pages among the window's `pages`. A page is made when it is first opened.

    `left`: the window itself is shown again, and the keyboard belongs to nobody.
    """

    left = Signal()

    def __init__(
        self,
        pages: QStackedWidget,
        body: QWidget,
        actions: Actions,
        makers: Mapping[str, Callable[[], LabPage]],
        switch_theme: Callable[[], object],
    ) -> None:
        """`makers`: for each command what makes the page that it opens."""
        super().__init__(pages)
        self._pages, self._body, self._actions = pages, body, actions
        self._makers, self._switch_theme = makers, switch_theme
        self.made: dict[str, LabPage] = {}
        self.before = ""
        """The page from which one went straight to another, last; empty: from none."""

    @property
    def shown(self) -> str:
        """The command of the page that is shown; empty for none."""
        current = self._pages.currentWidget()
        return next((name for name, page in self.made.items() if page is current), "")

    def toggle(self, name: str) -> None:
        """Go to the page of this command, from another lab as well, or back from it."""
        shown = self.shown
        back = shown == name
        self.leave()
        if not back and self._pages.currentWidget() is self._body:
            self.before = shown
            self.enter(name)

    def keys(self) -> Sequence[tuple[str, Sequence[KeyLine]]] | None:
        """The keys that act on the page that is shown, by group; None while no lab is."""
        page = self.made.get(self.shown)
        if page is None:
            return None
        return lab_sheet(page.keys, self._actions.commands.values(), self._acting(page))

    def enter(self, name: str) -> LabPage:
        """Show the page of this command, as it was left."""
        if name not in self.made:
            page = self.made[name] = self._makers[name]()
            page.left.connect(self.leave)
            page.theme_asked.connect(self._switch_theme)
            page.command_asked.connect(self._actions.trigger)
            self._pages.addWidget(page)
        page = self.made[name]
        self._let_act(False, name)
        self._pages.setCurrentWidget(page)
        page.enter()
        page.setFocus()
        return page

    def leave(self) -> None:
        """Back to exploring; not while the page has the machine for itself."""
        page = self.made.get(self.shown)
        if page is None:
            return
        if page.busy:
            page.tell("Not now", page.busy)
            return
        self._let_act(True, "")
        self._pages.setCurrentWidget(self._body)
        self.left.emit()

    def tell(self, title: str, sentence: str) -> None:
        """Say on the page that is shown what the window would have said on its own."""
        page = self.made.get(self.shown)
        if page is not None:
            page.tell(title, sentence)

    def popup(self, anchor: QWidget) -> None:
        """Offer all labs below a button."""
        menu = QMenu(anchor)
        menu.setToolTipsVisible(True)
        for name in (one for one in self._makers if one.startswith(LAB)):
            command = self._actions.commands[name]
            action = menu.addAction(command.title)
            action.triggered.connect(lambda _=False, name=name: self.toggle(name))
            action.setToolTip(command.sentence)
            action.setShortcut(self._actions.action(name).shortcut())
        menu.popup(anchor.mapToGlobal(QPoint(0, anchor.height())))

    def _let_act(self, on: bool, name: str) -> None:
        acting = self._acting(self.made.get(name or self.shown))
        for identity in self._actions.commands:
            if identity not in acting:
                self._actions.action(identity).setEnabled(on)

    def _acting(self, page: LabPage | None) -> tuple[str, ...]:
        return (*ACTING, *self._makers, *(page.acting if page is not None else ()))
