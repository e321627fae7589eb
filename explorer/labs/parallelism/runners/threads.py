"""Threads of this process: they share its memory, and on most Pythons its one GIL."""

import asyncio
import functools
import threading
from concurrent.futures import Future, ThreadPoolExecutor

from explorer.labs.parallelism.child.envelope import Done, Envelope
from explorer.labs.parallelism.runners.feature import Conditions, Runner
from explorer.probe.handover import Stamped, hand_over, stamped
from explorer.probe.jobs import run_job
from explorer.probe.tracer import Tracer
from explorer.records.states import Kind


class Threads:
    """A `ThreadPoolExecutor` whose jobs are seen on both sides."""

    def __init__(self, size: int, tracer: Tracer | None) -> None:
        self._tracer = tracer
        self._pool = ThreadPoolExecutor(size, "worker thread")

    async def begin(self, size: int) -> None:
        """Start all threads: a pool starts one more only while none is idle."""
        there = threading.Barrier(size)
        await asyncio.gather(*(asyncio.wrap_future(self._pool.submit(there.wait)) for _ in range(size)))

    def submit(self, envelope: Envelope) -> "Future[Done]":
        """Hand it to a thread."""
        tracer = self._tracer
        if tracer is None:
            return self._pool.submit(envelope)
        name = tracer.name(envelope.__qualname__)
        return hand_over(
            tracer,
            name,
            self._pool._work_queue.qsize(),
            lambda request: self._pool.submit(_run, tracer, name, request, envelope),
            Kind.POOL_WAIT,
        )

    async def close(self) -> None:
        """End the threads."""
        await asyncio.to_thread(self._pool.shutdown)


def _run(tracer: Tracer, name: int, request: int, envelope: Envelope) -> Stamped:
    return stamped(functools.partial(run_job, tracer.thread_ring(), name, request, envelope))


async def open_threads(conditions: Conditions) -> Threads:
    """Start them."""
    threads = Threads(conditions.workers, conditions.tracer)
    await threads.begin(conditions.workers)
    return threads


runner = Runner(
    id="threads",
    title="Threads",
    summary="Worker threads of one process; with a GIL only one of them computes at a time.",
    order=20,
    open=open_threads,
    shares=True,
)
