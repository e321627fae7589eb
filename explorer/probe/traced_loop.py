"""The traced event loop: every callback, its wait in the ready queue, every wait in the selector.

How it works. The stdlib's loop is one method, `_run_once`: ask the selector, queue what is ready, run the queue. This
class repeats that method with three kinds of stores between its lines, all into columns of a mapped ring
(`explorer.ring.columns` says what they mean to a reader):

- once per iteration: when the selector returned, when the first callback began, how many are ready;
- before a callback: what it is (its *tag*, a word of kind and name), since when it was due, for which request;
- after it: the time. There is one clock reading per callback, because the end of one is the start of the next.

That the tag is stored first is the point of the arrangement: while a callback blocks the loop for ten seconds, nothing
can run that would report it, yet its tag and the end of the callback before it already lie in shared memory. An open
span costs nothing.

What it costs. A store into a memory view takes 24 ns, a clock reading 40. A record packed per callback would take 300.
The rest of the method is not slower than the stdlib's and partly faster: callbacks, reader events and timers are
handled in place where the stdlib calls methods. Counted in instructions, the loop costs what the stdlib's does, and
a hello-world server with its requests recorded executes 2–3.5 % more (`python -m tests.bench overhead` takes the time).

What a callback is, is read from the classes of its handle (`explorer.probe.handles`: where it came from) and of the
callable (what will run). Nothing here raises in the ordinary case, and `try` is free until something does. Tags of
functions are kept by name, tags of tasks in the task.

When it steps aside. In debug mode the stdlib's own `_run_once` runs (its slow-callback log needs it) and callbacks are
not recorded. When the stdlib's loop is not the one this was written for, `explorer.probe.loop` finds out by trying
(`explorer.probe.loop_check`), says so once and gives out plain loops.

On Windows the loop of choice is the proactor; see `explorer.probe.proactor`.
"""

import asyncio
import logging
import select
import selectors
import sys
import types
from asyncio import current_task, format_helpers
from asyncio.events import Handle
from collections import deque
from collections.abc import Callable
from heapq import heapify, heappop, heappush
from math import ceil
from time import perf_counter
from typing import Any, Final, Protocol

from explorer.probe.handles import Handed, Later, Signalled, Soon
from explorer.probe.naming import callable_key, callable_name, coroutine_key, coroutine_name
from explorer.probe.tasks import Step, TracedTask
from explorer.records.states import Kind
from explorer.ring import layout
from explorer.ring.columns import Columns

logger: Final = logging.getLogger(__name__)

_HEAD: Final = layout.WORD_HEAD
_NOT_READABLE: Final = ~getattr(select, "EPOLLIN", 0)
_NOT_WRITABLE: Final = ~getattr(select, "EPOLLOUT", 0)
_LONGEST_WAIT: Final = 24 * 3600  # as the stdlib: some selectors fail with more
_MANY_TIMERS: Final = 100  # as the stdlib: from here on cancelled timers are swept when they are the majority
_MOST_TAGS: Final = 10_000
_Method: Final = types.MethodType
_Builtin: Final = types.BuiltinMethodType
_Function: Final = types.FunctionType
_plain: Any = asyncio.SelectorEventLoop


class Recorder(Protocol):
    """What the loop needs from its surroundings: names, a ring, and somebody who clears up after it.

    `pending` holds what could not be written when it happened; the loop calls `drain` between iterations when it is
    not empty.
    """

    pending: deque[Any]

    def name(self, text: str) -> int:
        """The number of a name."""
        ...

    def attach(self) -> Columns | None:
        """Called on the loop's thread before it first runs: the columns to write to, None to run untraced."""
        ...

    def detach(self, columns: Columns) -> None:
        """The loop is closed."""
        ...

    def drain(self) -> None:
        """Write what is pending, on the loop's thread."""
        ...


class _Trace:
    """What the loop keeps for itself, in one attribute.

    An object with more than thirty attributes in its dictionary, or with slots beside the dictionary of its base, is
    off the interpreter's fast paths: every access to anything of the loop would cost a look-up.
    """

    __slots__ = (
        "attached",
        "builtin_tags",
        "columns",
        "function_tags",
        "io_tags",
        "keys",
        "method_tags",
        "pending",
        "place",
        "poll",
        "recorder",
        "reserved",
        "step_tags",
        "tags",
    )

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.pending = recorder.pending
        self.columns: Columns | None = None
        self.attached = False
        self.place = 0
        self.reserved = 0
        self.poll: Callable[[float, int], list[tuple[int, int]]] | None = None
        self.keys: dict[int, Any] = {}
        self.tags: dict[Kind, dict[object, int]] = {kind: {} for kind in Kind}
        self.step_tags = self.tags[Kind.STEP]
        self.function_tags = self.tags[Kind.CALLBACK]
        self.method_tags: dict[object, int] = {}
        self.io_tags: dict[object, int] = {}
        self.builtin_tags: dict[type, dict[str, int]] = {}


class TracedLoop(asyncio.SelectorEventLoop):
    """The selector loop, traced. `starting` is the request whose first task is created next (0: none)."""

    _ready: deque[Any]
    _scheduled: list[Any]
    _timer_cancelled_count: int
    _clock_resolution: float
    _stopping: bool
    _closed: bool
    _debug: bool
    _selector: Any
    _task_factory: Any
    _signal_handlers: dict[int, Any]
    _process_events: Callable[[Any], None]
    _remove_reader: Callable[[Any], bool]
    _remove_writer: Callable[[Any], bool]
    _write_to_self: Callable[[], None]

    time = staticmethod(perf_counter)  # one clock for timers and records; a method would cost more

    def __init__(self, recorder: Recorder) -> None:
        """Make a loop that writes to what `recorder` gives when it first runs."""
        self.starting = 0
        self._trace = _Trace(recorder)
        super().__init__()
        if type(self._selector) is getattr(selectors, "EpollSelector", None):
            # The selector's own `select` builds a list of objects of what epoll says; the loop takes them apart again.
            self._trace.poll = self._selector._selector.poll
            self._trace.keys = self._selector._fd_to_key

    # -- running ------------------------------------------------------------------------------------------------------

    def run_forever(self) -> None:
        """Run until stopped; the first time, take a ring for the thread that runs the loop."""
        trace = self._trace
        if not trace.attached:
            trace.attached = True
            trace.columns = columns = trace.recorder.attach()
            if columns is not None:
                trace.reserved = columns.head
                trace.place = columns.head % columns.capacity
        super().run_forever()

    def close(self) -> None:
        """Close the loop and let go of its ring."""
        columns, self._trace.columns = self._trace.columns, None
        super().close()
        if columns is not None:
            self._trace.recorder.detach(columns)

    def _run_once(self) -> None:
        trace = self._trace
        columns = trace.columns
        if columns is None or self._debug:
            _plain._run_once(self)
            return
        if trace.pending:
            trace.recorder.drain()
        ready = self._ready
        scheduled = self._scheduled
        events: Any
        keys: Any
        if scheduled:
            if self._timer_cancelled_count > _MANY_TIMERS // 2:
                scheduled = self._sweep_timers()
            while scheduled and scheduled[0]._cancelled:
                self._timer_cancelled_count -= 1
                heappop(scheduled)._scheduled = False

        if ready or self._stopping:
            timeout: float | None = 0
        elif scheduled:
            timeout = scheduled[0]._when - perf_counter()
            if timeout < 0:
                timeout = 0
            elif timeout > _LONGEST_WAIT:
                timeout = _LONGEST_WAIT
        else:
            timeout = None
        poll, keys = trace.poll, trace.keys
        if poll is not None:
            events = poll(-1 if timeout is None else timeout and ceil(timeout * 1e3) * 1e-3, len(keys) or 1)
            wake = perf_counter()
            for fd, mask in events:
                key = keys.get(fd)
                if key is None:
                    continue
                # A handle is there if and only if the file is registered for it; errors and hang-ups wake both.
                reader, writer = key.data
                if reader is not None and mask & _NOT_WRITABLE:
                    if reader._cancelled:
                        self._remove_reader(fd)
                    else:
                        ready.append(reader)
                if writer is not None and mask & _NOT_READABLE:
                    if writer._cancelled:
                        self._remove_writer(fd)
                    else:
                        ready.append(writer)
        else:
            events = self._selector.select(timeout)
            wake = perf_counter()
            self._process_events(events)
        if scheduled:
            due = wake + self._clock_resolution
            while scheduled and scheduled[0]._when < due:
                handle = heappop(scheduled)
                handle._scheduled = False
                ready.append(handle)
        # What a callback frees must be freed when it is over, not an iteration later.
        events = keys = key = reader = writer = handle = None
        count = len(ready)
        if count:
            self._run_ready(columns, wake, count)

    def _run_ready(self, columns: Columns, wake: float, count: int) -> None:
        """Run `count` callbacks. What they append to the queue meanwhile is for the next iteration."""
        clock = perf_counter
        trace = self._trace
        tags, ends, stamps, requests = columns.tag, columns.end, columns.stamp, columns.request_of
        method_tags, function_tags, builtin_tags = trace.method_tags, trace.function_tags, trace.builtin_tags
        popleft = self._ready.popleft
        place = trace.place
        columns.wake[place] = wake
        columns.start[place] = clock()
        slot = stop = place
        try:
            while count:
                # Slots are reserved before they are filled: a reader must know which old ones it may not trust. Not
                # more than half of the ring at once, or the reader could not tell a new slot from one of the lap
                # before.
                room = columns.capacity - place
                part = count if count <= room else room
                if part > columns.largest:
                    part = columns.largest
                trace.reserved = reserved = trace.reserved + part
                stop = place + part
                columns.words[_HEAD] = reserved
                for slot in range(place, stop):
                    handle = popleft()
                    if handle._cancelled:
                        tags[slot] = 0
                        ends[slot] = clock()
                        continue
                    callback = handle._callback
                    origin = handle.__class__
                    try:
                        if origin is Soon:
                            stamps[slot] = handle.stamp
                            shape = callback.__class__
                            if shape is Step:
                                owner = callback.__self__
                                requests[slot] = owner.request
                                tags[slot] = owner.tag
                            elif shape is _Builtin:
                                owner = callback.__self__
                                if owner.__class__ is TracedTask:  # the wake-up of a task that awaited a future
                                    requests[slot] = owner.request
                                    tags[slot] = owner.tag
                                else:
                                    tags[slot] = builtin_tags[owner.__class__][callback.__name__]
                            elif shape is _Method:
                                tags[slot] = method_tags[callback.__func__]
                            elif shape is _Function:
                                tags[slot] = function_tags[callback.__qualname__]
                            else:
                                tags[slot] = self._tag(Kind.CALLBACK, callback)
                        elif origin is Handle and callback.__class__ is _Method:
                            stamps[slot] = wake
                            tags[slot] = trace.io_tags[callback.__func__]
                        else:
                            self._describe(columns, slot, handle, wake)
                    except (KeyError, AttributeError):
                        self._describe(columns, slot, handle, wake)
                    try:
                        if handle._args:
                            handle._context.run(callback, *handle._args)
                        else:
                            handle._context.run(callback)
                    except (SystemExit, KeyboardInterrupt):
                        raise
                    except BaseException as error:
                        self._report(handle, callback, error)
                    ends[slot] = clock()
                count -= part
                place = stop if stop < columns.capacity else 0
        except BaseException:
            # The loop is being torn down. What was reserved for callbacks that stay in the queue is marked as unused.
            now = clock()
            ends[slot] = now
            for unused in range(slot + 1, stop):
                tags[unused] = 0
                ends[unused] = now
            trace.place = stop % columns.capacity
            raise
        finally:
            handle = callback = owner = None
        trace.place = place

    def _report(self, handle: Any, callback: Any, error: BaseException) -> None:
        """Tell the loop's exception handler, in the stdlib's words."""
        source = format_helpers._format_callback_source(callback, handle._args or ())
        self.call_exception_handler(
            {"message": f"Exception in callback {source}", "exception": error, "handle": handle},
        )

    def _sweep_timers(self) -> list[Any]:
        """Drop cancelled timers when they are the majority, as the stdlib does; the heap to go on with."""
        scheduled = self._scheduled
        if len(scheduled) > _MANY_TIMERS and self._timer_cancelled_count > len(scheduled) // 2:
            kept = []
            for handle in scheduled:
                if handle._cancelled:
                    handle._scheduled = False
                else:
                    kept.append(handle)
            heapify(kept)
            self._scheduled = scheduled = kept
            self._timer_cancelled_count = 0
        return scheduled

    # -- what a callback is -------------------------------------------------------------------------------------------

    def _describe(self, columns: Columns, place: int, handle: Any, wake: float) -> None:
        """Fill the slot of a callback that is rare or is seen for the first time."""
        callback = handle._callback
        origin = handle.__class__
        request = 0
        if origin is Later:
            stamp, tag = handle._when, self._tag(Kind.TIMER, callback)
        elif origin is Handed:
            stamp, tag = handle.stamp, self._tag(Kind.HANDOVER, callback)
        elif origin is Signalled:
            stamp, tag = handle.stamp, self._tag(Kind.SIGNAL, callback)
        elif origin is Soon:
            stamp = handle.stamp
            tag, request = self._describe_soon(callback)
        else:
            stamp = wake  # also the loop's own wake-up: what woke it, a hand-over or a signal, is a callback by itself
            tag = self._tag(Kind.IO, callback)
            if callback.__class__ is _Method:
                _keep(self._trace.io_tags, callback.__func__, tag)
        columns.stamp[place] = stamp
        columns.request_of[place] = request
        columns.tag[place] = tag

    def _describe_soon(self, callback: Any) -> tuple[int, int]:
        """Tag and request of a callback from `call_soon`."""
        owner = getattr(callback, "__self__", None)
        if isinstance(owner, asyncio.Task) and (callback.__class__ is Step or callback.__class__ is _Builtin):
            # A task that another factory made.
            return self._step_tag(owner.get_coro()), getattr(owner, "request", 0)
        tag = self._tag(Kind.CALLBACK, callback)
        if callback.__class__ is _Method:
            _keep(self._trace.method_tags, callback.__func__, tag)
        elif callback.__class__ is _Builtin:
            _keep(self._trace.builtin_tags.setdefault(type(owner), {}), callback.__name__, tag)
        return tag, 0

    def _tag(self, kind: Kind, callback: Any) -> int:
        key = callable_key(callback)
        tags = self._trace.tags[kind]
        tag = tags.get(key)
        if tag is None:
            tag = kind << layout.KIND_SHIFT | self._trace.recorder.name(callable_name(callback))
            _keep(tags, key, tag)
        return tag

    def _step_tag(self, coroutine: Any) -> int:
        key = coroutine_key(coroutine)
        tag = self._trace.step_tags.get(key)
        if tag is None:
            tag = Kind.STEP << layout.KIND_SHIFT | self._trace.recorder.name(coroutine_name(coroutine))
            _keep(self._trace.step_tags, key, tag)
        return tag

    # -- scheduling ---------------------------------------------------------------------------------------------------

    def call_soon(  # type: ignore[override]  # typeshed ties the arguments to the callback by a type variable
        self, callback: Any, *args: Any, context: Any = None
    ) -> Handle:
        """As the stdlib's, with the time."""
        if self._closed or self._debug:
            return super().call_soon(callback, *args, context=context)
        handle = Soon(callback, args, self, context)
        self._ready.append(handle)
        return handle

    def call_soon_threadsafe(  # type: ignore[override]  # as above
        self, callback: Any, *args: Any, context: Any = None
    ) -> Handle:
        """As the stdlib's, with the time."""
        if self._closed or self._debug:
            return super().call_soon_threadsafe(callback, *args, context=context)
        handle = Handed(callback, args, self, context)
        self._ready.append(handle)
        self._write_to_self()
        return handle

    def call_later(  # type: ignore[override]  # as above
        self, delay: Any, callback: Any, *args: Any, context: Any = None
    ) -> Any:
        """As the stdlib's."""
        if self._closed or self._debug or delay is None:
            return super().call_later(delay, callback, *args, context=context)
        handle = Later(perf_counter() + delay, callback, args, self, context)
        heappush(self._scheduled, handle)
        handle._scheduled = True
        return handle

    def call_at(  # type: ignore[override]  # as above
        self, when: Any, callback: Any, *args: Any, context: Any = None
    ) -> Any:
        """As the stdlib's."""
        if self._closed or self._debug or when is None:
            return super().call_at(when, callback, *args, context=context)
        handle = Later(when, callback, args, self, context)
        heappush(self._scheduled, handle)
        handle._scheduled = True
        return handle

    def create_task(self, coro: Any, *, name: Any = None, context: Any = None, **more: Any) -> Any:
        """As the stdlib's; the task works for the request that is starting, or else for its creator's."""
        request, self.starting = self.starting, 0
        if self._closed or self._debug or more or self._task_factory is not None:
            return super().create_task(coro, name=name, context=context, **more)
        task = TracedTask(coro, loop=self, name=name, context=context)
        task.request = request or getattr(current_task(self), "request", 0)
        try:
            task.tag = self._trace.step_tags[coro.__qualname__]
        except (KeyError, AttributeError):
            task.tag = self._step_tag(coro)
        return task

    if sys.platform != "win32":

        def add_signal_handler(  # type: ignore[override]  # as above
            self, sig: int, callback: Any, *args: Any
        ) -> None:
            """As the stdlib's, with the time of the signal."""
            super().add_signal_handler(sig, callback, *args)
            self._signal_handlers[sig] = Signalled(callback, args, self)

        def _add_callback_signalsafe(self, handle: Any) -> None:
            if handle.__class__ is Signalled:
                handle.stamp = perf_counter()
            _plain._add_callback_signalsafe(self, handle)


def _keep(tags: dict[Any, int], key: object, tag: int) -> None:
    """Remember a tag; code that is made at run time must not grow this without end."""
    if len(tags) >= _MOST_TAGS:
        tags.clear()
    tags[key] = tag
