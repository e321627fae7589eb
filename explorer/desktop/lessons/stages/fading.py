"""A veil over the lanes and headers that are not meant: they are left at 40 %."""

from collections.abc import Callable, Set
from typing import Final

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.timeline.scene import Scene

LEFT: Final = 0.4
"""So much of what is not meant is still to be seen."""


class Over(QWidget):
    """Lies over all of `below` and takes nothing that is meant for it."""

    def __init__(self, below: QWidget) -> None:
        super().__init__(below)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setGeometry(below.rect())
        below.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Cover all of it."""
        if event.type() is QEvent.Type.Resize and isinstance(watched, QWidget):
            self.setGeometry(watched.rect())
        return False


class Veil(Over):
    """Lies over `below`, which shows the rows of `scene`; `faded()` gives the keys of those that it covers."""

    def __init__(self, theme: Theme, scene: Scene, below: QWidget, faded: Callable[[], Set[str]], ground: str) -> None:
        """`ground` is the token of the colour that `below` is painted on."""
        super().__init__(below)
        self._theme, self._scene, self._faded, self._ground = theme, scene, faded, ground

    def paintEvent(self, event: QPaintEvent) -> None:
        """The veil, row by row."""
        faded = self._faded()
        if not faded:
            return
        painter, scene = QPainter(self), self._scene
        veil = self._theme.color(self._ground, round(255 * (1 - LEFT)))
        for placed in scene.in_view():
            if placed.row.key in faded:
                painter.fillRect(QRectF(0, scene.top_of(placed), self.width(), placed.height), veil)
        painter.end()
