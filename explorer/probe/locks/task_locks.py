"""Traced `asyncio.Lock`, `Semaphore`, `BoundedSemaphore`, `Condition`, `Event`, `Barrier` and the queues of `asyncio`.

They are asyncio's own classes; what differs is that their waits and holds are written. The owner is the task; what is
done outside of tasks is the thread's.
"""

import asyncio
from collections.abc import Callable
from time import perf_counter_ns
from typing import Any, Final, Literal

from explorer.probe.locks.book import MOST_HOLDS, SHORT_NS, WINDOW_NS, Book, Tokens
from explorer.probe.tasks import current_task, running_loop, task_of
from explorer.records.lock_owners import owner_argument
from explorer.records.states import Flag, Kind, State

# As plain integers: looking a member up in an enumeration takes longer than storing it.
_HELD: Final = int(Kind.LOCK_HELD)
_RUNNING: Final = int(State.RUNNING)
_BEGIN: Final = int(Flag.BEGIN)
_COMPLETE: Final = int(Flag.COMPLETE)
_QUEUED: Final = int(State.QUEUED)
_IDLE: Final = int(State.IDLE)


_OURS: Final = frozenset(
    [
        "book",
        "_tokens",
        "_length",
        "_line",
        "_shown",
        "_home",
        "_name",
        "_argument",
        "_request",
        "_since",
        "_until",
        "_left",
        "_left_out",
    ]
)


class _Copied:
    """Copies of them, and what comes out of a pickle, are plain ones: there is no book about those."""

    def __reduce_ex__(self, protocol: Any) -> Any:
        plain = next(kind for kind in type(self).__mro__[1:] if kind.__module__.startswith("asyncio."))
        return object.__new__, (plain,), {name: value for name, value in vars(self).items() if name not in _OURS}


class TracedTaskLock(_Copied, asyncio.Lock):
    """A lock as `asyncio.Lock()` gives it. What is held lies in the lock itself, as its loop has one thread.

    Too many short holds are left out, as those of threads' locks are.
    """

    book: Book
    _locked: bool
    _waiters: Any
    _wake_up_first: Callable[[], None]

    def __init__(self) -> None:
        super().__init__()
        self._line = 0
        self._shown = False
        self._home: list[Any] = []
        self._since = self._until = self._left = self._left_out = 0

    async def acquire(self) -> Literal[True]:
        """As asyncio.Lock's."""
        # It may be free already and still be somebody else's, who was woken but has not run yet.
        if self._locked or self._waiters or self._line:
            self._line += 1
            self.tell()
            try:
                with self.book.task_waits():
                    await super().acquire()
            except Exception:  # it was released, and perhaps who gave the lock back took it for one who is woken
                if not self._locked:
                    self._wake_up_first()
                raise
            finally:
                self._line -= 1
        else:
            self._locked = True
        book = self.book
        task = task_of(running_loop())
        owner = getattr(task, "lock_owner", None) or book.owners.task()
        tracer = book.tracer
        ring = tracer.local.ring or tracer.thread_ring()
        if owner is None:
            self._name, self._argument = ring.name or book.owners.name_thread(ring), owner_argument(ring.track)
        else:
            self._name, self._argument = owner.name, owner.word | ring.track
        self._request = request = getattr(task, "request", 0)
        self._since = start = perf_counter_ns()
        if start > self._until:
            self._renew(start)
        self._left = left = self._left - 1
        self._shown = shown = left >= 0 or owner is None
        if owner is not None and not shown:
            self._home = owner.untold
            self._home.append(self)
        else:
            track = book.track or book.declare()
            ring.write(start, 0, request, self._argument, self._name, track, _HELD, _RUNNING, 0, _BEGIN)
        return True

    def release(self) -> None:
        """As asyncio.Lock's."""
        since, self._since = self._since, 0
        if since:
            if self._left < 0 and self in self._home:
                self._home.remove(self)
            duration = perf_counter_ns() - since
            if self._shown or duration > SHORT_NS:
                self._write(since, duration, _COMPLETE)
            else:
                self._left_out += 1
        super().release()

    def tell(self) -> None:
        """It is held, and perhaps it was not told of, as one of too many."""
        if self._since and not self._shown:
            self._shown = True
            self._write(self._since, 0, _BEGIN)

    def _write(self, since: int, duration: int, flag: int) -> None:
        book = self.book
        tracer = book.tracer
        (tracer.local.ring or tracer.thread_ring()).write(
            since, duration, self._request, self._argument, self._name, book.track or book.declare(), _HELD, _RUNNING,
            0, flag,
        )  # fmt: skip

    def _renew(self, now: int) -> None:
        self._until = now + WINDOW_NS
        self._left = MOST_HOLDS
        if self._left_out:
            self.book.probe.leave_out(self._left_out)
            self._left_out = 0


class _Semaphore(_Copied, asyncio.Semaphore):
    """What both kinds of semaphores do besides."""

    book: Book
    _bounded = False
    _waiters: Any

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)  # says what is wrong in its own words
        self.book.primitive += f"({self._value})"
        self._tokens = Tokens(self.book)

    async def acquire(self) -> Literal[True]:
        """As asyncio.Semaphore's. Whoever gives back what was taken like this may be somebody else."""
        if self._value > 0 and not self._waiters:
            self._value -= 1
        else:
            await self._wait()
        task = task_of(running_loop())
        owner = getattr(task, "lock_owner", None) or self.book.owners.task()
        self._tokens.take(owner, getattr(task, "request", 0), False)
        return True

    async def __aenter__(self) -> None:
        if self._value > 0 and not self._waiters:
            self._value -= 1
        else:
            await self._wait()
        task = task_of(running_loop())
        owner = getattr(task, "lock_owner", None) or self.book.owners.task()
        self._tokens.take(owner, getattr(task, "request", 0), True)

    def release(self) -> None:
        """As asyncio.Semaphore's."""
        self._tokens.give(getattr(current_task(), "lock_owner", None) or self.book.owners.task())
        super().release()

    async def __aexit__(self, *error: object) -> None:
        self._tokens.give(getattr(task_of(running_loop()), "lock_owner", None) or self.book.owners.task())
        if self._waiters or self._bounded:
            super().release()
        else:
            self._value += 1

    async def _wait(self) -> None:
        with self.book.task_waits():
            await super().acquire()


class TracedTaskSemaphore(_Semaphore):
    """A semaphore as `asyncio.Semaphore()` gives it."""


class TracedTaskBoundedSemaphore(_Semaphore, asyncio.BoundedSemaphore):
    """A semaphore as `asyncio.BoundedSemaphore()` gives it."""

    _bounded = True


class TracedTaskCondition(_Copied, asyncio.Condition):
    """A condition as `asyncio.Condition()` gives it. Without a lock it brings one along, which is traced as well.

    Who waits at it waits for its lock again before going on, and both waits are written, one inside the other.
    """

    book: Book
    _lock: asyncio.Lock

    def __init__(self, lock: asyncio.Lock | None = None) -> None:
        if lock is None:
            book = self.book.probe.companion(self.book, "asyncio.Lock")
            lock = asyncio.Lock.__new__(TracedTaskLock) if book is not None else asyncio.Lock()
            if isinstance(lock, TracedTaskLock) and book is not None:
                lock.book = book
                lock.__init__()  # type: ignore[misc]
        super().__init__(lock)

    def __reduce_ex__(self, protocol: Any) -> Any:
        return asyncio.Condition, (self._lock,)

    async def wait(self) -> Literal[True]:
        """As asyncio.Condition's."""
        with self.book.task_waits():
            return await super().wait()

    def notify(self, n: int = 1) -> None:
        """As asyncio.Condition's."""
        if self._waiters:
            self.book.signal()
        super().notify(n)


class TracedTaskEvent(_Copied, asyncio.Event):
    """An event as `asyncio.Event()` gives it."""

    book: Book

    async def wait(self) -> Literal[True]:
        """As asyncio.Event's."""
        if self.is_set():
            return True
        with self.book.task_waits():
            return await super().wait()

    def set(self) -> None:
        """As asyncio.Event's."""
        if self._waiters:
            self.book.signal()
        super().set()


class TracedTaskBarrier(_Copied, asyncio.Barrier):
    """A barrier as `asyncio.Barrier()` gives it; the last to come does not wait."""

    book: Book

    async def _wait(self) -> None:
        with self.book.task_waits():
            await super()._wait()  # type: ignore[misc]

    async def _release(self) -> None:
        self.book.signal()
        await super()._release()  # type: ignore[misc]


class _Queue(_Copied, asyncio.Queue[Any]):
    """What all queues do besides: waits for room and for items are written, and how many are in it."""

    book: Book

    def __init__(self, maxsize: int = 0) -> None:
        super().__init__(maxsize)
        self._length = self.book.probe.length(self.book)

    async def put(self, item: Any) -> None:
        """As asyncio.Queue's."""
        if self.full():
            with self.book.task_waits(_QUEUED):
                await super().put(item)
        else:
            await super().put(item)

    async def get(self) -> Any:
        """As asyncio.Queue's."""
        if not self.empty():
            return await super().get()
        with self.book.task_waits(_IDLE):
            return await super().get()

    async def join(self) -> None:
        """As asyncio.Queue's."""
        if self._unfinished_tasks:  # type: ignore[attr-defined]
            with self.book.task_waits():
                await super().join()

    def _put(self, item: Any) -> None:
        super()._put(item)
        if self._getters:  # type: ignore[attr-defined]
            self.book.signal()
        self._length.set(self.qsize())

    def _get(self) -> Any:
        item = super()._get()
        if self._putters:  # type: ignore[attr-defined]
            self.book.signal()
        self._length.set(self.qsize())
        return item


class TracedTaskQueue(_Queue):
    """A queue as `asyncio.Queue()` gives it."""


class TracedTaskLifoQueue(_Queue, asyncio.LifoQueue[Any]):
    """A queue as `asyncio.LifoQueue()` gives it."""


class TracedTaskPriorityQueue(_Queue, asyncio.PriorityQueue[Any]):
    """A queue as `asyncio.PriorityQueue()` gives it."""
