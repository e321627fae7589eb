"""One coroutine: the loop does one task after the other, and looks around in between."""

import asyncio
from concurrent.futures import Future
from typing import Final

from explorer.labs.parallelism.child.envelope import Done, Envelope
from explorer.labs.parallelism.runners.feature import Conditions, Runner
from explorer.probe.jobs import run_job
from explorer.probe.tasks import current_request
from explorer.probe.tracer import Tracer

ROUNDS: Final = 4
"""So many rounds of the loop it takes until who waits for a result has it: future, callback, queue, task."""


class Coroutine:
    """A queue, and the one task that empties it."""

    def __init__(self, tracer: Tracer | None) -> None:
        self._tracer = tracer
        self._queue: asyncio.Queue[tuple[Envelope, int, Future[Done]]] = asyncio.Queue()
        self._worker = asyncio.get_running_loop().create_task(self._work())

    def submit(self, envelope: Envelope) -> "Future[Done]":
        """Put it into the queue."""
        future: Future[Done] = Future()
        self._queue.put_nowait((envelope, current_request(), future))
        return future

    async def close(self) -> None:
        """End the task."""
        self._worker.cancel()
        await asyncio.wait([self._worker])

    async def _work(self) -> None:
        while True:
            envelope, request, future = await self._queue.get()
            try:
                future.set_result(self._do(envelope, request))
            except Exception as error:
                future.set_exception(error)
            for _ in range(ROUNDS):
                await asyncio.sleep(0)

    def _do(self, envelope: Envelope, request: int) -> Done:
        if self._tracer is None:
            return envelope()
        name = self._tracer.name(envelope.__qualname__)
        done: Done = run_job(self._tracer.thread_ring(), name, request, envelope)
        return done


async def open_coroutine(conditions: Conditions) -> Coroutine:
    """Start it."""
    return Coroutine(conditions.tracer)


runner = Runner(
    id="coroutine",
    title="One coroutine",
    summary="One task after the other on the event loop; what all others are measured by.",
    order=10,
    open=open_coroutine,
    shares=True,
    single=True,
)
