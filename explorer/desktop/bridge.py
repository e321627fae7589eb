"""The one place where what a session says becomes Qt signals, and the one timer that paces everything that moves.

A session emits events on the window's own loop and batches on the collector's thread. Batches wait in a queue
until the next frame takes them, so that store, statistics and painting stay on the main thread without a lock.
"""

import queue
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from explorer.collect.source import Batch
from explorer.session import events

FRAME_MS: Final = 33
FRAME_FEW_CORES_MS: Final = 66
FEW_CORES: Final = 2
MOST_DETAILS: Final = 20


class Bridge(QObject):
    """Signals of the present session. `framed` comes 15 to 30 times a second while `start`ed."""

    step = Signal(str, float)
    serving = Signal(str, tuple, int)
    loading = Signal(int)
    applied = Signal(str, tuple)
    restarting = Signal(str)
    died = Signal(str, int, str, bool)
    warned = Signal(str, str)
    failed = Signal(str, str)
    load_ended = Signal()
    stopped = Signal()
    framed = Signal()

    def __init__(self, cores: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.details: dict[str, str] = {}
        """What there is to read besides a sentence that was said, by that sentence."""
        self.consumers: list[Callable[[Batch], object]] = []
        """Who else takes every batch at once, on the thread on which it comes: the collector's; of a recording the
        window's own.
        """
        self._batches: queue.SimpleQueue[Batch] = queue.SimpleQueue()
        self._handlers: dict[type, Callable[..., None]] = {
            events.Step: lambda e: self.step.emit(e.name, e.seconds),
            events.Serving: lambda e: self.serving.emit(e.url, e.pids, e.epoch),
            events.Loading: lambda e: self.loading.emit(e.pid),
            events.Applied: lambda e: self.applied.emit(e.knob, e.pids),
            events.Restarting: lambda e: self.restarting.emit(e.reason),
            events.Died: lambda e: self.died.emit(e.role, e.pid, e.sentence, e.fatal),
            events.Warned: lambda e: self.warned.emit(e.sentence, e.where),
            events.Failed: lambda e: self.failed.emit(e.sentence, e.where),
            events.LoadEnded: lambda e: self.load_ended.emit(),
            events.Stopped: lambda e: self.stopped.emit(),
        }
        self._wanted = self._kept = False
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        # With two cores a faster picture would be paid for by the server that is being watched.
        self._timer.setInterval(FRAME_FEW_CORES_MS if cores <= FEW_CORES else FRAME_MS)
        self._timer.timeout.connect(self.framed)

    def hear(self, event: events.Event) -> None:
        """Pass on one event; to be called on the window's own thread, as a session does."""
        if isinstance(event, (events.Warned, events.Failed)):
            self.keep_details(event.sentence, event.details)
        self._handlers[type(event)](event)

    def keep_details(self, sentence: str, details: str) -> None:
        """Note what there is to read besides a sentence, for whoever shows that."""
        if details:
            self.details[sentence] = details
            while len(self.details) > MOST_DETAILS:
                del self.details[next(iter(self.details))]

    def put(self, batch: Batch) -> None:
        """Take a batch from the collector's thread."""
        self.pass_on(batch)
        self._batches.put(batch)

    def pass_on(self, batch: Batch) -> None:
        """Give a batch to the consumers."""
        for consumer in tuple(self.consumers):
            consumer(batch)

    def take(self) -> list[Batch]:
        """All batches that have come since the last frame."""
        taken: list[Batch] = []
        while True:
            try:
                taken.append(self._batches.get_nowait())
            except queue.Empty:
                return taken

    def start(self) -> None:
        """Begin the frames."""
        self._wanted = True
        self._timer.start()

    def pause(self) -> None:
        """Stop the frames: nothing moves any more."""
        self._wanted = False
        if not self._kept:
            self._timer.stop()

    def keep(self, on: bool) -> None:
        """Give frames for as long as `on`, also when nothing runs: a replay moves."""
        self._kept = on
        if on:
            self._timer.start()
        elif not self._wanted:
            self._timer.stop()
