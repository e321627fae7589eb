"""Windows: what is traced of the proactor loop. Written with care and untried.

There the loop's I/O completes in the kernel, and its `_run_once` works with another selector. This variant overrides
nothing but the way tasks are made, as for uvloop: the steps of tasks are recorded, the rest is not. `loop.time` is
replaced, because it ticks in steps of 15.6 ms before Python 3.13.
"""

import asyncio
import sys
from time import perf_counter
from typing import Any

from explorer.probe.loop import bind_loop_thread
from explorer.probe.naming import coroutine_name
from explorer.probe.steps import TimedCoroutine
from explorer.probe.tasks import TracedTask
from explorer.probe.tracer import Tracer
from explorer.ring.writer import Ring

if sys.platform == "win32":

    class TracedProactorLoop(asyncio.ProactorEventLoop):
        """The proactor loop whose tasks time their steps. `starting` is as in `TracedLoop`."""

        def __init__(self, tracer: Tracer) -> None:
            """Tasks write to the ring of the thread that runs the loop."""
            self.starting = 0
            self._tracer = tracer
            self._ring: Ring | None = None
            super().__init__()

        def time(self) -> float:
            """The clock of all records."""
            return perf_counter()

        def run_forever(self) -> None:
            """Run until stopped; the first time, make the thread an event loop's."""
            if self._ring is None:
                bind_loop_thread(self._tracer)
                self._ring = self._tracer.thread_ring()
            super().run_forever()

        def create_task(self, coro: Any, *, name: Any = None, context: Any = None) -> Any:
            """As the stdlib's; the task works for the request that is starting, or else for its creator's."""
            request, self.starting = self.starting, 0
            if self._ring is None:
                return super().create_task(coro, name=name, context=context)
            request = request or getattr(asyncio.current_task(self), "request", 0)
            timed = TimedCoroutine(coro, self._ring, self._tracer.name(coroutine_name(coro)), request)
            task = TracedTask(timed, loop=self, name=name, context=context)
            task.request = request
            task.tag = 0
            return task
