"""The loop's handles with a time stamp: when a callback became due.

Each is the stdlib's handle with one more slot and a constructor that leaves out what only debug mode needs; that pays
for the stamp. The class also says where the callback came from, which is most of its kind:

    Soon       call_soon                       steps of tasks, plain callbacks
    Handed     call_soon_threadsafe            hand-overs from other threads
    Later      call_later, call_at             timers; its deadline is its stamp
    Signalled  add_signal_handler              signals
    Handle     add_reader, add_writer          the stdlib's own; its stamp is the moment the selector returned
"""

from asyncio.events import Handle, TimerHandle
from contextvars import copy_context
from time import perf_counter
from typing import Any


class Soon(Handle):
    """A callback to run in the next iteration; `stamp` is when it was scheduled, in seconds."""

    __slots__ = ("stamp",)

    def __init__(self, callback: Any, args: Any, loop: Any, context: Any = None) -> None:
        """As the stdlib's, without its traceback."""
        self._context = copy_context() if context is None else context
        self._loop = loop
        self._callback = callback
        self._args = args
        self._cancelled = False
        self._repr = None
        self._source_traceback = None
        self.stamp = perf_counter()


class Handed(Soon):
    """A callback from another thread."""

    __slots__ = ()


class Signalled(Soon):
    """A signal's callback; stamped when the signal's byte arrived."""

    __slots__ = ()


class Later(TimerHandle):
    """A callback with a deadline, `_when`, in seconds of `perf_counter`."""

    __slots__ = ()

    def __init__(self, when: float, callback: Any, args: Any, loop: Any, context: Any = None) -> None:
        """As the stdlib's, without its traceback."""
        self._context = copy_context() if context is None else context
        self._loop = loop
        self._callback = callback
        self._args = args
        self._cancelled = False
        self._repr = None
        self._source_traceback = None
        self._when = when
        self._scheduled = False

    def __lt__(self, other: Any) -> bool:
        """The earlier deadline first; a heap of timers compares nothing else."""
        return bool(self._when < other._when)
