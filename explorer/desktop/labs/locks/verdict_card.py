"""The verdict of a run: what it is, in a word and a colour with its icon, for how long, and in one sentence."""

from enum import Enum
from typing import Final

from PySide6.QtCore import QRectF
from PySide6.QtGui import QAccessible, QAccessibleEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.label import IconLabel, Label
from explorer.desktop.widgets.paint import draw_box


class Tone(Enum):
    """What a verdict means."""

    QUIET = "quiet"
    BAD = "bad"
    GOOD = "good"


LOOKS: Final = {
    Tone.QUIET: ("raised", "line2", "text", "info"),
    Tone.BAD: ("danger_bg", "danger", "danger", "octagon-x"),
    Tone.GOOD: ("good_bg", "good", "good", "shield-check"),
}
"""Fill, border, ink and icon."""


class VerdictCard(QWidget):
    """Shows what it is told; a change of its title is announced."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._tone = Tone.QUIET
        self._icons = {tone: IconLabel(theme, look[3], 20, look[2]) for tone, look in LOOKS.items()}
        self._title = Label(theme, "", 17, 600, wrap=True)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self._title.setSizePolicy(policy)
        self._aside = Label(theme, "", 12, 600, "text2")
        self._sentence = Label(theme, "", 13, 400, "text", wrap=True)
        head = QHBoxLayout()
        head.setSpacing(9)
        for icon in self._icons.values():
            head.addWidget(icon)
        head.addWidget(self._title, 1)
        head.addWidget(self._aside)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 11, 14, 12)
        column.setSpacing(7)
        column.addLayout(head)
        column.addWidget(self._sentence)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self._show()
        theme.changed.connect(self.update)

    @property
    def tone(self) -> Tone:
        """What the verdict means."""
        return self._tone

    @property
    def text(self) -> tuple[str, str, str]:
        """Title, what stands beside it, sentence."""
        return self._title.text(), self._aside.text(), self._sentence.text()

    def show_verdict(self, tone: Tone, title: str, sentence: str, aside: str = "") -> None:
        """Show another verdict."""
        if aside != self._aside.text():
            self._aside.setText(aside)
        if (tone, title, sentence) == (self._tone, self._title.text(), self._sentence.text()):
            return
        new = title != self._title.text()
        self._tone = tone
        self._title.setText(title)
        self._sentence.setText(sentence)
        self._show()
        if new and self.isVisible():
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The ground."""
        fill, border, _, _ = LOOKS[self._tone]
        painter, theme = QPainter(self), self._theme
        wide = 1.0 if self._tone is Tone.QUIET else 1.6
        draw_box(painter, QRectF(self.rect()), 9, theme.color(fill), theme.color(border), wide)
        painter.end()

    def _show(self) -> None:
        for tone, icon in self._icons.items():
            icon.setVisible(tone is self._tone)
        ink = LOOKS[self._tone][2]
        self._title.set_color(ink)
        self._aside.set_color(ink if self._tone is not Tone.QUIET else "text2")
        self._title.setToolTip(self._title.text())
        self.setAccessibleName(self._title.text())
        self.setAccessibleDescription(f"{self._sentence.text()} {self._aside.text()}".strip())
        self.update()
