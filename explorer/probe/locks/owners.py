"""Who takes locks and waits for them in this process: threads, and tasks, which share their loop's thread.

Who waits is in a book here, so that a single one can be released: what it waits in then raises.
"""

import asyncio
import itertools
import threading
import weakref
from collections.abc import Callable
from typing import Any, Final

from explorer.probe.naming import coroutine_key, coroutine_name
from explorer.probe.tasks import TracedTask, current_task
from explorer.probe.tracer import Tracer
from explorer.records.lock_owners import THREAD, owner_argument
from explorer.ring.writer import Ring

_MOST_NAMES: Final = 10_000


class Released(RuntimeError):
    """Raised where somebody waited who was released."""


class Task:
    """What locks know of a task: its number, what it is called, and the loop it runs on."""

    __slots__ = ("loop", "name", "number", "task", "untold", "word")

    def __init__(self, number: int, name: int, task: "asyncio.Task[Any]", loop: asyncio.AbstractEventLoop) -> None:
        self.number = number
        self.name = name
        self.word = owner_argument(0, number)
        self.untold: list[Any] = []  # locks that it has without having told of it
        self.task = weakref.ref(task)
        self.loop = loop


class Waiter:
    """A thread that waits: `gate` is the lock that it sleeps at now, `error` what it is to raise when it wakes up."""

    __slots__ = ("error", "gate", "gone", "woken")

    def __init__(self) -> None:
        self.gone = False  # it stayed behind in the parent process
        self.gate: Any = None
        self.woken = False
        self.error: BaseException | None = None

    def wake(self) -> None:
        """Let it look again. Harmless when it is awake."""
        try:
            self.gate.release()
        except (RuntimeError, AttributeError):  # it was woken already, or does not sleep yet
            return


class Owners:
    """The threads and tasks of one process. Safe to use from any thread."""

    def __init__(self, tracer: Tracer, make_error: Callable[[str], BaseException] = Released) -> None:
        """`make_error` makes what is raised in who is released, from one sentence."""
        self._tracer = tracer
        self._make_error = make_error
        self._numbers = itertools.count(1)
        self._others: weakref.WeakKeyDictionary[asyncio.Task[Any], Task] = weakref.WeakKeyDictionary()
        self._names: dict[object, int] = {}
        self._threads: dict[int, Waiter] = {}
        self._tasks: dict[int, Task] = {}

    def name_thread(self, ring: Ring) -> int:
        """The number of the calling thread's name; `ring` is its own, and keeps it."""
        ring.name = self._tracer.name(threading.current_thread().name)
        return ring.name

    def task(self) -> Task | None:
        """The running task; None outside of tasks."""
        task = current_task()
        if task is None:
            return None
        known = getattr(task, "lock_owner", None)
        return known if isinstance(known, Task) else self._meet(task)

    # -- who waits -------------------------------------------------------------------------------------------------

    def wait_as_thread(self, releasable: bool = True) -> Waiter:
        """The calling thread begins to wait; in the book only if it can be released."""
        waiter = Waiter()
        if releasable:
            self._threads[threading.get_native_id()] = waiter
        return waiter

    def waiter(self) -> Waiter | None:
        """The calling thread as a waiter, if it waits."""
        return self._threads.get(threading.get_native_id())

    def over_as_thread(self) -> None:
        """The calling thread waits no more."""
        self._threads.pop(threading.get_native_id(), None)

    def forget_threads(self) -> None:
        """In a forked child: the threads that waited are not here."""
        for waiter in self._threads.values():
            waiter.gone = True
        self._threads.clear()

    def wait_as_task(self, task: Task) -> None:
        """`task` begins to wait.

        If it waits already, at a condition, this is for the condition's lock, and without that it cannot leave: from
        now on it cannot be released.
        """
        if self._tasks.pop(task.number, None) is None:
            self._tasks[task.number] = task

    def over_as_task(self, task: Task) -> None:
        """`task` waits no more."""
        self._tasks.pop(task.number, None)

    def release(self, tid: int, task: int, sentence: str) -> bool:
        """Raise in a thread (its native id) or a task (its number) that waits; False if it does not wait any more.

        Called on any thread but the one that waits.
        """
        if task:
            return self._release_task(task, sentence)
        waiter = self._threads.get(tid)
        if waiter is None:
            return False
        waiter.error = self._make_error(sentence)
        waiter.wake()
        return True

    def _release_task(self, number: int, sentence: str) -> bool:
        known = self._tasks.get(number)
        task = known.task() if known is not None else None
        if known is None or task is None:
            return False

        def raise_in_it() -> None:
            future = getattr(task, "_fut_waiter", None)
            if number in self._tasks and future is not None and not future.done():
                future.set_exception(self._make_error(sentence))

        try:
            known.loop.call_soon_threadsafe(raise_in_it)
        except RuntimeError:  # its loop is closed
            return False
        return True

    def _meet(self, task: "asyncio.Task[Any]") -> Task:
        known = self._others.get(task)
        if known is None:
            coroutine = task.get_coro()
            key = coroutine_key(coroutine)
            name = self._names.get(key)
            if name is None:
                if len(self._names) >= _MOST_NAMES:  # code that is made at run time must not grow this without end
                    self._names.clear()
                name = self._names[key] = self._tracer.name(coroutine_name(coroutine))
            known = Task(next(self._numbers) % THREAD or next(self._numbers), name, task, task.get_loop())
            if isinstance(task, TracedTask):
                task.lock_owner = known
            else:
                self._others[task] = known
        return known
