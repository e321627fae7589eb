"""A process pool: each worker has an interpreter, memory and a GIL of its own, and all must be carried there."""

import asyncio
from concurrent.futures import Future

from explorer.labs.parallelism.child.envelope import Done, Envelope
from explorer.labs.parallelism.runners.feature import Conditions, Runner
from explorer.server import tracing
from explorer.server.pool import Pool


class Processes:
    """The server's process pool."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def submit(self, envelope: Envelope) -> "Future[Done]":
        """Hand it to a process."""
        return self._pool.submit(envelope)

    async def close(self) -> None:
        """End the processes."""
        await asyncio.to_thread(self._pool.shutdown)


async def open_processes(conditions: Conditions) -> Processes:
    """Start them, in the way that the conditions name."""
    make = tracing.executor(conditions.tracer, conditions.calls, start_method=conditions.start_method)
    pool = Pool(conditions.workers, make, conditions.died)
    await pool.begin()
    return Processes(pool)


runner = Runner(
    id="process_pool",
    title="Process pool",
    summary="Worker processes, each with a GIL of its own; tasks and results are carried between them.",
    order=30,
    open=open_processes,
    processes=True,
)
