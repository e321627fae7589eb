"""The sheet of all keys, made from the commands."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from explorer.desktop.actions import Actions
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.label import Label, ShortcutChip

EXTRA = (
    (("←", "→"), "Span to span in the row"),
    (("↑", "↓"), "Row to row"),
    (("Shift",), "Five times as far, ten times a step"),
    (("Esc",), "Back"),
)
COLUMNS = 2


class KeySheet(QDialog):
    """Not modal. Esc, the keys that open it and a click elsewhere close it."""

    def __init__(self, theme: Theme, actions: Actions, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys")
        rows = [(command.keys, command.title) for command in actions.commands.values() if command.keys]
        rows += [(keys, title) for keys, title in EXTRA]
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        half = (len(rows) + COLUMNS - 1) // COLUMNS
        for number, (keys, title) in enumerate(rows):
            column, row = divmod(number, half)
            chips = QHBoxLayout()
            chips.setSpacing(4)
            for key in keys:
                chips.addWidget(ShortcutChip(theme, key))
            chips.addStretch(1)
            grid.addLayout(chips, row, 2 * column)
            grid.addWidget(Label(theme, title, 13), row, 2 * column + 1)
        column_box = QVBoxLayout(self)
        column_box.setContentsMargins(20, 18, 20, 18)
        column_box.setSpacing(14)
        column_box.addWidget(Label(theme, "Keys", 15, 600))
        column_box.addLayout(grid)

        close = QAction(self)
        close.setShortcuts([QKeySequence(key) for key in actions.commands["keys"].keys])
        close.triggered.connect(self.hide)
        self.addAction(close)

    def popup(self) -> None:
        """Show it and give it the keyboard, or close it if it is there."""
        if self.isVisible():
            self.hide()
            return
        self.show()
        self.raise_()
        self.activateWindow()
        self.setFocus(Qt.FocusReason.PopupFocusReason)

    def changeEvent(self, event: QEvent) -> None:
        """Another window has become the active one: nothing is left lying above it."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isVisible() and not self.isActiveWindow():
            self.hide()
