"""The pinned rows, which stay at the top of the lanes while the others scroll below them.

Nothing is scrolled to: where the rows have left their place, this widget lies over the lanes there and paints the same
scene as it is unscrolled. It takes no events; what is at a height is the scene's to say.
"""

from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent

from explorer.desktop.theme import Theme
from explorer.desktop.timeline.lanes import Lanes
from explorer.desktop.timeline.layout import Placed
from explorer.desktop.timeline.scene import Scene

if TYPE_CHECKING:
    from explorer.desktop.timeline.view import TimelineView


class Head:
    """A scene, but for what of it shows: the pinned rows, unscrolled."""

    scroll = 0

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    @property
    def room(self) -> int:
        """Height of the pinned rows, px."""
        return self._scene.head

    def visible(self) -> list[Placed]:
        """The pinned rows."""
        return self._scene.head_rows()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._scene, name)


class PinnedLanes(Lanes):
    """Lies over the lanes of a view; hidden while nothing is pinned, or nothing scrolled."""

    def __init__(self, theme: Theme, view: "TimelineView", lanes: Lanes) -> None:
        super().__init__(theme, cast(Scene, Head(view.scene)), view)
        self._all, self._below, self._looks = view.scene, lanes, theme
        self._shown_store = view.scene.store
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        lanes.over = self

    @property
    def framed_height(self) -> int:
        """That of all lanes: the frame goes on below this widget."""
        return self._below.height()

    def place(self) -> None:
        """Lie where the pinned rows would be if nothing were scrolled."""
        scene, lanes = self._all, self._below.geometry()
        if scene.store is not self._shown_store:
            self._shown_store = scene.store
            self.set_store(scene.store)
        self.setGeometry(QRect(lanes.left(), lanes.top(), lanes.width(), max(1, scene.head)))
        self.setVisible(bool(scene.head and scene.scroll))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The rows, and a line below the last."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.fillRect(QRectF(0, self.height() - 1, self.width(), 1), self._looks.color("line2"))
        painter.end()
