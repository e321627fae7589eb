"""The Dask cluster: workers with one thread each behind a scheduler; a task travels twice."""

import asyncio
import importlib.util
import sys
from concurrent.futures import Future
from typing import TYPE_CHECKING

from explorer.labs.parallelism.child.envelope import Done, Envelope
from explorer.labs.parallelism.job import Job
from explorer.labs.parallelism.runners.feature import Conditions, Runner

if TYPE_CHECKING:
    from explorer.cluster.jobs import Jobs


class Cluster:
    """A client of the cluster that the session started for so many workers."""

    def __init__(self, jobs: "Jobs") -> None:
        self._jobs = jobs
        self._under_way: set[asyncio.Task[None]] = set()

    def submit(self, envelope: Envelope) -> "Future[Done]":
        """Hand it to the scheduler."""
        future: Future[Done] = Future()
        task = asyncio.get_running_loop().create_task(self._do(envelope, future))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return future

    async def close(self) -> None:
        """Part from the cluster."""
        await self._jobs.close()

    async def _do(self, envelope: Envelope, future: "Future[Done]") -> None:
        try:
            future.set_result(await self._jobs.run(envelope))
        except Exception as error:
            future.set_exception(error)


def refusal(job: Job) -> str:
    """It needs Dask."""
    if importlib.util.find_spec("distributed") is not None:
        return ""
    return (
        "Dask, which makes a cluster of processes, is missing; install it with: "
        f"{sys.executable} -m pip install distributed"
    )


async def open_cluster(conditions: Conditions) -> Cluster:
    """Connect to it."""
    # Here, because only this runner needs Dask, and it takes a quarter of a second.
    from explorer.cluster.jobs import Jobs

    jobs = Jobs(conditions.cluster, conditions.tracer, conditions.calls)
    await jobs.begin()
    return Cluster(jobs)


runner = Runner(
    id="cluster",
    title="Dask cluster",
    summary="Workers of a Dask cluster on this machine, behind a scheduler: each task travels twice.",
    order=60,
    open=open_cluster,
    refusal=refusal,
)
