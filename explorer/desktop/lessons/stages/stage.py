"""What every middle of a lesson's page can do, whatever kind of run it shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from explorer.desktop.lessons.code_of import Listing
from explorer.desktop.theme import Theme
from explorer.desktop.timeline.view import TimelineView
from explorer.lessons.lesson import Lesson, Run
from explorer.records.states import State


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment on the timeline, in seconds from the first request: what you said, what the law says (`dashed`), or what
    was measured, in the colour of its `state`.
    """

    words: str
    seconds: float
    dashed: bool = False
    state: State | None = None


class Stage(QWidget):
    """Signals: `advanced` (something new is known), `ended(figures)`, `cancelled`, `failed(sentence, where)`, and
    `dragged(seconds)` while the violet line is moved.
    """

    advanced = Signal()
    ended = Signal(object)
    cancelled = Signal()
    failed = Signal(str, str)
    dragged = Signal(float)
    timed = False
    """Whether moments of a run can be marked on it."""
    reads = False
    """Whether there is something to be read on it before the run."""
    beside: QWidget | None = None
    """What stands at the right of it in place of code; None: nothing of its own."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    @property
    def running(self) -> bool:
        """Whether a run goes on."""
        raise NotImplementedError

    def show_ready(self, lesson: Lesson, run: Run) -> None:
        """Show what is about to run; nothing is sent yet."""
        raise NotImplementedError

    def start(self, lesson: Lesson, run: Run, *, free_port: bool = False) -> None:
        """Run it for real; `free_port`: at whatever port is free."""
        raise NotImplementedError

    def stop(self) -> None:
        """End what runs."""
        raise NotImplementedError

    def drop(self) -> None:
        """End what runs, and tell nothing more of it: another lesson is shown."""
        raise NotImplementedError

    def so_far(self) -> Mapping[str, Any] | None:
        """The figures up to now, of a run that goes on; None where there are none before its end."""
        return None

    def show_hint(self, hint: str) -> None:
        """Say what there is to do before the run; empty: something else is said in that place."""

    def show_marks(self, marks: Sequence[Mark], draggable: bool) -> None:
        """Mark these moments; `draggable`: the first of them, or one yet to be made, follows the pointer."""

    @property
    def timeline(self) -> TimelineView | None:
        """The timeline that can be moved about, if it shows one now."""
        return None

    @property
    def listings(self) -> tuple[Listing, ...]:
        """The code that is run, to be shown beside it."""
        return ()

    @property
    def standing(self) -> tuple[int, int]:
        """How many requests are at the line that is marked in it: now, and at once at most."""
        return 0, 0
