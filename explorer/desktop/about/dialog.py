"""The window that says what the program is: its version, its parts with theirs, and each part's licence to be read."""

from typing import Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from explorer.desktop.about.parts import NAME, Part, as_text, parts, system_words
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.button import Button
from explorer.desktop.widgets.label import IconLabel, Label
from explorer.desktop.widgets.row_list import ListRow, RowList

SIZE: Final = (980, 560)
LIST_WIDTH: Final = 280
REPLACEABLE: Final = (
    "Qt and PySide6 are used under the LGPL 3: you may put other versions of their libraries in their place."
)
SENTENCE: Final = "Shows live how a web server runs many requests at once."
NO_TEXT: Final = "{name} brings no text of its licence ({licence}); its makers publish it."
FACTS: Final = ("Python", "Qt", "PySide6_Essentials", "numpy", "fastapi", "starlette", "uvicorn", "pydantic")
"""The parts whose version is asked for first when something is amiss."""
COPIED_MS: Final = 2_000


class AboutDialog(QDialog):
    """Not modal; Esc closes it. Arrow keys in the list go from part to part."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._parts = {part.name: part for part in parts()}
        self.setWindowTitle("About")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.list = RowList(theme, "Parts and their licences")
        self.list.setFixedWidth(theme.px(LIST_WIDTH))
        self.list.set_rows([ListRow(part.name, part.name, part.version) for part in self._parts.values()], NAME)
        self.licence = Label(theme, "", 13, 600)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setAccessibleName("Text of the licence")
        self.text.setFont(theme.font(12, 400, mono=True))
        self._copy = Button(theme, "Copy versions", icon="copy", height=30)
        self._copy.clicked.connect(lambda: self.copy())
        self._close = Button(theme, "Close", height=30)
        self._close.clicked.connect(lambda: self.close())
        self._build()
        self.list.currentRowChanged.connect(lambda _row: self._show_current())
        self._show_current()
        self.list.setFocus(Qt.FocusReason.PopupFocusReason)
        self.resize(theme.px(SIZE[0]), theme.px(SIZE[1]))

    @property
    def versions(self) -> str:
        """All versions as text."""
        return as_text(self._parts.values(), system_words())

    def copy(self) -> None:
        """Put the versions on the clipboard."""
        QGuiApplication.clipboard().setText(self.versions)
        self._copy.set_text("Copied", "check")
        QTimer.singleShot(COPIED_MS, self._copy, lambda: self._copy.set_text("Copy versions", "copy"))

    def _build(self) -> None:
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addWidget(self.licence)
        right.addWidget(self.text, 1)
        middle = QHBoxLayout()
        middle.setSpacing(16)
        middle.addWidget(self.list)
        middle.addLayout(right, 1)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(Label(self._theme, f"{len(self._parts)} parts, each under its own licence.", 12, color="text2"))
        foot.addStretch(1)
        foot.addWidget(self._copy)
        foot.addWidget(self._close)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(14)
        column.addLayout(self._head())
        column.addLayout(middle, 1)
        column.addLayout(foot)

    def _head(self) -> QHBoxLayout:
        theme, own = self._theme, self._parts[NAME]
        icon = IconLabel(theme, "concurrency-explorer", 48)
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(Label(theme, f"{NAME} {own.version}", 18, 600))
        words.addWidget(Label(theme, SENTENCE, 13, color="text2"))
        found = [self._parts[name] for name in FACTS if name in self._parts]
        facts = ", ".join(f"{part.name.removesuffix('_Essentials')} {part.version}" for part in found)
        versions = Label(theme, f"{facts}\n{system_words()}", 12, color="text2", wrap=True)
        versions.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        words.addWidget(versions)
        words.addWidget(Label(theme, REPLACEABLE, 12, color="text2", wrap=True))
        head = QHBoxLayout()
        head.setSpacing(16)
        head.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        return head

    def _show_current(self) -> None:
        row = self.list.current()
        if row is not None:
            self._show(self._parts[row.key])

    def _show(self, part: Part) -> None:
        self.licence.setText(part.licence)
        self.text.setPlainText(part.text() or NO_TEXT.format(name=part.name, licence=part.licence))
