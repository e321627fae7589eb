"""The small model of what is scarce: a square for each token, or a line of dots; the taken ones are filled."""

import math
from typing import Final

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import LEFT, WRAP, draw_box, draw_text, wrapped_height
from explorer.records.states import State

SQUARE: Final = 18
DOT: Final = 8
GAP: Final = 4
HEAD: Final = 22
ACROSS: Final = {"squares": 10, "line": 20}
MOST: Final = {"squares": 100, "line": 400}


class ResourceModel(QWidget):
    """`total` places of which `used` are taken. More than are readable are drawn as many as there is room for, and the
    number says how many there are.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._kind, self._caption = "none", ""
        self._color = State.BLOCKED
        self.total = self.used = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)

    def show_kind(self, kind: str, caption: str, color: State) -> None:
        """What it is; "none": nothing is shown."""
        self._kind, self._caption, self._color = kind, caption, color
        self.show_count(0, 0)

    def show_count(self, total: int, used: int) -> None:
        """So many places, and so many of them taken."""
        self.total, self.used = max(total, 0), max(used, 0)
        self.setVisible(self._kind != "none" and max(total, used) > 0)
        self.setAccessibleName(f"{self._caption}: {self.words}")
        self.updateGeometry()
        self.update()

    @property
    def words(self) -> str:
        """How many are taken."""
        if self._kind == "line":
            return f"{self.used:,}"
        return f"{self.used:,} of {self.total:,} taken"

    @property
    def _drawn(self) -> int:
        return min(max(self.total, self.used), MOST.get(self._kind, 0))

    def sizeHint(self) -> QSize:
        """Rows of ten, or of twenty."""
        px = self._theme.px
        pitch = px(SQUARE + GAP) if self._kind == "squares" else px(DOT + GAP)
        rows = math.ceil(self._drawn / ACROSS.get(self._kind, 10)) if self._drawn else 0
        high = px(HEAD) + rows * pitch + px(GAP)
        return QSize(
            px(220), high + round(wrapped_height(self._theme.font(12), self._caption, self.width() or px(260)))
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Narrower, the caption takes more lines."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        """How many, the places, what they are."""
        if self._kind == "none":
            return
        painter, theme, px = QPainter(self), self._theme, self._theme.px
        size = px(SQUARE if self._kind == "squares" else DOT)
        pitch, across = size + px(GAP), ACROSS[self._kind]
        head = QRectF(0, 0, self.width(), px(HEAD) - 4)
        draw_text(painter, head, self.words, theme.font(13, 600), theme.color("text"), LEFT)
        look, radius = theme.state(self._color), px(4) if self._kind == "squares" else size / 2
        for at in range(self._drawn):
            box = QRectF(at % across * pitch, px(HEAD) + at // across * pitch, size, size)
            if at < self.used:
                draw_box(painter, box, radius, look.fill, look.edge)
            else:
                draw_box(painter, box, radius, None, theme.color("line2"))
        foot = QRectF(0, px(HEAD) + -(-self._drawn // across) * pitch + px(GAP), self.width(), self.height())
        draw_text(painter, foot, self._caption, theme.font(12), theme.color("text2"), WRAP)
        painter.end()
