"""The sub-interpreters of a server, for the dispatch `interpreter_pool`. Needs Python 3.14.

A sub-interpreter imports everything anew, which takes some 0.2 s; so all of them are started, and waited for, before
the first request comes.
"""

import asyncio
import importlib
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any, Final, Protocol

START_LIMIT_S: Final = 30.0
LOOK_S: Final = 0.002


def make_executor(size: int, begin: Callable[..., None], arguments: tuple[Any, ...]) -> Executor:
    """The standard library's pool of `size` interpreters; each first calls `begin` with these arguments."""
    # By its name: the types of older Pythons do not know it.
    futures: Any = importlib.import_module("concurrent.futures")
    executor: Executor = futures.InterpreterPoolExecutor(size, "interpreter", begin, arguments)
    return executor


def make_queue() -> Any:
    """A queue between the interpreters of this process."""
    interpreters: Any = importlib.import_module("concurrent.interpreters")
    return interpreters.create_queue()


class Interpreters(Protocol):
    """A pool of interpreters, observed or not."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        """As in `Executor`: a request's job."""
        ...

    def submit_unseen(self, fn: Callable[..., Any], /, *args: Any) -> "Future[Any]":
        """Submit what is nobody's request."""
        ...

    def meet(self) -> None:
        """All interpreters have begun."""
        ...

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """As in `Executor`."""
        ...


class PlainInterpreters(Executor):
    """The standard library's pool, which nobody observes."""

    def __init__(self, size: int) -> None:
        """Make it; its interpreters start with their first jobs."""
        self._real = make_executor(size, _nothing, ())

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        """As in `Executor`."""
        return self._real.submit(fn, *args, **kwargs)

    def submit_unseen(self, fn: Callable[..., Any], /, *args: Any) -> "Future[Any]":
        """Here all jobs are unseen."""
        return self._real.submit(fn, *args)

    def meet(self) -> None:
        """Nobody wants to know."""

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """As in `Executor`."""
        self._real.shutdown(wait, cancel_futures=cancel_futures)


async def start_all(pool: Interpreters, size: int) -> None:
    """Start all interpreters of the pool and wait for them. Raises what kept one from starting."""
    here = make_queue()
    # A pool starts another only when none is idle: so each stays until all are there.
    jobs = [pool.submit_unseen(_wait_for_all, here, size) for _ in range(size)]
    await asyncio.gather(*map(asyncio.wrap_future, jobs))
    pool.meet()


def _nothing() -> None:
    """What an unobserved interpreter does first."""


def _wait_for_all(here: Any, size: int) -> None:
    here.put(None)
    deadline = time.monotonic() + START_LIMIT_S
    while here.qsize() < size:
        if time.monotonic() > deadline:
            raise TimeoutError("Not all interpreters of the pool have started.")
        threading.Event().wait(LOOK_S)  # unlike time.sleep, this is never traced
