"""The button behind which a bar keeps the commands that it has no room for."""

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from explorer.desktop.actions import Actions
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.button import Button, ButtonKind

NAME: Final = "More commands"
NATIVE: Final = QKeySequence.SequenceFormat.NativeText


class More(Button):
    """Opens a menu of commands; there is none of them, there is no button."""

    def __init__(self, theme: Theme, actions: Actions, enabled: Callable[[str], bool], *, height: int) -> None:
        super().__init__(theme, icon="ellipsis", kind=ButtonKind.GHOST, height=height, name=NAME)
        self._actions = actions
        self._enabled = enabled
        self._kept: tuple[str, ...] = ()
        self.clicked.connect(self._open)
        self.hide()

    @property
    def kept(self) -> tuple[str, ...]:
        """The commands in the menu."""
        return self._kept

    def keep(self, commands: Sequence[str]) -> None:
        """Offer these commands, in this order."""
        self._kept = tuple(commands)
        titles = [self._actions.commands[one].title for one in self._kept]
        self.setToolTip(f"{NAME}: {', '.join(titles)}")
        self.setVisible(bool(self._kept))

    def menu(self, parent: QWidget) -> QMenu:
        """The menu, with the key of each command."""
        menu = QMenu(parent)
        menu.setAccessibleName(NAME)
        for identity in self._kept:
            command = self._actions.commands[identity]
            keys = "".join(QKeySequence(one).toString(NATIVE) for one in command.keys[:1])
            action = menu.addAction(f"{command.title}\t{keys}" if keys else command.title)
            action.setToolTip(command.sentence)
            action.setEnabled(self._enabled(identity))
            action.triggered.connect(lambda _=False, identity=identity: self._actions.trigger(identity))
        return menu

    def _open(self) -> None:
        menu = self.menu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        width = menu.sizeHint().width()
        menu.popup(self.mapToGlobal(QPoint(min(0, self.width() - width), self.height() + 2)))
