"""The place of a ladder, which scrolls where it is too low for it."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea

from explorer.desktop.labs.isolation.ladder.view import LadderView


class LadderArea(QScrollArea):
    """Holds `ladder` and tells it how much height there is: it tries to do with that before it is scrolled."""

    def __init__(self, ladder: LadderView) -> None:
        super().__init__()
        self._ladder = ladder
        self.setWidget(ladder)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setAutoFillBackground(False)
        ladder.setAutoFillBackground(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The ladder has more or less height."""
        super().resizeEvent(event)
        self._ladder.set_room(float(self.viewport().height()))
