"""Locks whose waits are seen.

A lock that is free is taken as always, for the price of one more call. Only who must wait writes: that it begins to
wait, before it can block (a deadlock is seen while it lasts), and how long it took. A thread's wait lies on its own
lane; a task waits without keeping its thread, so its wait lies on the requests' track and shows in its request's way.
"""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter_ns
from typing import Final, Literal

from explorer.probe.tasks import current_request
from explorer.probe.tracer import Tracer
from explorer.records.schema import span_argument
from explorer.records.states import Flag, Kind, State, TrackKind

_THREAD_DEPTH: Final = 1  # above the job or the callback that waits
# As plain integers: looking a member up in an enumeration takes longer than storing it.
_WAIT: Final = int(Kind.LOCK_WAIT)
_WAITING: Final = int(State.WAITING_LOCK)
_COMPLETE: Final = int(Flag.COMPLETE)


class LockWaits:
    """Writes the waits for one lock, or for the locks that several loops have of it."""

    def __init__(self, tracer: Tracer, name: str) -> None:
        """`name` is what the timeline calls it."""
        self._tracer = tracer
        self._name = tracer.name(name)
        self._track = tracer.declare(TrackKind.LOCK, name)

    @contextmanager
    def of_thread(self) -> Iterator[None]:
        """The calling thread waits meanwhile."""
        ring = self._tracer.thread_ring()
        with self._wait(ring.track, ring.request or current_request(), _THREAD_DEPTH):
            ring.wait_for_lock(perf_counter_ns())
            try:
                yield
            finally:
                ring.wait_for_lock(0)

    @contextmanager
    def of_task(self) -> Iterator[None]:
        """The running task waits meanwhile, and others run."""
        with self._wait(self._tracer.requests_track, current_request(), 0):
            yield

    @contextmanager
    def _wait(self, track: int, request: int, depth: int) -> Iterator[None]:
        name, value = self._name, self._track
        start = perf_counter_ns()
        self._tracer.thread_ring().begin(start, request, name, track, _WAIT, _WAITING, depth, value)
        try:
            yield
        finally:
            duration = perf_counter_ns() - start
            self._tracer.thread_ring().write(
                start, duration, request, span_argument(value), name, track, _WAIT, _WAITING, depth, _COMPLETE
            )


class ThreadLock:
    """A threading.Lock."""

    def __init__(self, waits: LockWaits) -> None:
        """Waiting for it is written by `waits`."""
        self._lock = threading.Lock()
        self._waits = waits
        self.release = self._lock.release
        self.locked = self._lock.locked

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """As threading.Lock's."""
        if self._lock.acquire(False):
            return True
        if not blocking:
            return False
        with self._waits.of_thread():
            return self._lock.acquire(True, timeout)

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *error: object) -> None:
        self.release()


class TaskLock(asyncio.Lock):
    """An asyncio.Lock."""

    def __init__(self, waits: LockWaits) -> None:
        """Waiting for it is written by `waits`."""
        super().__init__()
        self._recorded = waits
        self._waiting = 0

    async def acquire(self) -> Literal[True]:
        """As asyncio.Lock's."""
        # It may be free already and still be somebody else's, who was woken but has not run yet.
        if not self.locked() and not self._waiting:
            return await super().acquire()
        self._waiting += 1
        try:
            with self._recorded.of_task():
                return await super().acquire()
        finally:
            self._waiting -= 1
