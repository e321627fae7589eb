"""What loops have in common of which only the steps of tasks can be seen: uvloop, and the proactor of Windows.

Their queue and selector are out of reach. But they let their tasks be made elsewhere, and a task runs whatever has
`send`: so each task gets a stand-in that times every `send` to the real coroutine. I/O, timers, waits in the ready
queue and idleness stay unseen; the window says so.
"""

import asyncio
from typing import Any

from explorer.probe.loop import bind_loop_thread
from explorer.probe.naming import coroutine_name
from explorer.probe.steps import TimedCoroutine
from explorer.probe.tasks import TracedTask
from explorer.probe.tracer import Tracer
from explorer.ring.writer import Ring


class StepLoop(asyncio.AbstractEventLoop):
    """Goes before the class of a loop, whose tasks then time their steps.

    `starting` is the request whose first task is created next (0: none).
    """

    def __init__(self, tracer: Tracer) -> None:
        """Tasks write to the ring of the thread that runs the loop."""
        super().__init__()
        self.starting = 0
        self._tracer = tracer
        self._ring: Ring | None = None

    def run_forever(self) -> None:
        """Run until stopped; the first time, make the thread an event loop's."""
        self._attach()
        super().run_forever()

    def run_until_complete(self, future: Any) -> Any:
        """As the loop's, which does not come by `run_forever` before it makes the first task."""
        self._attach()
        return super().run_until_complete(future)

    def create_task(self, coro: Any, *, name: Any = None, context: Any = None, **more: Any) -> Any:
        """As the loop's; the task works for the request that is starting, or else for its creator's."""
        request, self.starting = self.starting, 0
        if self._ring is None or more or self.get_task_factory() is not None:
            return super().create_task(coro, name=name, context=context, **more)
        request = request or getattr(asyncio.current_task(self), "request", 0)
        timed = TimedCoroutine(coro, self._ring, self._tracer.name(coroutine_name(coro)), request)
        task = TracedTask(timed, loop=self, name=name, context=context)
        task.request = request
        task.tag = 0
        return task

    def close(self) -> None:
        """Close the loop; its thread is an ordinary one again."""
        super().close()
        if self._ring is not None:
            self._ring = None
            self._tracer.unbind_thread()

    def _attach(self) -> None:
        if self._ring is None:
            bind_loop_thread(self._tracer)
            self._ring = self._tracer.thread_ring()
