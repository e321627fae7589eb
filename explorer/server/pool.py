"""The process pool of a server: it reports a process that died and is replaced, so that the server goes on.

Processes are spawned, never forked: the server has threads. Each ties its life to the server's, joins the run and
waits for the others, so that the pool is whole when the first request comes.
"""

import asyncio
import multiprocessing
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor, ProcessPoolExecutor
from multiprocessing.synchronize import Barrier
from typing import Final

from explorer.child.lifeline.tie import tie_to_multiprocessing_parent
from explorer.probe.tracer import Tracer

START_LIMIT_S: Final = 30.0


def pool_maker(tracer: Tracer | None) -> Callable[[int], Awaitable[Executor]]:
    """What makes a pool of so many processes and returns it when all have started."""

    async def make_pool(processes: int) -> Executor:
        context = multiprocessing.get_context("spawn")
        barrier = context.Barrier(processes)
        pool = ProcessPoolExecutor(processes, context, initializer=_begin, initargs=(barrier,))
        loop = asyncio.get_running_loop()
        await asyncio.gather(*(loop.run_in_executor(pool, _present) for _ in range(processes)))
        return pool

    return make_pool


def _begin(barrier: Barrier) -> None:
    tie_to_multiprocessing_parent()
    barrier.wait(START_LIMIT_S)


def _present() -> None:
    """The first job of every process: it is done when the process has begun."""
