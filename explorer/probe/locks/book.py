"""One traced lock's book: its name, its track, and the records about it.

The track is declared when somebody takes the lock or waits for it for the first time; when a lock is no more, the next
one that the same line of source makes takes its track over. A thread's wait lies on the thread's own lane, a task's on
the requests' track, as it does not keep its thread; who holds lies on the lock's track. Both are written when they
begin, before anybody can block, and when they end: a deadlock is seen while it lasts. Why not in the ring's open slots:
a thread has eight, a task none, and what they say is not in order with what other threads say, while records are. So
whoever reads sees at every moment who held and who waited.
"""

import logging
import os
import sys
import threading
import weakref
from collections import deque
from time import perf_counter_ns
from types import TracebackType
from typing import Any, Final

from explorer.probe.counters import Counter
from explorer.probe.locks.owners import Owners, Task, Waiter
from explorer.probe.locks.places import MOST, Places, Site
from explorer.probe.tasks import current_request, running_loop
from explorer.probe.tracer import Tracer
from explorer.records.lock_owners import owner_argument
from explorer.records.states import Flag, Kind, State, TrackKind

MOST_HOLDS: Final = 500
WINDOW_NS: Final = 50_000_000
"""A lock tells of at most so many short holds in this time: the rings have room for that beside all else."""
SHORT_NS: Final = 200_000
LEFT_OUT: Final = "short lock holds left out"
"""The counter that says how many there were."""
logger: Final = logging.getLogger(__name__)
_THREAD_DEPTH: Final = 1  # above the job or the callback that waits
# As plain integers: looking a member up in an enumeration takes longer than storing it.
_WAIT: Final = int(Kind.LOCK_WAIT)
_HELD: Final = int(Kind.LOCK_HELD)
_SIGNAL: Final = int(Kind.LOCK_SIGNAL)
_WAITING: Final = int(State.WAITING_LOCK)
_RUNNING: Final = int(State.RUNNING)
_BEGIN: Final = int(Flag.BEGIN)
_COMPLETE: Final = int(Flag.COMPLETE)
_INSTANT: Final = int(Flag.INSTANT)
_DEEPEST: Final = 255
_BOUND: Final = owner_argument(0)
_UNBOUND: Final = owner_argument(0, bound=False)
_UNBOUND_BIT: Final = _UNBOUND ^ _BOUND
Error = type[BaseException]
BETWEEN: Final = " · "
"""Stands between a lock's name and the place where somebody waits for it."""


class LockProbe:
    """What all traced locks of one process share."""

    def __init__(self, tracer: Tracer, owners: Owners, places: Places) -> None:
        self.tracer = tracer
        self.owners = owners
        self.places = places
        self.guard = threading.RLock()
        """For what is seldom done to a book; one for all, so that a forked child can have a new one.

        Like all locks in here it may be taken once more by who has it: a signal handler or a finalizer of the app may
        take a lock of its own at any moment.
        """
        self._lock = threading.RLock()
        if hasattr(os, "register_at_fork"):
            me = weakref.ref(self)  # the registration cannot be taken back
            os.register_at_fork(after_in_child=lambda: _unlock(me()))
        self._living = 0
        self._complained = False
        self._left_out = 0
        self._out: Counter | None = None
        self._gone: deque[tuple[Site, int, int, str]] = deque()
        self._lengths: dict[tuple[str, str], Length] = {}

    def book(self, primitive: str, depth: int = 1) -> "Book | None":
        """A book for the lock that the frame `depth` above the caller's makes; None if it is not to be traced."""
        try:
            frame = self.places.maker(sys._getframe(depth + 1))
            return None if frame is None else self._open(self.places.site(frame, primitive), primitive)
        except Exception as error:  # whatever it is, the app must have its lock
            if not self._complained:
                self._complained = True
                logger.warning("A lock of the app is not shown: %s: %s", type(error).__name__, error)
            return None

    def companion(self, book: "Book", primitive: str) -> "Book | None":
        """A book for the lock that the lock of `book` brings along, made by the same line."""
        return self._open(self.places.companion(book.site), primitive)

    def _open(self, site: Site, primitive: str) -> "Book | None":
        with self._lock:
            while self._gone:
                gone, number, track, name = self._gone.popleft()
                gone.give_back(number, track, name)
                self._living -= 1
            if self._living >= MOST:
                return None
            self._living += 1
            number, name, track, before = site.take()
        if before != name and track:  # somebody gave the one before a name of its own
            self.tracer.rename(track, TrackKind.LOCK, name)
        return Book(self, primitive, site, number, track, name)

    def leave_out(self, holds: int) -> None:
        """So many holds were too many to tell of each."""
        with self._lock:
            if self._out is None:
                self._out = Counter(self.tracer, LEFT_OUT, "holds")
            self._left_out += holds
            self._out.set(self._left_out)

    def length(self, book: "Book") -> "Length":
        """What shows how many items are in a queue. Queues of one name in several files are told apart."""
        name, place = book.name, book.site.place
        with self._lock:
            if (name, place) not in self._lengths:
                shown = f"{name} ({place})" if any(known == name for known, _ in self._lengths) else name
                self._lengths[name, place] = Length(Counter(self.tracer, f"{shown} length", "items"))
            return self._lengths[name, place]

    def forget(self, site: Site, number: int, track: int, name: str) -> None:
        """A lock is no more. May be called at any moment, by the garbage collector for example."""
        self._gone.append((site, number, track, name))


def _unlock(probe: LockProbe | None) -> None:
    """In a forked child: other threads may have been at it when the process forked, and they are not here."""
    if probe is not None:
        probe.guard, probe._lock = threading.RLock(), threading.RLock()
        probe.places.unlock()
        probe.owners.forget_threads()


class Length:
    """How many items are in a queue; shown at most so often as a lock's holds are."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter
        self._until = self._left = 0

    def set(self, items: int) -> None:
        """So many from now on."""
        now = perf_counter_ns()
        if now > self._until:
            self._until, self._left = now + WINDOW_NS, MOST_HOLDS
        if self._left > 0:
            self._left -= 1
            self._counter.set(items)


class Book:
    """What is written about one lock. `track` is 0 until somebody has met it."""

    __slots__ = (
        "_number",
        "_waits",
        "name",
        "owners",
        "primitive",
        "probe",
        "shared",
        "site",
        "tracer",
        "track",
    )

    def __init__(self, probe: LockProbe, primitive: str, site: Site, number: int, track: int, name: str) -> None:
        self.probe = probe
        self.tracer = probe.tracer
        self.owners = probe.owners
        self.primitive = primitive
        self.name = name
        self.track = track
        self.shared = ""
        self.site = site
        self._number = number
        self._waits: dict[str, int] = {}

    def __del__(self) -> None:
        self.probe.forget(self.site, self._number, self.track, self.name)

    def declare(self) -> int:
        """The lock's track."""
        with self.probe.guard:
            if not self.track:
                self.track = self.tracer.declare(
                    TrackKind.LOCK, self.name, what=self.primitive, place=self.site.place, shared=self.shared
                )
            return self.track

    def rename(self, name: str) -> None:
        """The lock has another name from now on."""
        with self.probe.guard:
            self.name = name
            self._waits = {}
            if self.track:
                self.tracer.rename(self.track, TrackKind.LOCK, name)

    # -- waiting ---------------------------------------------------------------------------------------------------

    def thread_waits(self, state: int = _WAITING, *, releasable: bool = True) -> "ThreadWait":
        """The calling thread waits meanwhile. `releasable`: it looks whether its waiter has an `error` now."""
        return ThreadWait(self, state, releasable)

    def task_waits(self, state: int = _WAITING) -> "TaskWait":
        """The running task waits meanwhile, and others run."""
        return TaskWait(self, state)

    def wait_name(self) -> int:
        """The number of the lock's name and the place in the app's code that waits for it."""
        place = self.probe.places.caller(sys._getframe(2))
        name = self._waits.get(place)
        if name is None:
            name = self._waits[place] = self.tracer.name(f"{self.name}{BETWEEN}{place}" if place else self.name)
        return name

    # -- waking ----------------------------------------------------------------------------------------------------

    def signal(self) -> None:
        """The caller wakes who waits here."""
        ring = self.tracer.thread_ring()
        task = self.owners.task()
        argument = owner_argument(ring.track, task.number) if task is not None else owner_argument(ring.track)
        name = task.name if task is not None else ring.name or self.owners.name_thread(ring)
        request = ring.request or (running_loop() and current_request()) or 0
        track = self.track or self.declare()
        ring.write(perf_counter_ns(), 0, request, argument, name, track, _SIGNAL, 0, 0, _INSTANT)


class ThreadWait:
    """A thread's wait, for `with`; gives the waiter, who is in the book of those that can be released."""

    __slots__ = ("_argument", "_book", "_name", "_releasable", "_request", "_ring", "_start", "_state")

    def __init__(self, book: Book, state: int, releasable: bool) -> None:
        self._book = book
        self._state = state
        self._releasable = releasable

    def __enter__(self) -> Waiter:
        book = self._book
        self._ring = ring = book.tracer.thread_ring()
        self._name, self._request = book.wait_name(), ring.request or current_request()
        self._argument = owner_argument(book.track or book.declare())
        for held in book.tracer.local.untold:  # whoever waits for its locks must see who has them
            held.tell()
        waiter = book.owners.wait_as_thread(self._releasable)
        self._start = start = perf_counter_ns()
        ring.write(
            start, 0, self._request, self._argument, self._name, ring.track, _WAIT, self._state, _THREAD_DEPTH, _BEGIN
        )
        ring.wait_for_lock(start)
        return waiter

    def __exit__(self, kind: Error | None, error: BaseException | None, trace: TracebackType | None) -> None:
        ring, start = self._ring, self._start
        ring.wait_for_lock(0)
        self._book.owners.over_as_thread()
        duration = perf_counter_ns() - start
        ring.write(
            start, duration, self._request, self._argument, self._name, ring.track, _WAIT, self._state, _THREAD_DEPTH,
            _COMPLETE,
        )  # fmt: skip


class TaskWait:
    """A task's wait, for `with`."""

    __slots__ = ("_argument", "_book", "_name", "_request", "_start", "_state", "_task")

    def __init__(self, book: Book, state: int) -> None:
        self._book = book
        self._state = state

    def __enter__(self) -> None:
        book = self._book
        self._task = task = book.owners.task()
        self._name, self._request = book.wait_name(), current_request()
        track = book.track or book.declare()
        self._argument = owner_argument(track, task.number) if task is not None else owner_argument(track)
        if task is not None:
            for held in task.untold:  # as with threads
                held.tell()
            book.owners.wait_as_task(task)
        self._start = start = perf_counter_ns()
        self._write(start, 0, _BEGIN)

    def __exit__(self, kind: Error | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._task is not None:
            self._book.owners.over_as_task(self._task)
        self._write(self._start, perf_counter_ns() - self._start, _COMPLETE)

    def _write(self, start: int, duration: int, flag: int) -> None:
        tracer = self._book.tracer
        tracer.thread_ring().write(
            start,
            duration,
            self._request,
            self._argument,
            self._name,
            tracer.requests_track,
            _WAIT,
            self._state,
            0,
            flag,
        )


class Tokens:
    """What is held of a lock that several may have at the same time, each at a depth of its own."""

    __slots__ = ("_book", "_deepest", "_free", "_holds", "_lock")

    def __init__(self, book: Book) -> None:
        self._book = book
        self._holds: dict[object, _Token] = {}
        self._free: list[int] = []
        self._deepest = 0
        self._lock = threading.RLock()

    def take(self, task: Task | None, request: int, bound: bool) -> None:
        """The caller, `task` that works for `request` or else a thread, has taken one.

        `bound`: it will give it back itself.
        """
        book = self._book
        tracer = book.tracer
        ring = tracer.local.ring or tracer.thread_ring()
        track = ring.track
        owner: object
        if task is None:
            owner, name = track, ring.name or book.owners.name_thread(ring)
            argument = (_BOUND if bound else _UNBOUND) | track
            request = ring.request or (running_loop() and current_request()) or 0
        else:
            owner, name = task, task.name
            argument = (task.word if bound else task.word | _UNBOUND_BIT) | track
        with self._lock:
            if self._free:
                depth = self._free.pop()
            else:
                depth = min(self._deepest, _DEEPEST)
                self._deepest += 1
            start = perf_counter_ns()
            ring.write(start, 0, request, argument, name, book.track or book.declare(), _HELD, _RUNNING, depth, _BEGIN)
            self._holds[owner] = (start, request, argument, name, depth, self._holds.get(owner))

    def give(self, task: Task | None) -> None:
        """The caller is about to give one back: one that it took itself if it did, else one of who came first.

        More may be given back than was taken.
        """
        book = self._book
        tracer = book.tracer
        ring = tracer.local.ring or tracer.thread_ring()
        owner: object = task or ring.track
        with self._lock:
            hold = self._holds.pop(owner, None)
            if hold is None:
                if not self._holds:
                    return
                owner = next(iter(self._holds))
                hold = self._holds.pop(owner)
            start, request, argument, name, depth, below = hold
            if below is not None:
                self._holds[owner] = below
            ring.write(
                start, perf_counter_ns() - start, request, argument, name, book.track, _HELD, _RUNNING, depth, _COMPLETE
            )
            self._free.append(depth)


_Token = tuple[int, int, int, int, int, Any]
"""Start, request, argument, name and depth of a record, and the token that the same owner took before."""
