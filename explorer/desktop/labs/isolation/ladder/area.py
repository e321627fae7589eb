"""The place of a ladder, which scrolls where it is too low for it."""

from PySide6.QtGui import QResizeEvent

from explorer.desktop.labs.isolation.ladder.view import LadderView
from explorer.desktop.widgets.scroll import ScrollArea


class LadderArea(ScrollArea):
    """Holds `ladder` and tells it how much height there is: it tries to do with that before it is scrolled."""

    def __init__(self, ladder: LadderView) -> None:
        super().__init__(ladder, see_through=True)
        self._ladder = ladder

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The ladder has more or less height."""
        super().resizeEvent(event)
        self._ladder.set_room(float(self.viewport().height()))
