"""The number that all requests of a process share, its books, and the lock that may guard it."""

import asyncio
import contextlib
import threading
import weakref
from types import TracebackType
from typing import Any

from explorer.server import tracing
from explorer.server.surroundings import Surroundings
from explorer.server.workloads.shared_counter.feature import SharedCounterKnobs

LOCK = "lock of the counter"


class Shared:
    """A number that keeps books of its own: whoever writes it should write one more than it is.

    A writer who read the number before others wrote it takes their updates back; these are lost. So, at every moment,
    number + lost = how often it was written.
    """

    def __init__(self, around: Surroundings) -> None:
        self.lost = 0
        self._number = 0
        self._books = threading.Lock()
        self._shown = tracing.counter(around.tracer, "lost updates", "updates")
        self._shown.set(0)

    @property
    def number(self) -> int:
        """The number."""
        return self._number

    @number.setter
    def number(self, value: int) -> None:
        with self._books:  # looking and writing at once, so that the books are right whatever the number is
            lost = self._number + 1 - value
            self._number = value
            self.lost += lost
            if lost:
                self._shown.set(self.lost)


class Lock:
    """A threading.Lock for `with`, an asyncio.Lock for `async with`.

    An asyncio.Lock belongs to one loop: where there are several, each has its own, and they do not guard the number
    from one another.
    """

    def __init__(self) -> None:
        self._threads = threading.Lock()
        tracing.name_lock(self._threads, LOCK)
        self._tasks: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = weakref.WeakKeyDictionary()

    def __enter__(self) -> None:
        self._threads.__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._threads.__exit__(kind, error, trace)

    async def __aenter__(self) -> None:
        await self._of_loop().acquire()

    async def __aexit__(self, *error: object) -> None:
        self._of_loop().release()

    def _of_loop(self) -> asyncio.Lock:
        loop = asyncio.get_running_loop()
        lock = self._tasks.get(loop)
        if lock is None:
            lock = self._tasks[loop] = asyncio.Lock()
            tracing.name_lock(lock, LOCK)
        return lock


class Arguments:
    """Arguments of both bodies for given knobs. The number stays the same when they change."""

    def __init__(self, around: Surroundings) -> None:
        """Begin with nought."""
        self._shared = Shared(around)
        self._lock = Lock()

    def of(self, knobs: SharedCounterKnobs) -> dict[str, Any]:
        """The keyword arguments."""
        lock = self._lock if knobs.lock else contextlib.nullcontext()
        return {"shared": self._shared, "lock": lock, "increments": knobs.increments, "seconds": knobs.seconds}

    def close(self) -> None:
        """Nothing to let go of."""
