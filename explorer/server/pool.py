"""The process pool of a server, which outlives the death of one of its processes.

Processes are spawned, never forked: the server has threads. Each ties its life to the server's, joins the run and
waits for the others, so that the pool is whole when the first request comes. Python gives a pool up when one of its
processes dies; here the next request gets a new pool, and the death is reported.
"""

import asyncio
import functools
import logging
import multiprocessing
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Barrier
from typing import Any, Final

from explorer.child.lifeline.tie import tie_to_multiprocessing_parent
from explorer.server.tracing import MakeExecutor

START_LIMIT_S: Final = 30.0
REAP_LIMIT_S: Final = 1.0

Died = Callable[[int, int | None], None]

logger: Final = logging.getLogger(__name__)


class Pool(Executor):
    """A `ProcessPoolExecutor` that is made anew when it broke. `died(pid, exitcode)` is told of each process lost."""

    def __init__(self, processes: int, make: MakeExecutor, died: Died) -> None:
        """Make the pool; its processes start with `begin`. `make` is told the size and what each runs first."""
        self._processes = processes
        self._make = make
        self._died = died
        self._lock = threading.Lock()
        self._ending = False
        self._executor = self._new()

    async def begin(self) -> None:
        """Start all processes and wait for them. Raises `BrokenProcessPool` when one cannot start."""
        await asyncio.gather(*(asyncio.wrap_future(each) for each in self._present()))

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        """Hand `fn` to a process. A pool that broke is replaced first; what was under way in it has failed."""
        executor = self._executor
        try:
            return executor.submit(fn, *args, **kwargs)
        except BrokenProcessPool:
            return self._renewed(executor).submit(fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes; as in `Executor`."""
        self._ending = True
        self._executor.shutdown(wait, cancel_futures=cancel_futures)

    def _new(self) -> ProcessPoolExecutor:
        barrier = multiprocessing.get_context("spawn").Barrier(self._processes)
        return self._make(self._processes, functools.partial(_begin, barrier))

    def _present(self) -> "list[Future[Any]]":
        """Give every process its first job, which starts them all, and watch over them."""
        before = multiprocessing.active_children()
        # Past the tracer, if there is one: these jobs are nobody's requests.
        jobs = [ProcessPoolExecutor.submit(self._executor, _present) for _ in range(self._processes)]
        started = [process for process in multiprocessing.active_children() if process not in before]
        threading.Thread(target=self._watch, args=(started,), name="pool watch", daemon=True).start()
        return jobs

    def _watch(self, processes: list[BaseProcess]) -> None:
        """Report what died, unless the pool is being shut down.

        When one process dies Python terminates the others, often before this thread gets to look. So all are waited
        for, and those that were terminated are nobody's loss, unless there is nothing else.
        """
        wait([process.sentinel for process in processes])
        if self._ending:
            return
        ended = [(process.pid or 0, _exit_code(process)) for process in processes]
        culprits = [(pid, code) for pid, code in ended if code != -signal.SIGTERM] or ended[:1]
        for pid, code in culprits:
            self._died(pid, code)

    def _renewed(self, broken: ProcessPoolExecutor) -> ProcessPoolExecutor:
        with self._lock:
            if self._executor is broken:
                logger.warning("A process of the pool died; the pool is started anew.")
                broken.shutdown(wait=False)
                self._executor = self._new()
                self._present()
            return self._executor


def _exit_code(process: BaseProcess) -> int | None:
    """How it ended. The pool's own thread may be the one that is told, a moment after the process has gone."""
    process.join()
    deadline = time.monotonic() + REAP_LIMIT_S
    while process.exitcode is None and time.monotonic() < deadline:
        time.sleep(0.01)
    return process.exitcode


def _begin(barrier: Barrier) -> None:
    tie_to_multiprocessing_parent()
    barrier.wait(START_LIMIT_S)


def _present() -> None:
    """The first job of every process: it is done when the process has begun."""
