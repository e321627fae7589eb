"""Puts traced locks in the place of the standard library's, for whoever makes one in the app's own code.

The classes that are written in Python stay where they are and what they are: asked for a new instance by the app, they
give one of a traced subclass, so that `isinstance`, subclasses and names imported earlier are as always. `Lock` and
`RLock` are functions or cannot be subclassed; a stand-in takes their name in `threading`.
"""

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence
from typing import Any, Final

from explorer.probe.locks.book import Book, LockProbe
from explorer.probe.locks.owners import Owners, Released
from explorer.probe.locks.places import Places
from explorer.probe.locks.task_locks import (
    TracedTaskBarrier,
    TracedTaskBoundedSemaphore,
    TracedTaskCondition,
    TracedTaskEvent,
    TracedTaskLifoQueue,
    TracedTaskLock,
    TracedTaskPriorityQueue,
    TracedTaskQueue,
    TracedTaskSemaphore,
)
from explorer.probe.locks.thread_locks import TracedLock, TracedRLock
from explorer.probe.locks.thread_others import (
    TracedBarrier,
    TracedBoundedSemaphore,
    TracedCondition,
    TracedEvent,
    TracedLifoQueue,
    TracedPriorityQueue,
    TracedQueue,
    TracedSemaphore,
)
from explorer.probe.tracer import Tracer

TRACED: Final[tuple[tuple[type[Any], type[Any], str], ...]] = (
    (threading.Condition, TracedCondition, "threading.Condition"),
    (threading.Semaphore, TracedSemaphore, "threading.Semaphore"),
    (threading.BoundedSemaphore, TracedBoundedSemaphore, "threading.BoundedSemaphore"),
    (threading.Event, TracedEvent, "threading.Event"),
    (threading.Barrier, TracedBarrier, "threading.Barrier"),
    (queue.Queue, TracedQueue, "queue.Queue"),
    (queue.LifoQueue, TracedLifoQueue, "queue.LifoQueue"),
    (queue.PriorityQueue, TracedPriorityQueue, "queue.PriorityQueue"),
    (asyncio.Lock, TracedTaskLock, "asyncio.Lock"),
    (asyncio.Semaphore, TracedTaskSemaphore, "asyncio.Semaphore"),
    (asyncio.BoundedSemaphore, TracedTaskBoundedSemaphore, "asyncio.BoundedSemaphore"),
    (asyncio.Condition, TracedTaskCondition, "asyncio.Condition"),
    (asyncio.Event, TracedTaskEvent, "asyncio.Event"),
    (asyncio.Barrier, TracedTaskBarrier, "asyncio.Barrier"),
    (asyncio.Queue, TracedTaskQueue, "asyncio.Queue"),
    (asyncio.LifoQueue, TracedTaskLifoQueue, "asyncio.LifoQueue"),
    (asyncio.PriorityQueue, TracedTaskPriorityQueue, "asyncio.PriorityQueue"),
)


class LockTracing:
    """Traced locks in this process, from now until `undo`; those that were made meanwhile go on being traced."""

    def __init__(
        self, tracer: Tracer, own: Sequence[str] = (), make_error: Callable[[str], BaseException] = Released
    ) -> None:
        """`own` as in `Places`, `make_error` as in `Owners`."""
        self.owners = Owners(tracer, make_error)
        self.probe = LockProbe(tracer, self.owners, Places(own))
        tracer.pool_probes.append(f"{__name__}:attach")
        self._undo: list[Callable[[], None]] = []
        for name, traced, primitive in (
            ("Lock", TracedLock, "threading.Lock"),
            ("RLock", TracedRLock, "threading.RLock"),
        ):
            self._replace(
                threading, name, _stand_in(name, getattr(threading, name), self._maker(traced, primitive), traced)
            )
        self._trace_processes()
        for kind, traced, primitive in TRACED:
            # What is printed of them, in a log say, is what it always was.
            traced.__module__, traced.__qualname__, traced.__name__ = kind.__module__, kind.__qualname__, kind.__name__
            self.trace(kind, traced, primitive)

    def trace(
        self, plain: type[Any], traced: type[Any], primitive: str, begin: Callable[[Book], None] = lambda book: None
    ) -> None:
        """Let `plain`, a class written in Python, give instances of its subclass `traced` to the app.

        `begin` is called with each new book.
        """
        probe = self.probe

        def new(cls: type[Any], *args: Any, **kwargs: Any) -> Any:
            book = probe.book(primitive) if cls is plain else None
            if book is None:
                return _made(plain, cls, args, kwargs)
            begin(book)
            made = object.__new__(traced)
            made.book = book
            return made

        plain.__new__ = staticmethod(new)  # type: ignore[assignment]
        self._undo.append(lambda: setattr(plain, "__new__", staticmethod(_plain_new(plain))))

    def _trace_processes(self) -> None:
        try:
            from explorer.probe.locks import process_locks
        except ImportError:  # a system without semaphores for several processes
            return
        for kind, traced, primitive in process_locks.TRACED:
            self.trace(kind, traced, primitive, process_locks.share)
        before = list(process_locks.here)
        process_locks.here[:] = [self.probe]
        self._undo.append(lambda: process_locks.here.__setitem__(slice(None), before))

    def undo(self) -> None:
        """Make new locks plain ones again."""
        while self._undo:
            self._undo.pop()()

    def _maker(self, traced: type[Any], primitive: str) -> Callable[[], Any]:
        def make() -> Any:
            book = self.probe.book(primitive, depth=2)
            return None if book is None else traced(book)

        return make

    def _replace(self, module: Any, name: str, value: Any) -> None:
        before = getattr(module, name)
        setattr(module, name, value)
        self._undo.append(lambda: setattr(module, name, before))


def attach(tracer: Tracer) -> Callable[[], None]:
    """Trace the locks of a pool process. Returns what undoes it."""
    return LockTracing(tracer).undo


def name_lock(lock: object, name: str) -> None:
    """Call a lock `name` where it is shown. Does nothing when it is not traced."""
    book = getattr(lock, "book", None)
    if isinstance(book, Book):
        book.rename(name)


def _plain_new(plain: type[Any]) -> Callable[..., Any]:
    """As without a `__new__`, which cannot be had again: once it is deleted `object` complains about the arguments."""

    def new(cls: type[Any], *args: Any, **kwargs: Any) -> Any:
        return _made(plain, cls, args, kwargs)

    return new


def _made(plain: type[Any], cls: type[Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """An instance of `cls`, `plain` or a subclass of it, as if `plain` had no `__new__`."""
    following = super(plain, cls).__new__  # another base of a subclass may have one
    return object.__new__(cls) if following is object.__new__ else following(cls, *args, **kwargs)


def _stand_in(name: str, plain: Any, make: Callable[[], Any], traced: type[Any]) -> type[Any]:
    """What is called as `plain` is, and gives what `make` makes if that is not None."""
    kind = type(plain())

    class StandIn(type):
        """A type for `isinstance`, also where there was only a function."""

        def __call__(cls, *args: Any, **kwargs: Any) -> Any:
            if args or kwargs:
                return plain(*args, **kwargs)  # raises what is wrong
            made = make()
            return plain() if made is None else made

        def __instancecheck__(cls, thing: object) -> bool:
            return isinstance(thing, (kind, traced))

    return StandIn(name, (), {"__module__": "threading", "__doc__": kind.__doc__})
