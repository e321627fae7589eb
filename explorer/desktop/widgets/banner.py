"""A message that stays until it is dealt with: what happened, what now, and at most two buttons."""

from collections.abc import Callable, Sequence
from typing import Literal

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.button import Button
from explorer.desktop.widgets.label import IconLabel, Label
from explorer.desktop.widgets.paint import draw_box

ICONS = {"danger": "circle-x", "info": "info"}


class Banner(QWidget):
    """`kind` danger or info; `actions` are pairs of a text and what it does."""

    def __init__(
        self,
        theme: Theme,
        title: str,
        sentence: str,
        actions: Sequence[tuple[str, Callable[[], object]]] = (),
        *,
        kind: Literal["danger", "info"] = "danger",
        icon: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        if len(actions) > 2:
            raise ValueError("A banner has at most two buttons.")
        self._theme = theme
        self._kind = kind
        self.buttons: list[Button] = []
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(Label(theme, title, 13, 600))
        second = Label(theme, sentence, 12, 400, "text2", wrap=True)
        second.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        words.addWidget(second)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 10, 12, 10)
        row.setSpacing(12)
        row.addWidget(IconLabel(theme, icon or ICONS[kind], 18, "danger" if kind == "danger" else "accent"))
        row.addLayout(words, 1)
        for text, act in actions:
            button = Button(theme, text, height=30)
            # A lambda, as a plain function would be handed the button's `checked`.
            button.clicked.connect(lambda _checked=False, act=act: act())
            self.buttons.append(button)
            row.addWidget(button)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setAccessibleName(title)
        self.setAccessibleDescription(sentence)
        theme.changed.connect(self.update)

    def showEvent(self, event: QShowEvent) -> None:
        """Have the message read out."""
        super().showEvent(event)
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The coloured ground."""
        danger = self._kind == "danger"
        fill, border = ("danger_bg", "danger") if danger else ("accent_bg", "accent")
        painter = QPainter(self)
        draw_box(painter, QRectF(self.rect()), 8, self._theme.color(fill), self._theme.color(border))
        painter.end()
