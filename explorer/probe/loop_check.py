"""Does the traced loop work with the interpreter at hand? Found out by trying, before it serves anybody.

The traced loop repeats a private method of the stdlib's. A new Python may change what surrounds it; then a server would
fail in ways that nobody could explain. So a small program runs on a traced loop first, over a ring in plain memory: it
sleeps, hands over from a thread's side, starts tasks. What comes out must be what went in.
"""

import asyncio
import functools
from collections import deque
from time import perf_counter
from typing import Any, Final

from explorer.probe.traced_loop import TracedLoop
from explorer.records.states import Kind
from explorer.ring import layout
from explorer.ring.columns import Columns
from explorer.ring.mapped import write_header

_REQUEST: Final = 7
_NEEDED: Final = (Kind.STEP, Kind.TIMER, Kind.HANDOVER, Kind.CALLBACK)


class MemoryRecorder:
    """A recorder over plain memory, for trying and for tests."""

    def __init__(self, capacity: int = 256) -> None:
        """Room for `capacity` callbacks."""
        self.memory = bytearray(layout.HEADER_SIZE + layout.data_size(layout.COLUMNS, capacity))
        write_header(self.memory, layout.COLUMNS, capacity)
        self.names: list[str] = [""]
        self.pending: deque[Any] = deque()
        self.detached = False

    def name(self, text: str) -> int:
        """Number the names from 1."""
        if text not in self.names:
            self.names.append(text)
        return self.names.index(text)

    def attach(self) -> Columns:
        """The ring in memory."""
        return Columns(self.memory)

    def detach(self, columns: Columns) -> None:
        """Note that the loop is closed."""
        self.detached = True

    def drain(self) -> None:
        """Take what is pending."""
        self.pending.clear()


@functools.cache
def loop_problem() -> str:
    """What is wrong with the traced loop under this interpreter; empty when it works."""
    recorder = MemoryRecorder()
    try:
        before = perf_counter()
        loop = TracedLoop(recorder)
        try:
            inherited = loop.run_until_complete(_program(loop))
        finally:
            loop.close()
        after = perf_counter()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    columns = Columns(recorder.memory)
    count = columns.head
    ends = columns.end[:count].tolist()
    kinds = {tag >> layout.KIND_SHIFT for tag in columns.tag[:count].tolist()}
    requests = {columns.request_of[at] for at in range(count) if columns.tag[at] >> layout.KIND_SHIFT == Kind.STEP}
    if missing := [kind.name for kind in _NEEDED if kind not in kinds]:
        return f"no callbacks of kind {', '.join(missing)} were seen"
    if not (ends and before <= ends[0] and ends == sorted(ends) and ends[-1] <= after):
        return "the times of callbacks are out of order"
    if not inherited or _REQUEST not in requests:
        return "tasks do not keep their request"
    return ""


async def _program(loop: TracedLoop) -> bool:
    async def child() -> int:
        await asyncio.sleep(0)
        return int(getattr(asyncio.current_task(), "request", 0))

    async def parent() -> int:
        await asyncio.sleep(0.0001)
        return await asyncio.create_task(child())

    handed = loop.create_future()
    loop.call_soon_threadsafe(handed.set_result, None)
    soon = loop.create_future()
    loop.call_soon(soon.set_result, None)
    loop.starting = _REQUEST
    request: int = await loop.create_task(parent())
    await handed
    await soon
    return request == _REQUEST
