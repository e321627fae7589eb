"""What the lab knows of a runner: a way to run a job's tasks, with a number of workers."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from explorer.labs.parallelism.child.envelope import Done, Envelope
from explorer.labs.parallelism.job import Job
from explorer.probe.tracer import Tracer


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a runner is opened with: how many workers, how processes start, the probe, where a cluster is.

    `calls` are the functions that show as spans of their own, `scratch` is a folder for files that workers map.
    `died(pid, exitcode)` is told of pool processes that died.
    """

    workers: int
    start_method: str
    tracer: Tracer | None
    calls: Any
    scratch: Path
    cluster: str
    died: Callable[[int, int | None], None]


class Workers(Protocol):
    """An open runner. Its methods belong to the event loop that opened it."""

    def submit(self, envelope: Envelope) -> "Future[Done]":
        """Hand an envelope over."""
        ...

    async def close(self) -> None:
        """End the workers, and wait until they have ended."""
        ...


def anywhere(job: Job) -> str:
    """`refusal` of runners that run every job on every Python."""
    return ""


@dataclass(frozen=True, slots=True)
class Runner:
    """A runner. `open(conditions)` starts its workers and waits until all are there; `refusal(job)` says in one
    sentence why the running interpreter cannot run the job that way, or nothing.

    `shares` says that its workers see the memory of the process that hands out the tasks, so that nothing is pickled;
    `single` that it never has more than one worker; `vectorised` that it runs the job's body with NumPy. `processes`
    says that it starts processes by a start method.
    """

    id: str
    title: str
    summary: str
    order: int
    open: Callable[[Conditions], Any]
    refusal: Callable[[Job], str] = anywhere
    shares: bool = False
    single: bool = False
    vectorised: bool = False
    processes: bool = False
