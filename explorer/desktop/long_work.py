"""Long work of the window: on a thread of its own, with a progress bar and Cancel once it takes half a second.

The work is a plain function that is given a `Progress` and raises `Cancelled` by calling it. It must touch nothing that
belongs to the window's thread. The window asks it ten times a second how far it is, so that a thread that reports a
thousand times costs the window nothing.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import Any, Final

from PySide6.QtCore import QObject, QTimer, Signal

from explorer.desktop.messages import Messages
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.progress import ProgressBox
from explorer.option_error import OptionError
from explorer.progress import Cancelled, Progress

PATIENCE_MS: Final = 500
"""How long work may take before it is worth a word."""
LOOK_MS: Final = 100
logger: Final = logging.getLogger(__name__)


class LongWork(QObject):
    """One piece of work at a time, shown above the lanes of a window.

    One of `done` (with what the function returned), `failed` (with one sentence) and `cancelled` follows each `start`,
    on the window's thread.
    """

    done = Signal(object)
    failed = Signal(str)
    cancelled = Signal()
    _left = Signal()
    """Nothing goes on any more, whether that is told or, after `close`, not."""

    def __init__(self, theme: Theme, messages: Messages, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._messages = messages
        self._thread: threading.Thread | None = None
        self._state = _State()
        self.box: ProgressBox | None = None
        self._words = ("", "")
        self._look = QTimer(self)
        self._look.setInterval(LOOK_MS)
        self._look.timeout.connect(self._refresh)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE_MS)
        self._patience.timeout.connect(self._show)

    @property
    def busy(self) -> bool:
        """Whether work is going on."""
        return self._thread is not None

    def start(self, title: str, unit: str, work: Callable[[Progress], Any]) -> None:
        """Begin `work`; `title` says what it is ("Exporting run.csv"), `unit` what it counts ("spans")."""
        if self._thread is not None:
            raise RuntimeError("one piece of work at a time")
        self._state = _State()
        self._words = (title, unit)
        self._thread = threading.Thread(target=self._state.run, args=(work,), name="long work", daemon=True)
        self._thread.start()
        self._look.start()
        self._patience.start()

    async def settled(self) -> None:
        """Wait until nothing is going on."""
        over = asyncio.Event()
        self._left.connect(over.set)
        try:
            while self.busy:
                over.clear()
                await over.wait()
        finally:
            self._left.disconnect(over.set)

    def cancel(self) -> None:
        """Ask the work to end; `cancelled` follows as soon as it has, or `done` if it was faster."""
        self._state.unwanted = True

    def close(self) -> None:
        """End the work and wait until it has; nothing is told any more."""
        self.cancel()
        if self._thread is not None:
            self._thread.join()
        self._leave()

    def _refresh(self) -> None:
        state = self._state
        if self.box is not None:
            self.box.show_progress(*state.progress)
        if state.ended.is_set():
            self._end(state)

    def _show(self) -> None:
        self.box = ProgressBox(self._theme, *self._words)
        self.box.cancelled.connect(self.cancel)
        self._messages.hold(self.box)
        self._refresh()

    def _end(self, state: "_State") -> None:
        if self._thread is not None:
            self._thread.join()
        self._leave()
        if state.error is None:
            self.done.emit(state.result)
        elif isinstance(state.error, Cancelled):
            self.cancelled.emit()
        elif isinstance(state.error, OptionError):
            self.failed.emit(str(state.error))
        else:
            logger.error("Long work failed", exc_info=state.error)
            error = state.error
            words = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
            self.failed.emit(f"Unexpected {words}; what the program wrote to its terminal says more.")

    def _leave(self) -> None:
        self._look.stop()
        self._patience.stop()
        if self.box is not None:
            self._messages.release(self.box)
            self.box = None
        self._thread = None
        self._left.emit()


class _State:
    """What the thread and the window share; each attribute has one writer."""

    def __init__(self) -> None:
        self.progress = (0, 0)
        self.unwanted = False
        self.result: Any = None
        self.error: BaseException | None = None
        self.ended = threading.Event()

    def run(self, work: Callable[[Progress], Any]) -> None:
        try:
            self.result = work(self._tell)
        except BaseException as error:
            self.error = error
        finally:
            self.ended.set()

    def _tell(self, done: int, total: int) -> None:
        self.progress = (done, total)
        if self.unwanted:
            raise Cancelled
