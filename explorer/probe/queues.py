"""An asyncio.Queue whose length and waits are seen.

An item belongs to the request that puts it. Two waits are written for that request: for room, while the queue is full,
and in the queue, until a consumer takes the item. The consumer is nobody's at first; from `get` on it works for the
item's request, until it asks for the next.
"""

import asyncio
from time import perf_counter_ns
from typing import Any

from explorer.probe.counters import Counter
from explorer.probe.tasks import current_request, work_for
from explorer.probe.tracer import Tracer
from explorer.records.schema import span_argument
from explorer.records.states import Flag, Kind, State

Entry = tuple[Any, int, int, int]
"""An item in the queue, its request, since when (ns) it has been there, how many were there before."""


class TracedQueue(asyncio.Queue[Any]):
    """The queue; its length is the counter "`name` length"."""

    def __init__(self, tracer: Tracer, name: str, maxsize: int = 0) -> None:
        """`name` is what the timeline calls it."""
        super().__init__(maxsize)
        self._tracer = tracer
        self._room = tracer.name(f"waits for room in the {name}")
        self._turn = tracer.name(f"waits in the {name}")
        self._length = Counter(tracer, f"{name} length", "items")

    async def put(self, item: Any) -> None:
        """As asyncio.Queue's."""
        if not self.full():
            await super().put(item)
            return
        start, request, before = perf_counter_ns(), current_request(), self.qsize()
        self._begin(start, request, self._room, before)
        try:
            await super().put(item)
        finally:
            self._end(start, request, self._room, before)

    async def get(self) -> Any:
        """As asyncio.Queue's."""
        work_for(asyncio.current_task(), 0)
        return await super().get()

    def _put(self, item: Any) -> None:
        now, request, before = perf_counter_ns(), current_request(), self.qsize()
        self._begin(now, request, self._turn, before)
        entry: Entry = (item, request, now, before)
        super()._put(entry)
        self._length.set(before + 1)

    def _get(self) -> Any:
        entry: Entry = super()._get()
        item, request, since, before = entry
        self._end(since, request, self._turn, before)
        self._length.set(self.qsize())
        work_for(asyncio.current_task(), request)
        return item

    def _begin(self, start: int, request: int, name: int, value: int) -> None:
        track = self._tracer.requests_track
        self._tracer.thread_ring().begin(start, request, name, track, Kind.QUEUE_WAIT, State.QUEUED, value=value)

    def _end(self, start: int, request: int, name: int, value: int) -> None:
        duration, argument = perf_counter_ns() - start, span_argument(value)
        track = self._tracer.requests_track
        self._tracer.thread_ring().write(
            start, duration, request, argument, name, track, Kind.QUEUE_WAIT, State.QUEUED, 0, Flag.COMPLETE
        )
