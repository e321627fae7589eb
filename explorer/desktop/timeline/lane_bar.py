"""The bar that scrolls the lanes, where they do not all fit."""

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollBar, QWidget

from explorer.desktop.timeline.scene import Scene


class LaneBar(QScrollBar):
    """At the right of the lanes. It takes no keyboard: the lanes' own keys scroll."""

    WIDTH: Final = 10

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Vertical, parent)
        self.setAccessibleName("Scroll lanes")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def show_scene(self, scene: Scene) -> None:
        """Stand where the scene does, without a signal; hidden where there is nothing to scroll."""
        most = scene.most_scroll
        self.blockSignals(True)
        self.setRange(0, most)
        self.setPageStep(scene.room)
        self.setSingleStep(scene.layout.heights.lane)
        self.setValue(scene.scroll)
        self.blockSignals(False)
        self.setVisible(most > 0)
