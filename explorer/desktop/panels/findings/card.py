"""One finding: what it says, what it rests on, and what to do about it."""

from typing import Final

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from explorer.analysis.finding import Told
from explorer.desktop.panels.findings.words import ABOUT, evidence
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.button import Button, ButtonKind
from explorer.desktop.widgets.focus import FocusRing
from explorer.desktop.widgets.label import ElidedLabel, Label
from explorer.desktop.widgets.paint import draw_box

WIDE: Final = 460
SHOW: Final = "Show"
STEPS: Final[dict[int, int]] = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}


class FindingCard(QWidget):
    """`shown` asks to see the next of its spans (a click, Enter), `tried` to compare its change, `dismissed` to go."""

    shown = Signal(str)
    tried = Signal(str)
    dismissed = Signal(str)
    stepped = Signal(int)
    """An arrow key asks for the card above (-1) or below (1); the scroll area would take the key for itself."""

    def __init__(self, theme: Theme, told: Told, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.told = told
        self.at = -1
        """Which of its spans was looked at last."""
        self._title = ElidedLabel(theme, "", 13, 600)
        self._about = Label(theme, "", 11, 600, "text2")
        self._sentence = Label(theme, "", 13, wrap=True)
        self._evidence = Label(theme, "", 12, color="text2", wrap=True)
        self._advice = Label(theme, "", 12, color="text2", wrap=True)
        self.show_button = Button(theme, SHOW, icon="crosshair", height=26)
        self.try_button = Button(theme, "Try", icon="columns-2", height=26)
        self.dismiss_button = Button(theme, icon="x", kind=ButtonKind.GHOST, height=24, name="Dismiss for this run")
        name = told.finding.id
        self.show_button.clicked.connect(lambda: self.shown.emit(name))
        self.try_button.clicked.connect(lambda: self.tried.emit(name))
        self.dismiss_button.clicked.connect(lambda: self.dismissed.emit(name))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._ring = FocusRing(theme, self, radius=6)
        self._buttons = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._lay_out()
        self.set_told(told)

    def set_told(self, told: Told) -> None:
        """Say what is known by now."""
        self.told = told
        found = told.found
        self._title.set_text(told.finding.title)
        self._about.setText(ABOUT[told.finding.about])
        self._sentence.setText(found.sentence)
        self._evidence.setText(evidence(found.figures))
        self._advice.setText(found.advice)
        self._advice.setVisible(bool(found.advice))
        self.setAccessibleName(f"{told.finding.title}. {found.sentence}")
        self.try_button.setVisible(found.change is not None)
        if found.change is not None:
            self.try_button.set_text(f"Try: {_lower(found.change.title)}")
        self.show_button.setEnabled(bool(found.places))
        self._name_show()

    def next_place(self) -> int:
        """Go on to the next of its spans; its number."""
        places = self.told.found.places
        self.at = (self.at + 1) % len(places) if places else -1
        self._name_show()
        return self.at

    def _name_show(self) -> None:
        places = len(self.told.found.places)
        if places > 1 and self.at >= 0:
            self.show_button.set_text(f"{SHOW} next ({self.at % places + 1} of {places})")
        else:
            self.show_button.set_text(SHOW)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is room the buttons stand side by side."""
        super().resizeEvent(event)
        wide = self.width() >= self._theme.px(WIDE)
        self._buttons.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click on the card shows its spans."""
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.shown.emit(self.told.finding.id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter shows, Delete dismisses."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.shown.emit(self.told.finding.id)
        elif event.key() == Qt.Key.Key_Delete:
            self.dismissed.emit(self.told.finding.id)
        elif event.key() in STEPS:
            self.stepped.emit(STEPS[event.key()])
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A box around it."""
        painter = QPainter(self)
        draw_box(painter, QRectF(self.rect()), 6, self._theme.color("raised"), self._theme.color("line2"))
        painter.end()

    def _lay_out(self) -> None:
        self._buttons.setSpacing(6)
        for button in (self.show_button, self.try_button):
            self._buttons.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        self._buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 8, 10)
        column.setSpacing(6)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._title, 1)
        head.addWidget(self._about)
        head.addWidget(self.dismiss_button)
        column.addLayout(head)
        for label in (self._sentence, self._evidence, self._advice):
            column.addWidget(label)
        column.addLayout(self._buttons)


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
