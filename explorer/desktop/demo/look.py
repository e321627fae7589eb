"""The theme of the demonstration window: the main window's, also when that changes."""

from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject

from explorer.desktop.state import FILE, WindowState
from explorer.desktop.theme import Theme


class Follows(QObject):
    """Keeps `theme` as the main window has saved it in `folder`."""

    def __init__(self, theme: Theme, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._folder = folder
        self._watcher = QFileSystemWatcher(self)
        self._watcher.fileChanged.connect(self._look)
        self._look()

    def _look(self) -> None:
        self._theme.use(WindowState(self._folder).theme)
        # A file that is replaced is watched no longer.
        if not self._watcher.files():
            self._watcher.addPath(str(self._folder / FILE))
