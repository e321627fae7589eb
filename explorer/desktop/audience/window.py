"""A window of its own for audience mode without a lecture: the slide for the wall, a question to ask, the votes."""

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer.desktop.audience.slide import AudienceSlide
from explorer.desktop.audience.votes import VotesBars
from explorer.desktop.open_app.fields import LineBox
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.button import Button, ButtonKind
from explorer.desktop.widgets.heading import Divider
from explorer.desktop.widgets.label import Label
from explorer.lessons.audience.audience import Audience
from explorer.lessons.audience.ballot import MOST_CHARACTERS, MOST_CHOICES, Ballot

SIZE: Final = (1280, 800)
FEW: Final = f"Write two to {MOST_CHOICES} answers, with a semicolon between them."
NO_QUESTION: Final = "Write the question first."


class AudienceWindow(QWidget):
    """Closing it lets nobody in any more: `closing` asks for that."""

    closing = Signal()

    def __init__(self, theme: Theme, audience: Audience, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self._audience = audience
        self.setWindowTitle("Audience")
        self.slide = AudienceSlide(theme, audience)
        self.votes = VotesBars(theme, audience)
        self.question = LineBox(theme, "Question", "", "When is the last answer back?")
        self.choices = LineBox(theme, "Answers", "", "1 s; 3 s; 100 s")
        for box in (self.question, self.choices):
            box.setFixedHeight(theme.px(30))
            box.entry.setMaxLength(MOST_CHARACTERS)
        self.says = Label(theme, "", 12, 500, "danger", wrap=True)
        self.ask = Button(theme, "Ask the room", icon="users", height=30)
        self.lock = Button(theme, "End the vote", icon="lock", height=30)
        self.close_ = Button(theme, "Let nobody in any more", icon="x", kind=ButtonKind.DANGER, height=30)
        self.ask.clicked.connect(self._ask)
        self.lock.clicked.connect(self._lock)
        self.close_.clicked.connect(lambda: self.close())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.slide, 1)
        column.addWidget(Divider(theme))
        column.addLayout(self._foot(theme))
        self.resize(theme.px(SIZE[0]), theme.px(SIZE[1]))

    def _foot(self, theme: Theme) -> QHBoxLayout:
        asking = QVBoxLayout()
        asking.setSpacing(8)
        asking.addWidget(Label(theme, "Ask the room, with a semicolon between the answers", 12, 600, "text2"))
        asking.addWidget(self.question)
        asking.addWidget(self.choices)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self.ask, self.lock):
            buttons.addWidget(button)
        buttons.addWidget(self.says, 1)
        asking.addLayout(buttons)
        ending = QVBoxLayout()
        ending.addStretch(1)
        ending.addWidget(self.close_)
        foot = QHBoxLayout()
        foot.setContentsMargins(24, 16, 24, 16)
        foot.setSpacing(32)
        foot.addLayout(asking, 4)
        foot.addWidget(self.votes, 5, Qt.AlignmentFlag.AlignTop)
        foot.addLayout(ending)
        return foot

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """F11: the whole screen; Esc leaves that, and does not let the room out by accident."""
        if event.key() == Qt.Key.Key_F11:
            self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)
        elif event.key() == Qt.Key.Key_Escape and self.isFullScreen():
            self.setWindowState(self.windowState() & ~Qt.WindowState.WindowFullScreen)
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Who closes it closes the room."""
        self.votes.forget()
        self.closing.emit()
        super().closeEvent(event)

    def _ask(self) -> None:
        text = self.question.entry.text().strip()
        choices = tuple(words.strip() for words in self.choices.entry.text().split(";") if words.strip())
        fits = 2 <= len(choices) <= MOST_CHOICES
        self.says.setText("" if text and fits else FEW if text else NO_QUESTION)
        if text and fits:
            self._audience.ask(Ballot(text, choices))

    def _lock(self) -> None:
        self._audience.lock()
