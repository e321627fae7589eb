"""Traced `threading.Condition`, `Semaphore`, `BoundedSemaphore`, `Event` and `Barrier`, and the queues of `queue`.

They are the standard library's own classes; what differs is that their waits are written, and that what they wait in
can be interrupted.
"""

import queue
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from explorer.probe.locks.book import Book, Tokens
from explorer.probe.locks.owners import Owners
from explorer.probe.locks.thread_locks import TracedRLock, new_lock, new_rlock
from explorer.records.states import State

_QUEUED: Final = int(State.QUEUED)
_IDLE: Final = int(State.IDLE)


class GateCondition(threading.Condition):
    """A condition at which a thread that is in the book of waiters can be released."""

    _waiters: deque[Any]
    _is_owned: Callable[[], bool]
    _release_save: Callable[[], Any]
    _acquire_restore: Callable[[Any], None]

    def __init__(self, owners: Owners, lock: Any) -> None:
        super().__init__(lock)
        self._owners = owners

    def wait(self, timeout: float | None = None) -> bool:
        """As threading.Condition's."""
        if not self._is_owned():
            raise RuntimeError("cannot wait on un-acquired lock")
        gate = new_lock()
        gate.acquire()
        self._waiters.append(gate)
        saved = self._release_save()
        woken = failed = False
        try:
            woken = self._sleep(gate, timeout)
            return woken
        except BaseException:
            failed = True
            raise
        finally:
            self._acquire_restore(saved)
            if not woken:
                try:
                    self._waiters.remove(gate)
                except ValueError:  # it was notified meanwhile
                    if failed:
                        self.notify()

    def _sleep(self, gate: Any, timeout: float | None) -> bool:
        waiter = self._owners.waiter()
        if waiter is not None:
            waiter.gate = gate
            if waiter.error is not None:
                raise waiter.error
        if timeout is None:
            woken = gate.acquire()
        else:
            woken = gate.acquire(True, timeout) if timeout > 0 else gate.acquire(False)
        if waiter is not None and waiter.error is not None:
            raise waiter.error
        return bool(woken)


class TracedCondition(GateCondition):
    """A condition as `threading.Condition()` gives it. Without a lock it brings one along, which is traced as well."""

    book: Book

    def __init__(self, lock: Any = None) -> None:
        if lock is None:
            book = self.book.probe.companion(self.book, "threading.RLock")
            lock = TracedRLock(book) if book is not None else new_rlock()
        super().__init__(self.book.owners, lock)

    def notify(self, n: int = 1) -> None:
        """As threading.Condition's."""
        if self._waiters:
            self.book.signal()
        super().notify(n)

    def _sleep(self, gate: Any, timeout: float | None) -> bool:
        with self.book.thread_waits():
            return super()._sleep(gate, timeout)


class _Semaphore(threading.Semaphore):
    """What both kinds of semaphores do besides."""

    book: Book
    _bounded = False
    _cond: GateCondition

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)  # says what is wrong in its own words
        self.book.primitive += f"({self._value})"
        self._mutex = new_lock()
        self._cond = GateCondition(self.book.owners, self._mutex)
        self._tokens = Tokens(self.book)

    def acquire(self, blocking: bool = True, timeout: float | None = None) -> bool:
        """As threading.Semaphore's. Whoever gives back what was taken like this may be somebody else."""
        return self._take(blocking, timeout, bound=False)

    def __enter__(self, blocking: bool = True, timeout: float | None = None) -> bool:
        return self._take(blocking, timeout, bound=True)

    def release(self, n: int = 1) -> None:
        """As threading.Semaphore's."""
        for _ in range(n):
            self._tokens.give(None)
        if n == 1 and not self._bounded:  # as below, in half the time
            with self._mutex:
                self._value += 1
                if self._cond._waiters:
                    self._cond.notify()
        else:
            super().release(n)

    def _take(self, blocking: bool, timeout: float | None, *, bound: bool) -> bool:
        if not blocking and timeout is not None:
            return super().acquire(blocking, timeout)  # raises what is wrong
        with self._mutex:
            got = self._value > 0
            if got:
                self._value -= 1
        if not got and blocking:
            with self.book.thread_waits():
                got = super().acquire(blocking, timeout)
        if got:
            self._tokens.take(None, 0, bound)
        return got


class TracedSemaphore(_Semaphore):
    """A semaphore as `threading.Semaphore()` gives it."""


class TracedBoundedSemaphore(_Semaphore, threading.BoundedSemaphore):
    """A semaphore as `threading.BoundedSemaphore()` gives it."""

    _bounded = True


class TracedEvent(threading.Event):
    """An event as `threading.Event()` gives it."""

    book: Book
    _cond: GateCondition

    def __init__(self) -> None:
        super().__init__()
        self._cond = GateCondition(self.book.owners, new_lock())

    def wait(self, timeout: float | None = None) -> bool:
        """As threading.Event's."""
        if self.is_set():
            return True
        with self.book.thread_waits():
            return super().wait(timeout)

    def set(self) -> None:
        """As threading.Event's."""
        if self._cond._waiters:
            self.book.signal()
        super().set()


class TracedBarrier(threading.Barrier):
    """A barrier as `threading.Barrier()` gives it; the last to come does not wait."""

    book: Book

    def __init__(self, parties: int, action: Any = None, timeout: float | None = None) -> None:
        super().__init__(parties, action, timeout)
        self._cond = GateCondition(self.book.owners, new_lock())

    def _wait(self, timeout: float | None) -> None:
        with self.book.thread_waits():
            super()._wait(timeout)  # type: ignore[misc]

    def _release(self) -> None:
        self.book.signal()
        super()._release()  # type: ignore[misc]


class _Queue(queue.Queue[Any]):
    """What all queues do besides: waits for room and for items are written, and how many are in it."""

    book: Book
    not_full: GateCondition
    not_empty: GateCondition

    def __init__(self, maxsize: int = 0) -> None:
        super().__init__(maxsize)
        owners = self.book.owners
        self.not_full, self.not_empty, self.all_tasks_done = (GateCondition(owners, self.mutex) for _ in range(3))
        self._length = self.book.probe.length(self.book)

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        """As queue.Queue's."""
        try:
            super().put(item, False)
        except queue.Full:
            if not block:
                raise
            with self.book.thread_waits(_QUEUED):
                super().put(item, block, timeout)

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        """As queue.Queue's."""
        try:
            return super().get(False)
        except queue.Empty:
            if not block:
                raise
            with self.book.thread_waits(_IDLE):
                return super().get(block, timeout)

    def join(self) -> None:
        """As queue.Queue's."""
        if self.unfinished_tasks:
            with self.book.thread_waits():
                super().join()

    def _put(self, item: Any) -> None:
        super()._put(item)
        if self.not_empty._waiters:
            self.book.signal()
        self._length.set(self._qsize())

    def _get(self) -> Any:
        item = super()._get()
        if self.not_full._waiters:
            self.book.signal()
        self._length.set(self._qsize())
        return item


class TracedQueue(_Queue):
    """A queue as `queue.Queue()` gives it."""


class TracedLifoQueue(_Queue, queue.LifoQueue[Any]):
    """A queue as `queue.LifoQueue()` gives it."""


class TracedPriorityQueue(_Queue, queue.PriorityQueue[Any]):
    """A queue as `queue.PriorityQueue()` gives it."""
