"""What the lanes look like, kept for when only something that lay over them has moved.

The chip that follows the pointer is a widget of its own. Where it was, Qt asks the lanes to paint again, and that would
be a whole frame's work for every step of the mouse. The picture is made when Qt asks for the first time, and serves as
long as the scene stays as it is; a frame in which the scene has changed pays nothing.
"""

from collections.abc import Callable

from PySide6.QtCore import QPoint
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

from explorer.desktop.timeline.scene import Scene


class Exposed:
    """The picture of a scene, while it holds."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._asked = True
        self._picture: QPixmap | None = None
        self._key: object = None

    def forget(self) -> None:
        """The scene has changed: the next painting is a new one."""
        self._asked = True
        self._picture = None

    def paint(self, widget: QWidget, event: QPaintEvent, whole: Callable[[QPainter], None]) -> bool:
        """Answer an event from the picture, made by `whole` if there is none; False if the scene must be painted."""
        asked, self._asked = self._asked, False
        if asked:
            return False
        key = (widget.size(), widget.devicePixelRatio(), self._moment())
        if self._picture is None or key != self._key:
            ratio = widget.devicePixelRatio()
            picture = QPixmap(widget.size() * ratio)
            picture.setDevicePixelRatio(ratio)
            painter = QPainter(picture)
            whole(painter)
            painter.end()
            self._picture, self._key = picture, key
        painter = QPainter(widget)
        painter.setClipRegion(event.region())
        painter.drawPixmap(QPoint(0, 0), self._picture)
        painter.end()
        return True

    def _moment(self) -> tuple[object, ...]:
        """What changes without anybody asking for a painting: a store that grows between two frames."""
        scene, store = self._scene, self._scene.store
        return (
            *(scene.view, scene.scroll, scene.layout, scene.follow.now, scene.follow.horizon, scene.only),
            *((store.count, store.dropped, store.version, len(store.losses), len(store.markers)) if store else ()),
            *(id(scene.selection.span), scene.selection.request, id(scene.cursor), scene.cursor_shown),
        )
