"""An interpreter pool: threads of one process, each with an interpreter and a GIL of its own (Python 3.14)."""

import asyncio
import sys
from concurrent.futures import Future

from explorer.labs.parallelism.child.envelope import Done, Envelope
from explorer.labs.parallelism.job import Job
from explorer.labs.parallelism.runners.feature import Conditions, Runner
from explorer.server import tracing
from explorer.server.interpreters import Interpreters, start_all


class Inside:
    """The server's interpreter pool."""

    def __init__(self, pool: Interpreters) -> None:
        self._pool = pool

    def submit(self, envelope: Envelope) -> "Future[Done]":
        """Hand it to an interpreter."""
        return self._pool.submit(envelope)

    async def close(self) -> None:
        """End the interpreters."""
        await asyncio.to_thread(self._pool.shutdown)


def refusal(job: Job) -> str:
    """Older Pythons have no such pool."""
    if sys.version_info >= (3, 14):
        return ""
    version = "{}.{}".format(*sys.version_info[:2])
    return f"The interpreter pool needs Python 3.14, and the lab runs under {version}; choose another interpreter."


async def open_interpreters(conditions: Conditions) -> Inside:
    """Start them."""
    pool = tracing.interpreters(conditions.tracer, conditions.workers, conditions.calls)
    await start_all(pool, conditions.workers)
    return Inside(pool)


runner = Runner(
    id="interpreter_pool",
    title="Interpreter pool",
    summary="Threads with an interpreter and a GIL of their own, in one process; tasks are carried, not shared.",
    order=40,
    open=open_interpreters,
    refusal=refusal,
)
