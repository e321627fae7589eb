"""Traced `multiprocessing.Lock`, `RLock`, `Semaphore`, `BoundedSemaphore`, `Condition`, `Event` and its queues.

Several processes have one of them; each writes on a track of its own what its threads do with it, and the tracks say
by a common word that they are of one lock. It travels with the lock to a process that is started with it. Such a
process, which the app has started, joins the run when the lock arrives there.

Who waits looks ten times a second whether it was released: the system's semaphores can be waited for in no other way.
"""

import secrets
from collections.abc import Callable
from itertools import count
from multiprocessing import queues, synchronize, util
from queue import Empty, Full
from time import monotonic, perf_counter_ns
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from explorer.probe.locks.book import Book, LockProbe, Tokens
from explorer.probe.locks.owners import Owners, Waiter
from explorer.probe.locks.places import Places, Site
from explorer.probe.tasks import current_request
from explorer.probe.tracer import STARTED_BY_APP, Tracer
from explorer.records.lock_owners import owner_argument
from explorer.records.states import Flag, Kind, Role, State

if TYPE_CHECKING:
    _PlainQueue = queues.Queue[Any]
    _PlainJoinable = queues.JoinableQueue[Any]
else:  # older Pythons' cannot be subscripted
    _PlainQueue, _PlainJoinable = queues.Queue, queues.JoinableQueue

LOOK_S: Final = 0.1
_QUEUED: Final = int(State.QUEUED)
_IDLE: Final = int(State.IDLE)
# As plain integers: looking a member up in an enumeration takes longer than storing it.
_HELD: Final = int(Kind.LOCK_HELD)
_RUNNING: Final = int(State.RUNNING)
_BEGIN: Final = int(Flag.BEGIN)
_COMPLETE: Final = int(Flag.COMPLETE)

here: Final[list[LockProbe]] = []
"""The probe of this process, if it has one. Locks arrive by pickle and have nothing else to find it by."""


class Told(NamedTuple):
    """What a lock takes along to another process."""

    primitive: str
    name: str
    place: str
    shared: str


def share(book: Book) -> None:
    """The lock of `book` may be had by several processes."""
    book.shared = secrets.token_hex(8)


def told(book: Book | None) -> Told | None:
    """What to take along."""
    return Told(book.primitive, book.name, book.site.place, book.shared) if book is not None else None


def arrived(words: Told | None) -> Book | None:
    """The book of a lock that came with these words; None in a process that takes part in no run."""
    if words is None:
        return None
    if not here:
        tracer = Tracer.join(Role.POOL, STARTED_BY_APP)
        if tracer is None:
            return None
        util.Finalize(None, tracer.close, exitpriority=0)
        here.append(LockProbe(tracer, Owners(tracer), Places()))
    site = Site(words.name, words.place, False, count(1))
    book = Book(here[0], words.primitive, site, 1, 0, words.name)
    book.shared = words.shared
    return book


def wait_for(take: Callable[..., bool], waiter: Waiter | None, timeout: float | None) -> bool:
    """Wait until `take` succeeds, with looks in between; raises what the waiter's `error` has become."""
    until = monotonic() + timeout if timeout is not None else None
    while True:
        left = LOOK_S if until is None else min(until - monotonic(), LOOK_S)
        if left <= 0:
            return take(False)
        if take(True, left):
            return True
        if waiter is not None and waiter.error is not None:
            raise waiter.error


class _Traced(synchronize.SemLock):
    """What they have in common: the system's semaphore, and the book (None where there is no run)."""

    book: Book | None
    _semlock: Any
    _take: Callable[..., bool]
    _give: Callable[[], None]

    def _make_methods(self) -> None:
        self._take, self._give = self._semlock.acquire, self._semlock.release

    def __getstate__(self) -> Any:
        return super().__getstate__(), told(self.book)

    def __setstate__(self, state: Any) -> None:
        state, words = state
        self.book = arrived(words)
        super().__setstate__(state)  # type: ignore[misc]
        self._begin()

    def _begin(self) -> None:
        """The books begin, in every process anew."""

    def _wait(self, block: bool, timeout: float | None) -> bool:
        """Take it; waits in the books if it must wait."""
        if self._take(False):
            return True
        if not block or (timeout is not None and timeout <= 0):
            return False
        if self.book is None:
            return self._take(block, timeout)
        with self.book.thread_waits() as waiter:
            return wait_for(self._take, waiter, timeout)

    def __exit__(self, *error: object) -> None:
        self.release()


class _Exclusive(_Traced):
    """Locks that one thread of one process has at a time; what is held is only written by who holds it."""

    _since = 0

    def acquire(self, block: bool = True, timeout: float | None = None) -> bool:
        """As multiprocessing.Lock's."""
        if not self._wait(block, timeout):
            return False
        book = self.book
        if book is not None and self._semlock._count() == 1:
            ring = book.tracer.thread_ring()
            self._name = ring.name or book.owners.name_thread(ring)
            self._request, self._argument = ring.request or current_request(), owner_argument(ring.track)
            self._since = start = perf_counter_ns()
            track = book.track or book.declare()
            ring.write(start, 0, self._request, self._argument, self._name, track, _HELD, _RUNNING, 0, _BEGIN)
        return True

    def release(self) -> None:
        """As multiprocessing.Lock's."""
        book, since = self.book, self._since
        if book is not None and since and self._semlock._count() == 1:
            self._since = 0
            book.tracer.thread_ring().write(
                since, perf_counter_ns() - since, self._request, self._argument, self._name, book.track, _HELD,
                _RUNNING, 0, _COMPLETE,
            )  # fmt: skip
        self._give()

    def __enter__(self) -> bool:
        return self.acquire()


class TracedProcessLock(_Exclusive, synchronize.Lock):
    """A lock as `multiprocessing.Lock()` gives it."""


class TracedProcessRLock(_Exclusive, synchronize.RLock):
    """A lock as `multiprocessing.RLock()` gives it."""


class _Semaphore(_Traced):
    """What both kinds of semaphores do besides."""

    _tokens: Tokens | None = None

    def __init__(self, value: int = 1, *, ctx: Any) -> None:
        if self.book is not None:
            self.book.primitive += f"({value})"
        super().__init__(value, ctx=ctx)  # type: ignore[call-arg]
        self._begin()
        util.register_after_fork(self, _Semaphore._begin)  # what is held, and by whom, is the parent's

    def _begin(self) -> None:
        self._tokens = Tokens(self.book) if self.book is not None else None

    def acquire(self, block: bool = True, timeout: float | None = None) -> bool:
        """As multiprocessing.Semaphore's. Whoever gives back what was taken like this may be somebody else."""
        return self._take_one(block, timeout, bound=False)

    def __enter__(self) -> bool:
        return self._take_one(True, None, bound=True)

    def release(self) -> None:
        """As multiprocessing.Semaphore's."""
        if self._tokens is not None:
            self._tokens.give(None)
        self._give()

    def _take_one(self, block: bool, timeout: float | None, *, bound: bool) -> bool:
        got = self._wait(block, timeout)
        if got and self._tokens is not None:
            self._tokens.take(None, 0, bound)
        return got


class TracedProcessSemaphore(_Semaphore, synchronize.Semaphore):
    """A semaphore as `multiprocessing.Semaphore()` gives it."""


class TracedProcessBoundedSemaphore(_Semaphore, synchronize.BoundedSemaphore):
    """A semaphore as `multiprocessing.BoundedSemaphore()` gives it."""


class _Watched:
    """The semaphore at which a condition's waiters sleep."""

    def __init__(self, plain: Any, book: Book | None) -> None:
        self.plain = plain
        self.release = plain.release
        self._book = book

    def acquire(self, block: bool = True, timeout: float | None = None) -> bool:
        """Sleep until somebody notifies; without `block` only look."""
        if not block or self._book is None:
            return bool(self.plain.acquire(block, timeout))
        with self._book.thread_waits() as waiter:
            return wait_for(self.plain.acquire, waiter, timeout)


class TracedProcessCondition(synchronize.Condition):
    """A condition as `multiprocessing.Condition()` gives it. Without a lock it brings one along, traced as well."""

    book: Book | None
    _wait_semaphore: Any

    def __init__(self, lock: Any = None, *, ctx: Any) -> None:
        if lock is None and self.book is not None:
            book = self.book.probe.companion(self.book, "multiprocessing.RLock")
            if book is not None:
                share(book)
                lock = TracedProcessRLock.__new__(TracedProcessRLock)
                lock.book = book
                lock.__init__(ctx=ctx)
        super().__init__(lock, ctx=ctx)
        self._wait_semaphore = _Watched(self._wait_semaphore, self.book)

    def __getstate__(self) -> Any:
        state: Any = super().__getstate__()
        return (*state[:-1], state[-1].plain), told(self.book)

    def __setstate__(self, state: Any) -> None:
        state, words = state
        self.book = arrived(words)
        super().__setstate__(state)  # type: ignore[misc]
        self._wait_semaphore = _Watched(self._wait_semaphore, self.book)

    def notify(self, n: int = 1) -> None:
        """As multiprocessing.Condition's."""
        if self.book is not None:
            self.book.signal()
        super().notify(n)


class TracedProcessEvent(synchronize.Event):
    """An event as `multiprocessing.Event()` gives it."""

    book: Book | None

    def __getstate__(self) -> Any:
        return {key: value for key, value in self.__dict__.items() if key != "book"}, told(self.book)

    def __setstate__(self, state: Any) -> None:
        values, words = state
        self.__dict__.update(values)
        self.book = arrived(words)

    def wait(self, timeout: float | None = None) -> bool:
        """As multiprocessing.Event's."""
        if self.book is None or self.is_set():
            return super().wait(timeout)
        with self.book.thread_waits(releasable=False):
            return super().wait(timeout)

    def set(self) -> None:
        """As multiprocessing.Event's."""
        if self.book is not None:
            self.book.signal()
        super().set()


class _Queue(_PlainQueue):
    """What both kinds of queues do besides: waits for room and for items are written."""

    book: Book | None

    def __getstate__(self) -> Any:
        return super().__getstate__(), told(self.book)

    def __setstate__(self, state: Any) -> None:
        state, words = state
        self.book = arrived(words)
        super().__setstate__(state)

    def put(self, obj: Any, block: bool = True, timeout: float | None = None) -> None:
        """As multiprocessing.Queue's."""
        try:
            super().put(obj, False)
        except Full:
            if not block or self.book is None:
                super().put(obj, block, timeout)
                return
            with self.book.thread_waits(_QUEUED, releasable=False):
                super().put(obj, block, timeout)

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        """As multiprocessing.Queue's."""
        try:
            return super().get(False)
        except Empty:
            if not block or self.book is None:
                return super().get(block, timeout)
            with self.book.thread_waits(_IDLE, releasable=False):
                return super().get(block, timeout)


class TracedProcessQueue(_Queue):
    """A queue as `multiprocessing.Queue()` gives it."""


class TracedProcessJoinableQueue(_Queue, _PlainJoinable):
    """A queue as `multiprocessing.JoinableQueue()` gives it."""


TRACED: Final[tuple[tuple[type[Any], type[Any], str], ...]] = (
    (synchronize.Lock, TracedProcessLock, "multiprocessing.Lock"),
    (synchronize.RLock, TracedProcessRLock, "multiprocessing.RLock"),
    (synchronize.Semaphore, TracedProcessSemaphore, "multiprocessing.Semaphore"),
    (synchronize.BoundedSemaphore, TracedProcessBoundedSemaphore, "multiprocessing.BoundedSemaphore"),
    (synchronize.Condition, TracedProcessCondition, "multiprocessing.Condition"),
    (synchronize.Event, TracedProcessEvent, "multiprocessing.Event"),
    (queues.Queue, TracedProcessQueue, "multiprocessing.Queue"),
    (queues.JoinableQueue, TracedProcessJoinableQueue, "multiprocessing.JoinableQueue"),
)
