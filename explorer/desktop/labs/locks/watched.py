"""What a lab's run shows, watched while it goes on: evidence from the collector's thread, to be asked on the window's.

The collector's thread feeds and looks for circles, so that a deadlock is found when its records come, not when the
window next paints; the window reads behind the same lock, a few times a second.
"""

import logging
import threading
from collections.abc import Callable
from typing import Final, TypeVar

from explorer.analysis.locks.watch import Deadlock
from explorer.collect.source import Batch
from explorer.labs.locks.evidence import Evidence
from explorer.records.clock import Clock, now_ns
from explorer.store.store import Store

_log: Final = logging.getLogger(__name__)
T = TypeVar("T")


class Watched:
    """A consumer of a run's batches around `Evidence`. What fails in it is noted once, and the run goes on without."""

    def __init__(self, *, live: bool) -> None:
        """`live`: what is found is found now; else when the recorded batch came."""
        self._lock = threading.Lock()
        self._now = 0
        clock: Clock = now_ns if live else lambda: self._now
        self._evidence = Evidence(clock=clock)
        self._failed = False

    def __call__(self, batch: Batch) -> None:
        """Take in a batch, on any thread."""
        if self._failed:
            return
        with self._lock:
            self._now = batch.now
            try:
                self._evidence(batch)
            except Exception:
                self._failed = True
                _log.exception("The evidence of a lab's run ends here")

    def catch_up(self, store: Store) -> None:
        """Learn what a run that goes on already has declared."""
        names = list(enumerate(store.names))[1:]
        tracks, processes = list(store.tracks.values()), list(store.processes.values())
        self(Batch(store.now, tracks=tracks, processes=processes, names=names))

    def ask(self, question: Callable[[Evidence], T]) -> T:
        """Put a question while nothing is fed."""
        with self._lock:
            return question(self._evidence)

    @property
    def deadlocks(self) -> list[Deadlock]:
        """All that were found so far."""
        return list(self._evidence.deadlocks)
