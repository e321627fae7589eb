"""A place that scrolls what is too high for it: no frame of its own, and what it holds is as wide as itself."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget


class ScrollArea(QScrollArea):
    """Holds `inside`. `sideways`: what is too wide is scrolled as well, not cut. `see_through`: what is painted below
    shows between what is inside. `focus`: by default the keyboard passes it by and goes to what is inside.
    """

    def __init__(
        self,
        inside: QWidget,
        *,
        sideways: bool = False,
        see_through: bool = False,
        focus: Qt.FocusPolicy = Qt.FocusPolicy.NoFocus,
    ) -> None:
        super().__init__()
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(focus)
        if not sideways:
            self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        if see_through:  # after `setWidget`, which has the widget fill its ground
            self.viewport().setAutoFillBackground(False)
            inside.setAutoFillBackground(False)
