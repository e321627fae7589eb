"""Files that the system asks to be opened while the program runs: on macOS a double-click says so by an event, where
other systems start the program with the file's name.
"""

from pathlib import Path

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication


class FileAskedApplication(QApplication):
    """Signal `asked()`: there are files to be taken. What was asked for before anybody listened waits in `waiting`."""

    asked = Signal()

    def __init__(self, words: list[str]) -> None:
        super().__init__(words)
        self.waiting: list[Path] = []

    def event(self, event: QEvent) -> bool:
        """Keep the file of an event that asks for one. Only the application's own events come here, which are few."""
        if isinstance(event, QFileOpenEvent) and event.file():
            self.waiting.append(Path(event.file()))
            self.asked.emit()
            return True
        return super().event(event)

    def take(self) -> Path | None:
        """The file that was asked for last, which is the one to be seen; those before give way to it."""
        last = self.waiting[-1] if self.waiting else None
        self.waiting.clear()
        return last
