"""What would have been a message in the window: told to the speaker, never on the wall. No Qt beyond its signal."""

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject, Signal

MOST: Final = 3


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence, and the word for what Enter does about it; empty: nothing can be done here."""

    title: str
    sentence: str
    offer: str = ""


class Notices(QObject):
    """The latest few, newest first. `changed`: another one, or they were taken away."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.all: tuple[Notice, ...] = ()

    def tell(self, title: str, sentence: str, offer: str = "") -> None:
        """Tell the speaker; what is told already is not told twice."""
        notice = Notice(title, sentence, offer)
        self.all = (notice, *(one for one in self.all if one.sentence != sentence))[:MOST]
        self.changed.emit()

    def clear(self) -> None:
        """All is well again."""
        if self.all:
            self.all = ()
            self.changed.emit()

    @property
    def offer(self) -> str:
        """What Enter does now; empty: nothing."""
        return next((one.offer for one in self.all if one.offer), "")
