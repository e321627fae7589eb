"""The Run tab: scenarios at the left, the ladder and the same run on a time axis in the middle, the verdict at the
right.
"""

from PySide6.QtWidgets import QWidget

from explorer.desktop.labs.isolation.lab_view import LabView
from explorer.desktop.labs.isolation.session import LabSession
from explorer.desktop.theme import Theme


class RunView(LabView):
    """Around one session."""

    def __init__(self, theme: Theme, session: LabSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._session = theme, session

    def enter(self) -> None:
        """Have the database ready."""
        self._session.spawn(self._session.start())
