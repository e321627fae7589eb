"""Why a lesson's run could not begin or came to no end, over the timeline's place, with what can be done about it."""

from typing import Final

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer.desktop.lessons.state import Trouble
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.button import Button, ButtonKind
from explorer.desktop.widgets.label import IconLabel, Label
from explorer.desktop.widgets.paint import draw_box

WIDE: Final = 460
FOOT: Final = 20
ANY_PORT: Final = "The lesson can use any free port; your prediction is kept."
KEPT: Final = "Your prediction is kept."
CANNOT: Final = "This lesson cannot run here"


class TroubleCard(QWidget):
    """`free_asked`: run at any free port; `again_asked`: try it once more as it is."""

    free_asked = Signal()
    again_asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.title = Label(theme, "", 18, 700, wrap=True)
        self.sentence = Label(theme, "", 13, color="text2", wrap=True)
        # It may name a command to be copied.
        self.sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.free = Button(theme, "Use a free port", icon="play", kind=ButtonKind.PRIMARY, shortcut="Enter", height=34)
        self.again = Button(theme, "Try again", icon="rotate-cw", height=34)
        self.free.clicked.connect(self.free_asked)
        self.again.clicked.connect(self.again_asked)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.free)
        buttons.addWidget(self.again)
        buttons.addStretch(1)
        words = QVBoxLayout()
        words.setSpacing(6)
        words.addWidget(self.title)
        words.addWidget(self.sentence)
        words.addSpacing(10)
        words.addLayout(buttons)
        line = QHBoxLayout(self)
        line.setContentsMargins(24, 20, 24, 20)
        line.setSpacing(14)
        self._broken, self._locked = IconLabel(theme, "unlink", 24, "danger"), IconLabel(theme, "lock", 24, "warn")
        icon = QVBoxLayout()
        icon.addWidget(self._broken)
        icon.addWidget(self._locked)
        icon.addStretch(1)
        line.addLayout(icon)
        line.addLayout(words, 1)
        self._lasting = False
        self.low = False
        """Whether there is something to be read before the run, which is not to be covered for good."""
        self.hide()

    def show_trouble(self, trouble: Trouble | None) -> None:
        """Say what is the matter; None: nothing is."""
        self.setVisible(trouble is not None)
        if trouble is None:
            return
        port, self._lasting = trouble.port, trouble.lasting
        ended = CANNOT if trouble.lasting else "The run did not come to its end"
        self.title.setText(f"Port {port} is taken" if port else ended)
        more = "" if trouble.lasting else f"\n{ANY_PORT if port else KEPT}"
        self.sentence.setText(trouble.sentence + more)
        self._broken.setVisible(not trouble.lasting)
        self._locked.setVisible(trouble.lasting)
        self.free.setVisible(bool(port))
        self.again.setVisible(not trouble.lasting)
        self.again.set_text(f"Try {port} again" if port else "Try again")
        self.setAccessibleName(f"{self.title.text()}. {self.sentence.text()}")
        self.raise_()

    def place(self, room: QRectF) -> None:
        """Stand in the middle of this room; what lasts at its foot, where there is something to be read above."""
        wide = int(min(self._theme.px(WIDE), room.width() - 16))
        high = max(self.sizeHint().height(), self.heightForWidth(wide))
        low = self._lasting and self.low
        top = room.bottom() - high - self._theme.px(FOOT) if low else room.center().y() - high / 2
        self.setGeometry(round(room.center().x() - wide / 2), round(top), wide, high)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The card."""
        painter = QPainter(self)
        edge = self._theme.color("warn" if self._lasting else "danger")
        draw_box(painter, QRectF(self.rect()), 12, self._theme.color("raised"), edge, 1.8)
        painter.end()
