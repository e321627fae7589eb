"""Traced `threading.Lock` and `threading.RLock`.

A lock that is free is taken as always, and its book is written: a begin, and the whole when it is given back. The book
of what is held lies in the lock itself and is only written by who holds it, so that it needs no lock of its own, with
or without a GIL.

Who must wait sleeps at a gate of its own, in the order of coming, and is woken when the lock is given back; it then
tries again. A thread that comes by at that moment may be faster, as it may with the lock of the standard library, where
the system wakes sleepers in this order as well. A gate of its own is what makes it possible to release one waiter.
"""

import threading
from collections import deque
from collections.abc import Callable
from time import monotonic, perf_counter_ns
from types import TracebackType
from typing import Any, Final

from explorer.probe.locks.book import MOST_HOLDS, SHORT_NS, WINDOW_NS, Book
from explorer.probe.locks.owners import Released, Waiter
from explorer.probe.tasks import current_request, running_loop
from explorer.records.lock_owners import owner_argument
from explorer.records.states import Flag, Kind, State

SOON_S: Final = 0.02
LOOK_AGAIN_S: Final = 1.0
"""A waiter looks by itself this often: with some processors whoever gives a lock back may not see it come."""
# As plain integers: looking a member up in an enumeration takes longer than storing it.
_HELD: Final = int(Kind.LOCK_HELD)
_RUNNING: Final = int(State.RUNNING)
_BEGIN: Final = int(Flag.BEGIN)
_COMPLETE: Final = int(Flag.COMPLETE)
_OF_THREAD: Final = owner_argument(0)
_OF_ANYBODY: Final = owner_argument(0, bound=False)


def new_lock() -> Any:
    """A plain lock: what `threading` has for it now, as a library may have put its own there (gevent does)."""
    return threading._allocate_lock()  # type: ignore[attr-defined]


new_rlock: Final[Callable[[], Any]] = threading.RLock
Error = type[BaseException]


class Line:
    """Those who wait for one lock, in the order of coming."""

    __slots__ = ("waiters",)

    def __init__(self) -> None:
        self.waiters: deque[Waiter] = deque()

    def wait(self, waiter: Waiter, take: Callable[[bool], bool], timeout: float, tell: Callable[[], None]) -> bool:
        """Wait until `take(False)` succeeds; False when `timeout` (s, -1: none) is over.

        `tell` is called when the waiter stands in line, soon after, and each time it looks by itself. Raises what the
        waiter's `error` has become.
        """
        until = monotonic() + timeout if timeout >= 0 else None
        waiter.gate = gate = new_lock()
        gate.acquire()
        self.waiters.append(waiter)
        got = False
        try:
            tell()
            patience = SOON_S
            # In this order: what is given back after the last look wakes who stands in line.
            while not (got := take(False)):
                if waiter.error is not None:
                    raise waiter.error
                left = patience if until is None else min(until - monotonic(), patience)
                if left <= 0:
                    return False
                if not gate.acquire(True, left):
                    tell()
                    patience = LOOK_AGAIN_S
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
            while first.gone:
                self.waiters.remove(first)
                first = self.waiters[0]
        except (IndexError, ValueError):  # nobody is there, or somebody else sees to it
            return
        if not first.woken:
            first.woken = True
            first.wake()


class _Held:
    """What one thread at a time holds; the attributes with an underscore are only written by who holds it.

    Beyond `MOST_HOLDS` in `WINDOW_NS` short holds are left out, and counted. Of one that lasts it is told all the same:
    by the holder before it waits for something else, so that no circle is missed, or by whoever begins to wait for it
    or has waited for a while; at the end in any case.
    """

    __slots__ = (
        "__weakref__", "_argument", "_home", "_left", "_left_out", "_line", "_name", "_request", "_ring", "_seen",
        "_since", "_until", "_word", "book",
    )  # fmt: skip

    def __init__(self, book: Book) -> None:
        """A free one."""
        self.book = book
        self._word = _OF_THREAD
        self._forget()

    def _forget(self) -> None:
        self._line = Line()
        self._since = self._seen = self._until = self._left = self._left_out = 0

    def _begin(self) -> None:
        """The calling thread has taken it."""
        book = self.book
        tracer = book.tracer
        self._ring = ring = tracer.local.ring or tracer.thread_ring()
        self._name = name = ring.name or book.owners.name_thread(ring)
        self._request = request = ring.request or (running_loop() and current_request()) or 0
        self._argument = argument = self._word | ring.track
        start = perf_counter_ns()
        if start > self._until:
            self._renew(start)
        self._left = left = self._left - 1
        self._since = start
        if left >= 0:
            ring.write(start, 0, request, argument, name, book.track or book.declare(), _HELD, _RUNNING, 0, _BEGIN)
        else:
            self._home = home = tracer.local.untold
            home.append(self)

    def _end(self) -> None:
        """It is about to be given back, usually by who took it."""
        since, end = self._since, perf_counter_ns()
        self._since = 0
        book = self.book
        tracer = book.tracer
        ring = tracer.local.ring or tracer.thread_ring()
        if ring is not self._ring:  # a signal between threads: from now on in nobody's hands
            self._word = _OF_ANYBODY
        if self._left >= 0:  # as `_write_end`, which would take longer
            ring.write(
                since, end - since, self._request, self._argument, self._name, book.track, _HELD, _RUNNING, 0, _COMPLETE
            )
            return
        self._home.remove(self)
        if end - since > SHORT_NS or self._line.waiters or self._seen == since:
            self.book.declare()  # before the lock, which it takes as well
            with self.book.probe.guard:  # one who waits may just be telling of its begin
                if end - since > SHORT_NS or self._seen == since:
                    self._write_end(since, end)
                    return
        self._left_out += 1

    def _write_end(self, since: int, end: int) -> None:
        book = self.book
        tracer = book.tracer
        (tracer.local.ring or tracer.thread_ring()).write(
            since, end - since, self._request, self._argument, self._name, book.track, _HELD, _RUNNING, 0, _COMPLETE
        )

    def tell(self) -> None:
        """It is held, and perhaps nobody has told of it yet."""
        track = self.book.declare()
        with self.book.probe.guard:
            since = self._since
            if since and self._left < 0 and self._seen != since:
                self._seen = since
                ring = self.book.tracer.thread_ring()
                ring.write(since, 0, self._request, self._argument, self._name, track, _HELD, _RUNNING, 0, _BEGIN)

    def _renew(self, now: int) -> None:
        self._until = now + WINDOW_NS
        self._left = MOST_HOLDS
        if self._left_out:
            self.book.probe.leave_out(self._left_out)
            self._left_out = 0

    def _queue(self, take: Callable[[bool], bool], timeout: float) -> bool:
        """Wait in line."""
        with self.book.thread_waits() as waiter:
            return self._line.wait(waiter, take, timeout, self.tell)


class TracedLock(_Held):
    """A lock as `threading.Lock()` gives it."""

    __slots__ = ("_give", "_inner", "_take", "locked")

    def __init__(self, book: Book) -> None:
        """A free one."""
        super().__init__(book)
        self._inner: Any = new_lock()
        self._take: Callable[[bool], bool] = self._inner.acquire
        self._give: Callable[[], None] = self._inner.release
        self.locked: Callable[[], bool] = self._inner.locked

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """As threading.Lock's."""
        if timeout != -1 or not blocking:
            if not self._try(blocking, timeout):
                return False
        elif not self._take(False):
            self._queue(self._take, -1)
        self._begin()
        return True

    def release(self) -> None:
        """As threading.Lock's."""
        if self._since:
            self._end()
        self._give()
        if self._line.waiters:
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
        self._forget()

    def _try(self, blocking: bool, timeout: float) -> bool:
        new_lock().acquire(blocking, timeout)  # raises what is wrong with the arguments
        return self._take(False) or (blocking and timeout != 0 and self._queue(self._take, timeout))


class TracedRLock(_Held):
    """A lock as `threading.RLock()` gives it: what its owner takes once more is neither waited for nor recorded."""

    __slots__ = ("_count", "_inner", "_is_owned", "_take")

    def __init__(self, book: Book) -> None:
        """A free one."""
        super().__init__(book)
        self._count = 0
        self._inner: Any = new_rlock()
        self._take: Callable[[bool], bool] = self._inner.acquire
        self._is_owned: Callable[[], bool] = self._inner._is_owned

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """As threading.RLock's."""
        if timeout != -1 or not blocking:
            new_lock().acquire(blocking, timeout)  # raises what is wrong with the arguments
            if not self._take(False) and not (blocking and timeout != 0 and self._queue(self._take, timeout)):
                return False
        elif not self._take(False):
            self._queue(self._take, -1)
        self._count = count = self._count + 1
        if count == 1:
            self._begin()
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
        self._count = 0
        self._forget()

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
                got = self._queue(self._take, -1)
            except Released as released:  # whoever waits at a condition must have its lock to leave
                error = released
        for _ in range(count - 1):
            self._take(False)
        self._count = count
        self._begin()
        if error is not None:
            raise error
