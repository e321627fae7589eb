"""A worker of the embedded cluster: a process that takes part in the run like a process of a pool."""

import asyncio
import contextlib
import signal
from dataclasses import dataclass
from typing import Final

import dask
from distributed import Worker

from explorer.child.lifeline.tie import tie_to_multiprocessing_parent
from explorer.cluster import aboard
from explorer.cluster.connection import quieten
from explorer.cluster.observed import RingObserver, observed_loop
from explorer.probe.tracer import Tracer
from explorer.records.states import Role

TITLE: Final = "Dask worker"


@dataclass(frozen=True, slots=True)
class Duty:
    """What a worker is told: where its scheduler is, its number, its threads, the folder for its files.

    `title` is what people call it, with its number.
    """

    scheduler: str
    number: int
    threads: int
    folder: str
    title: str = TITLE

    @property
    def label(self) -> str:
        """What its process is called among those of the run."""
        return f"{self.title} {self.number} on this machine"


def be_worker(duty: Duty) -> None:
    """Be a worker until told to end by SIGTERM, or until the scheduler has gone."""
    tie_to_multiprocessing_parent()
    # Ctrl-C is for the session, which ends the cluster when the server needs it no more.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    tracer = Tracer.join(Role.CLUSTER, duty.label)
    observer = RingObserver(tracer) if tracer is not None else None
    try:
        with asyncio.Runner(loop_factory=observed_loop(tracer)) as runner:
            runner.run(_work(duty, observer))
    finally:
        if tracer is not None:
            tracer.close()


async def _work(duty: Duty, observer: RingObserver | None) -> None:
    quieten()
    if observer is not None:
        aboard.observe(observer)
    from explorer.cluster.local import SETTINGS

    dask.config.set(SETTINGS)
    async with Worker(
        duty.scheduler,
        name=f"worker {duty.number}",
        nthreads=duty.threads,
        host="127.0.0.1",
        local_directory=duty.folder,
        dashboard=False,
        memory_limit=0,  # the system's own limits are enough, and a paused worker would be a riddle
        death_timeout=5,
    ) as worker:
        aboard.begin(worker)
        told = asyncio.Event()
        with contextlib.suppress(NotImplementedError):  # Windows ends processes without asking
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
        waits = [asyncio.ensure_future(told.wait()), asyncio.ensure_future(worker.finished())]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
