"""Traced `threading.Lock` and `threading.RLock`.

A lock that is free is taken as always, and its book is written: a begin, and the whole when it is given back. The book
of what is held lies in the lock itself and is only written by who holds it, so that it needs no lock of its own, with
or without a GIL.

Who must wait sleeps at a gate of its own, in the order of coming, and is woken when the lock is given back; it then
tries again. A thread that comes by at that moment may be faster, as it may with the lock of the standard library, where
the system wakes sleepers in this order as well. A gate of its own is what makes it possible to release one waiter.
"""

import threading
from asyncio import events
from collections import deque
from collections.abc import Callable
from time import monotonic, perf_counter_ns
from types import TracebackType
from typing import Any, Final

from explorer.probe.locks.book import Book
from explorer.probe.locks.owners import Released, Waiter
from explorer.probe.tasks import current_request
from explorer.records.lock_owners import owner_argument
from explorer.records.states import Flag, Kind, State

LOOK_AGAIN_S: Final = 1.0
"""A waiter looks by itself this often: with some processors whoever gives a lock back may not see it come."""
# As plain integers: looking a member up in an enumeration takes longer than storing it.
_HELD: Final = int(Kind.LOCK_HELD)
_RUNNING: Final = int(State.RUNNING)
_BEGIN: Final = int(Flag.BEGIN)
_COMPLETE: Final = int(Flag.COMPLETE)
_OF_THREAD: Final = owner_argument(0)

new_lock: Final = threading._allocate_lock  # type: ignore[attr-defined]
new_rlock: Final[Callable[[], Any]] = threading.RLock
Error = type[BaseException]


class Line:
    """Those who wait for one lock, in the order of coming."""

    __slots__ = ("waiters",)

    def __init__(self) -> None:
        self.waiters: deque[Waiter] = deque()

    def wait(self, waiter: Waiter, take: Callable[[bool], bool], timeout: float) -> bool:
        """Wait until `take(False)` succeeds; False when `timeout` (s, -1: none) is over.

        Raises what the waiter's `error` has become.
        """
        until = monotonic() + timeout if timeout >= 0 else None
        waiter.gate = gate = new_lock()
        gate.acquire()
        self.waiters.append(waiter)
        got = False
        try:
            # In this order: what is given back after the last look wakes who stands in line.
            while not (got := take(False)):
                if waiter.error is not None:
                    raise waiter.error
                left = LOOK_AGAIN_S if until is None else min(until - monotonic(), LOOK_AGAIN_S)
                if left <= 0:
                    return False
                gate.acquire(True, left)
                waiter.woken = False
            return True
        finally:
            self.waiters.remove(waiter)
            if not got:  # it may have been woken in another's place
                self.wake()

    def wake(self) -> None:
        """Wake who came first."""
        try:
            first = self.waiters[0]
        except IndexError:
            return
        if not first.woken:
            first.woken = True
            first.wake()


class TracedLock:
    """A lock as `threading.Lock()` gives it."""

    __slots__ = (
        "__weakref__", "_argument", "_give", "_inner", "_line", "_name", "_request", "_since", "_take", "book",
        "locked",
    )  # fmt: skip

    def __init__(self, book: Book) -> None:
        """A free one."""
        self.book = book
        self._line: Line | None = None
        self._since = 0
        self._start_with(new_lock())

    def _start_with(self, inner: Any) -> None:
        self._inner = inner
        self._take: Callable[[bool], bool] = inner.acquire
        self._give: Callable[[], None] = inner.release
        self.locked: Callable[[], bool] = inner.locked

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """As threading.Lock's."""
        if timeout != -1 or not blocking:
            if not self._try(blocking, timeout):
                return False
        elif not self._take(False):
            self._queue(-1)
        book = self.book
        tracer = book.tracer
        ring = tracer.local.ring or tracer.thread_ring()
        self._name = name = ring.name or book.owners.name_thread(ring)
        self._request = request = ring.request or (events._get_running_loop() and current_request()) or 0
        self._argument = argument = _OF_THREAD | ring.track
        self._since = start = perf_counter_ns()
        ring.write(start, 0, request, argument, name, book.track or book.declare(), _HELD, _RUNNING, 0, _BEGIN)
        return True

    def release(self) -> None:
        """As threading.Lock's."""
        since = self._since
        if since:
            self._since = 0
            book = self.book
            (book.tracer.local.ring or book.tracer.thread_ring()).write(
                since, perf_counter_ns() - since, self._request, self._argument, self._name, book.track, _HELD,
                _RUNNING, 0, _COMPLETE,
            )  # fmt: skip
        self._give()
        if self._line is not None and self._line.waiters:
            self._line.wake()

    __enter__ = acquire

    def __exit__(self, kind: Error | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.release()

    acquire_lock = acquire
    release_lock = release

    def locked_lock(self) -> bool:
        """An old name of `locked`."""
        return self.locked()

    def __repr__(self) -> str:
        return repr(self._inner)

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError(f"cannot pickle '{type(self._inner).__module__}.{type(self._inner).__name__}' object")

    def _at_fork_reinit(self) -> None:
        self._inner._at_fork_reinit()
        self._line = None
        self._since = 0

    def _try(self, blocking: bool, timeout: float) -> bool:
        new_lock().acquire(blocking, timeout)  # raises what is wrong with the arguments
        return self._take(False) or (blocking and timeout != 0 and self._queue(timeout))

    def _queue(self, timeout: float) -> bool:
        """Wait in line."""
        line = self._line
        if line is None:
            with self.book.lock:
                line = self._line = self._line or Line()
        with self.book.thread_waits() as waiter:
            return line.wait(waiter, self._take, timeout)


class TracedRLock:
    """A lock as `threading.RLock()` gives it: what its owner takes once more is neither waited for nor recorded."""

    __slots__ = (
        "__weakref__", "_argument", "_count", "_inner", "_is_owned", "_line", "_name", "_request", "_since", "_take",
        "book",
    )  # fmt: skip

    def __init__(self, book: Book) -> None:
        """A free one."""
        self.book = book
        self._line = Line()
        self._count = 0
        self._since = 0
        self._inner: Any = new_rlock()
        self._take: Callable[[bool], bool] = self._inner.acquire
        self._is_owned: Callable[[], bool] = self._inner._is_owned

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """As threading.RLock's."""
        if timeout != -1 or not blocking:
            new_lock().acquire(blocking, timeout)  # raises what is wrong with the arguments
            if not self._take(False) and not (blocking and timeout != 0 and self._queue(timeout)):
                return False
        elif not self._take(False):
            self._queue(-1)
        self._count = count = self._count + 1
        if count == 1:  # as `_begin`, which would take longer
            book = self.book
            tracer = book.tracer
            ring = tracer.local.ring or tracer.thread_ring()
            self._name = name = ring.name or book.owners.name_thread(ring)
            self._request = request = ring.request or (events._get_running_loop() and current_request()) or 0
            self._argument = argument = _OF_THREAD | ring.track
            self._since = start = perf_counter_ns()
            ring.write(start, 0, request, argument, name, book.track or book.declare(), _HELD, _RUNNING, 0, _BEGIN)
        return True

    def release(self) -> None:
        """As threading.RLock's."""
        if not self._is_owned():
            self._inner.release()  # raises what is wrong
            return
        self._count = count = self._count - 1
        if count:
            self._inner.release()
            return
        self._end()
        self._inner.release()
        if self._line.waiters:
            self._line.wake()

    __enter__ = acquire

    def __exit__(self, kind: Error | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.release()

    def __repr__(self) -> str:
        return repr(self._inner)

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError("cannot pickle '_thread.RLock' object")

    def __getattr__(self, name: str) -> Any:
        if name in ("locked", "_recursion_count"):  # newer Pythons have them
            return getattr(self._inner, name)
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def _at_fork_reinit(self) -> None:
        self._inner._at_fork_reinit()
        self._line = Line()
        self._count = self._since = 0

    def _release_save(self) -> int:
        if not self._is_owned():
            self._inner.release()  # raises what is wrong
        self._end()
        count, self._count = self._count, 0
        for _ in range(count):
            self._inner.release()
        self._line.wake()
        return count

    def _acquire_restore(self, count: int) -> None:
        error: BaseException | None = None
        got = self._take(False)
        while not got:
            try:
                got = self._queue(-1)
            except Released as released:  # whoever waits at a condition must have its lock to leave
                error = released
        for _ in range(count - 1):
            self._take(False)
        self._count = count
        self._begin()
        if error is not None:
            raise error

    def _begin(self) -> None:
        book = self.book
        tracer = book.tracer
        ring = tracer.local.ring or tracer.thread_ring()
        self._name = name = ring.name or book.owners.name_thread(ring)
        self._request = request = ring.request or (events._get_running_loop() and current_request()) or 0
        self._argument = argument = _OF_THREAD | ring.track
        self._since = start = perf_counter_ns()
        ring.write(start, 0, request, argument, name, book.track or book.declare(), _HELD, _RUNNING, 0, _BEGIN)

    def _end(self) -> None:
        since, book = self._since, self.book
        (book.tracer.local.ring or book.tracer.thread_ring()).write(
            since, perf_counter_ns() - since, self._request, self._argument, self._name, book.track, _HELD, _RUNNING, 0,
            _COMPLETE,
        )  # fmt: skip

    def _queue(self, timeout: float) -> bool:
        with self.book.thread_waits() as waiter:
            return self._line.wait(waiter, self._take, timeout)
