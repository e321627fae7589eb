"""The sheet of all keys and gestures, made from the commands; it can be copied as text."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QMargins, QSize, Qt, QTimer
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QDialog, QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from explorer.desktop.actions import Actions
from explorer.desktop.panels.key_words import KeyLine, as_text, duel_sheet, sheet
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.button import Button
from explorer.desktop.widgets.label import Label, ShortcutChip

COLUMNS = 4
HEAD_ROWS = 1.6
"""How many lines of keys a heading with its distance takes."""
COPIED_MS = 2_000
Groups = Sequence[tuple[str, Sequence[KeyLine]]]
"""Lines of keys by group."""


class KeySheet(QDialog):
    """Not modal. Esc, the keys that open it and a click elsewhere close it."""

    def __init__(self, theme: Theme, actions: Actions, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._commands = list(actions.commands.values())
        self._groups: Groups = sheet(self._commands)
        self.setWindowTitle("Keys")
        self._copy = Button(theme, "Copy as text", icon="copy")
        self._copy.clicked.connect(self.copy)
        self._close = Button(theme, icon="x", name="Close (Esc)")
        self._close.clicked.connect(self.hide)
        self.about = Button(theme, "About", icon="info")
        self.about.clicked.connect(lambda: actions.trigger("about"))
        self.about.setVisible("about" in actions.commands)
        head = QHBoxLayout()
        head.addWidget(Label(theme, "Keys and gestures", 15, 600))
        head.addStretch(1)
        head.addWidget(self.about)
        head.addWidget(self._copy)
        head.addWidget(self._close)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._area.setAccessibleName("Keys and gestures")
        self._area.viewport().setAutoFillBackground(False)
        self._column_box = column = QVBoxLayout(self)
        column.setContentsMargins(20, 14, 20, 14)
        column.setSpacing(10)
        column.addLayout(head)
        column.addWidget(self._area, 1)
        theme.changed.connect(self._restyle)
        close = QAction(self)
        close.setShortcuts([QKeySequence(key) for key in actions.commands["keys"].keys])
        close.triggered.connect(self.hide)
        self.addAction(close)

    @property
    def text(self) -> str:
        """The sheet as plain text."""
        return as_text(self._groups)

    def copy(self) -> None:
        """Put the text on the clipboard."""
        QGuiApplication.clipboard().setText(self.text)
        self._copy.set_text("Copied", "check")
        QTimer.singleShot(COPIED_MS, self._copy, lambda: self._copy.set_text("Copy as text", "copy"))

    def popup(self, *, in_duel: bool = False, in_lab: Groups | None = None) -> None:
        """Show it and give it the keyboard, or close it if it is there; `in_duel`: with the keys that act there;
        `in_lab`: the keys of the lab's page that is shown.
        """
        if self.isVisible():
            self.hide()
            return
        everywhere: Groups = duel_sheet(self._commands) if in_duel else sheet(self._commands)
        self._groups = everywhere if in_lab is None else in_lab
        self._fill()
        self._fit()
        self.show()
        self.raise_()
        self.activateWindow()
        self.setFocus(Qt.FocusReason.PopupFocusReason)

    def changeEvent(self, event: QEvent) -> None:
        """Another window has become the active one: nothing is left lying above it."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isVisible() and not self.isActiveWindow():
            self.hide()

    def _fill(self) -> None:
        """In as many columns as there is room for side by side: one only has to scroll downwards."""
        for number in range(COLUMNS, 0, -1):
            self._fill_columns(number)
            if self._wanted_width() <= self._most().width():
                break

    def _fill_columns(self, number: int) -> None:
        self._body = body = QWidget()
        columns = QHBoxLayout(body)
        columns.setContentsMargins(0, 0, 4, 0)
        columns.setSpacing(self._theme.px(18))
        for groups in _columns(self._groups, number):
            columns.addLayout(self._column(groups))
        self._area.setWidget(body)

    def _restyle(self) -> None:
        if self.isVisible():
            self._fill()
            self._fit()

    def _fit(self) -> None:
        """As large as it would like to be, and no larger than the window."""
        body, margins, most = self._body.sizeHint(), self._margins(), self._most()
        high = body.height() + margins.top() + margins.bottom() + self._copy.sizeHint().height() + 14
        self.resize(min(self._wanted_width(), most.width()), min(high, most.height()))

    def _most(self) -> QSize:
        parent = self.parentWidget()
        return (parent.window().size() if parent is not None else self._body.sizeHint()) - QSize(16, 16)

    def _margins(self) -> QMargins:
        return self.contentsMargins() + self._column_box.contentsMargins()

    def _wanted_width(self) -> int:
        """With a scroll bar beside it."""
        margins = self._margins()
        return self._body.sizeHint().width() + margins.left() + margins.right() + 14

    def _column(self, groups: Sequence[tuple[str, Sequence[KeyLine]]]) -> QVBoxLayout:
        theme = self._theme
        column = QVBoxLayout()
        column.setSpacing(4)
        for group, lines in groups:
            column.addWidget(Label(theme, group, 12, 600, "text3"))
            grid = QGridLayout()
            grid.setHorizontalSpacing(10)
            grid.setVerticalSpacing(2)
            grid.setColumnStretch(1, 1)
            for at, line in enumerate(lines):
                chips = QHBoxLayout()
                chips.setSpacing(3)
                for key in line.keys:
                    chips.addWidget(ShortcutChip(theme, key))
                chips.addStretch(1)
                grid.addLayout(chips, at, 0)
                grid.addWidget(Label(theme, line.words, 12), at, 1)
            column.addLayout(grid)
            column.addSpacing(8)
        column.addStretch(1)
        return column


def _columns(groups: Sequence[tuple[str, Sequence[KeyLine]]], most: int) -> list[list[tuple[str, Sequence[KeyLine]]]]:
    """The groups in at most so many columns of about the same height, in their order."""
    sizes = [len(lines) + HEAD_ROWS for _, lines in groups]
    limit = max(sizes)
    while True:
        columns: list[list[tuple[str, Sequence[KeyLine]]]] = [[]]
        filled = 0.0
        for group, size in zip(groups, sizes, strict=True):
            if columns[-1] and filled + size > limit:
                columns.append([])
                filled = 0.0
            columns[-1].append(group)
            filled += size
        if len(columns) <= most:
            return columns
        limit += 0.5
