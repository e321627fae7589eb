"""A window with a text to read and to copy: a traceback."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.button import Button
from explorer.desktop.widgets.label import Label

SIZE = (760, 420)


class DetailsWindow(QDialog):
    """Not modal; Esc closes it."""

    def __init__(self, theme: Theme, title: str, text: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.text = QPlainTextEdit(text)
        self.text.setReadOnly(True)
        self.text.setAccessibleName(title)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setFont(theme.font(12, 400, mono=True))
        copy = Button(theme, "Copy", icon="copy", height=30)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(text))
        close = Button(theme, "Close", height=30)
        close.clicked.connect(lambda: self.close())
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addStretch(1)
        foot.addWidget(copy)
        foot.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(12)
        column.addWidget(Label(theme, title, 15, 600))
        column.addWidget(self.text, 1)
        column.addLayout(foot)
        self.resize(theme.px(SIZE[0]), theme.px(SIZE[1]))
        # What went wrong stands at the end.
        self.text.verticalScrollBar().setValue(self.text.verticalScrollBar().maximum())
