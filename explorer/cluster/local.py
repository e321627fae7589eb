"""The embedded cluster: a scheduler in this process, each worker in a process of its own, on loopback only.

Workers are started with `multiprocessing` from the main thread and tie their lives to this process, so that nobody is
left however it ends. One that dies is replaced; its tasks go to others meanwhile.
"""

import asyncio
import contextlib
import multiprocessing
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Final

import dask
from distributed import Scheduler

from explorer.cluster.connection import quieten
from explorer.cluster.worker import TITLE, Duty, be_worker
from explorer.option_error import OptionError

HOST: Final = "127.0.0.1"
LOOK_S: Final = 0.02
START_LIMIT_S: Final = 30.0
END_S: Final = 0.3
SETTINGS: Final = {
    # A dashboard is of no use here, and the sampling profiler of every worker would be one more thread on the timeline.
    "distributed.worker.profile.enabled": False,
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    # One that dies with its fourth task took the others down with it, more often than not.
    "distributed.scheduler.allowed-failures": 10,
}

Died = Callable[[int, int], None]
"""Told of a worker that died: its pid, and its exit status as `multiprocessing` gives it."""


@dataclass(frozen=True, slots=True)
class Size:
    """How many workers, each a process, and how many threads each has."""

    workers: int = 2
    threads: int = 2


class LocalCluster:
    """A running embedded cluster; made by `local_cluster`. It belongs to the loop of the main thread."""

    def __init__(self, scheduler: Scheduler, size: Size, folder: Path, died: Died, title: str) -> None:
        self.scheduler = scheduler
        self._size = size
        self._folder = folder
        self._died = died
        self._title = title
        self._processes: dict[int, BaseProcess] = {}  # by the worker's number, from 1
        self._ending = False

    @property
    def address(self) -> str:
        """Of the scheduler."""
        return str(self.scheduler.address)

    async def start(self) -> None:
        """Start all workers and wait until they are there. Raises `OptionError`."""
        for number in range(1, self._size.workers + 1):
            self._start(number)
        by = asyncio.get_running_loop().time() + START_LIMIT_S
        while len(self.scheduler.workers) < self._size.workers:
            dead = [process for process in self._processes.values() if process.exitcode is not None]
            if dead:
                raise OptionError(
                    f"A worker of the embedded cluster ended with exit status {dead[0].exitcode} before it could work; "
                    "the log of the run's cluster says why."
                )
            if asyncio.get_running_loop().time() > by:
                raise OptionError(f"The workers of the embedded cluster did not start within {START_LIMIT_S:g} s.")
            await asyncio.sleep(LOOK_S)

    async def watch(self) -> None:
        """Replace workers that die, until this is cancelled."""
        while True:
            await asyncio.sleep(LOOK_S)
            for number, process in list(self._processes.items()):
                if process.exitcode is not None:
                    self._died(process.pid or 0, process.exitcode)
                    self._start(number)

    async def close(self) -> None:
        """End the workers, then the scheduler."""
        for process in self._processes.values():
            process.terminate()
        by = asyncio.get_running_loop().time() + END_S
        while any(process.is_alive() for process in self._processes.values()):
            if asyncio.get_running_loop().time() > by:
                break
            await asyncio.sleep(0.01)
        for process in self._processes.values():
            process.kill()
            process.join()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.scheduler.close(), END_S)

    def _start(self, number: int) -> None:
        duty = Duty(self.address, number, self._size.threads, str(self._folder / f"worker-{number}"), self._title)
        process = multiprocessing.get_context("spawn").Process(target=be_worker, args=(duty,), name=f"worker {number}")
        process.start()
        self._processes[number] = process


@contextlib.asynccontextmanager
async def local_cluster(
    size: Size, folder: Path, died: Died = lambda pid, status: None, title: str = TITLE, **more: Any
) -> AsyncIterator[LocalCluster]:
    """The embedded cluster around a block; the workers' files go to `folder`, `more` to the scheduler.

    `title` is what people call a worker, with its number.
    """
    quieten()
    dask.config.set(SETTINGS)
    # The scheduler's own files too: what lies elsewhere would be left behind by a process that is killed.
    dask.config.set({"temporary-directory": str(folder)})
    scheduler = await Scheduler(
        host=HOST, port=0, protocol="tcp", dashboard_address=f"{HOST}:0", dashboard=False, **more
    )
    cluster = LocalCluster(scheduler, size, folder, died, title)
    try:
        await cluster.start()
        yield cluster
    finally:
        await cluster.close()
