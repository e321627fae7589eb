"""What a framework or library does for a request: a dependency, serialization, a background task, a query.

Such an operation may await, so that those of different requests overlap on one thread. It belongs to its request, the
pieces of whose way it names (`explorer.collect.operations`). Its depth, from 1, is the lowest that no other operation
of that request has meanwhile. It is told when it begins and when it ends. What is done for no request is not recorded.
"""

import threading
from collections.abc import Awaitable, Callable
from time import perf_counter_ns
from typing import Any, Final

from explorer.probe.served import Entry, Served
from explorer.probe.tasks import current_request
from explorer.probe.tracer import Tracer
from explorer.records.schema import span_argument
from explorer.records.states import Flag, Kind, State

RESOLVING: Final = "resolving dependencies"
SERIALIZING: Final = "serializing the answer"
"""What FastAPI's own operations are called of which each request has one."""
MOST_FOREIGN: Final = 500
"""Names of other libraries' spans that are kept in a process: some put an identifier into each."""
FOREIGN: Final = "other span"
"""What the spans beyond those are called."""
MOST_OWN: Final = 10_000
"""Names of what FastAPI does that are remembered, which are as many as an app has functions."""
DEEPEST: Final = 255
# As plain integers: looking a member up in an enumeration takes longer than storing it.
_OPERATION: Final = int(Kind.OPERATION)
_COMPLETE: Final = int(Flag.COMPLETE)
_BEGIN: Final = int(Flag.BEGIN)
_AWAITING: Final = int(State.AWAITING)
_ARGUMENT: Final = span_argument()

Mark = tuple[int, int, int, int]
"""An operation under way: start (ns), request, name, depth, which may be more than can be written."""


class OperationLog:
    """The operations of one process. Safe to use from any thread.

    With `served` only those count that are done while the app is asked, between `enter` and `leave`.
    """

    def __init__(self, tracer: Tracer, served: Served | None = None) -> None:
        self._tracer = tracer
        self._served = served
        self._closed = False
        self._track = tracer.requests_track
        self._names: dict[object, int] = {}
        self._foreign: dict[str, int] = {}
        self._taken: dict[int, int] = {}  # by request: a bit for each depth that is in use
        self._lock = threading.Lock()

    def name(self, key: object, make: Callable[[], str]) -> int:
        """The number of the name that `make` gives, which is asked once for each `key`."""
        number = self._names.get(key)
        if number is None:
            number = self._tracer.name(make())
            if len(self._names) < MOST_OWN:
                self._names[key] = number
        return number

    def foreign(self, text: str) -> int:
        """The number of the name of another library's span: its own for the first of them, one for all that follow."""
        number = self._foreign.get(text)
        if number is not None:
            return number
        with self._lock:
            if len(self._foreign) >= MOST_FOREIGN:
                text = FOREIGN
            if text not in self._foreign:
                self._foreign[text] = self._tracer.name(text)
            return self._foreign[text]

    def enter(self, websocket: bool) -> Entry:
        """The running task begins to ask the app for its request, or for the messages of a WebSocket."""
        with self._lock:
            return self._served.enter(websocket) if self._served is not None else 0

    def leave(self, entry: Entry) -> None:
        """The app has done what `enter` began."""
        with self._lock:
            if self._served is not None and self._served.leave(entry) and isinstance(entry, int):
                self._taken.pop(entry, None)

    def close(self) -> None:
        """Record nothing from now on, whoever still holds this log."""
        self._closed = True

    def begin(self, name: int) -> Mark | None:
        """An operation begins for the request that the caller works for; None if it works for none."""
        ring = self._tracer.thread_ring()
        request = ring.request or current_request()
        if not request or self._closed:
            return None
        with self._lock:
            if self._served is not None and request not in self._served:
                return None
            taken = self._taken.get(request, 0)
            bit = ~taken & taken + 1  # the lowest that is free
            self._taken[request] = taken | bit
        depth = bit.bit_length()
        shown = depth if depth < DEEPEST else DEEPEST
        start = perf_counter_ns()
        ring.write(start, 0, request, _ARGUMENT, name, self._track, _OPERATION, _AWAITING, shown, _BEGIN)
        return start, request, name, depth

    def end(self, mark: Mark | None) -> None:
        """What began with `mark` is over; may be another thread than where it began."""
        if mark is None:
            return
        start, request, name, depth = mark
        duration = perf_counter_ns() - start
        shown = depth if depth < DEEPEST else DEEPEST
        self._tracer.thread_ring().write(
            start, duration, request, _ARGUMENT, name, self._track, _OPERATION, _AWAITING, shown, _COMPLETE
        )
        with self._lock:
            left = self._taken.get(request, 0) & ~(1 << depth - 1)
            if left:
                self._taken[request] = left
            else:
                self._taken.pop(request, None)

    async def around(self, name: int, work: Awaitable[Any]) -> Any:
        """Await `work` as an operation."""
        mark = self.begin(name)
        try:
            return await work
        finally:
            self.end(mark)
