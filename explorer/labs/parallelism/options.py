"""What can be set in the parallelism lab, and which points a set of choices means, in which order."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from explorer.labs.parallelism.job import Job, job_of, jobs
from explorer.labs.parallelism.runners.feature import Runner
from explorer.labs.parallelism.runners.find import runners
from explorer.option_error import OptionError
from explorer.options import Knobs, build, knob, suggest

SECTION: Final = "parallelism"
BASE: Final = "coroutine"
"""What all others are compared with; it is always measured."""
USUAL: Final = (BASE, "threads", "process_pool")
MOST_WORKERS: Final = 64
MOST_TASKS: Final = 20_000
COUNTS: Final = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)
"""Numbers of workers out of which a sweep is made when there are many cores."""
SPOT: Final = re.compile(r"([0-9]{1,6})(?:-([0-9]{1,6}))?")


class ParallelismKnobs(Knobs):
    """The job, how it is cut and how it travels."""

    job: Literal["mandelbrot", "primes", "text", "matrix"] = knob(
        "mandelbrot", title="Job", effect="start",
        labels={"mandelbrot": "Mandelbrot tiles", "primes": "Prime sieve", "text": "Words in files",
                "matrix": "Matrix product"},
        description="What is computed.",
    )  # fmt: skip
    size: int = knob(
        0, ge=0, le=2_000_000_000, title="Size", effect="start",
        description="How large the job is, in units of its own: pixels, numbers, kB or rows; 0 is its usual size.",
    )  # fmt: skip
    grain: int = knob(
        0, ge=0, le=2_000_000_000, title="Grain", effect="start",
        description="How much of it one task is: rows of a tile, numbers of a segment, kB of a part; 0 is the usual.",
    )  # fmt: skip
    chunk: int = knob(
        1, ge=0, le=10_000, title="Tasks together", unit="tasks", effect="start",
        description="How many tasks travel together; 0 makes one block for each worker.",
    )  # fmt: skip
    serial: float = knob(
        0.0, ge=0, le=0.9, title="Done alone", effect="start",
        description="Share of the tasks that one alone does before the others begin: a serial part by construction.",
    )  # fmt: skip
    repeat: int = knob(
        3, ge=1, le=50, title="Repeats", unit="times", effect="start",
        description="How often each point is measured; the fastest counts, and all of them give the intervals.",
    )  # fmt: skip
    start_method: Literal["spawn", "forkserver", "fork"] = knob(
        "spawn", title="Start method", effect="start",
        labels={"spawn": "spawn", "forkserver": "fork server", "fork": "fork"},
        description="How the processes of the process pool are started.",
    )  # fmt: skip
    travel: Literal["pickled", "shared"] = knob(
        "pickled", title="Arguments", effect="start",
        labels={"pickled": "Pickled", "shared": "Shared memory"},
        description="Whether a job's data is sent along with each task, or lies in memory that all workers map.",
    )  # fmt: skip
    interpreter: str = knob(
        "", title="Python", effect="start",
        description="The Python that runs the job: a path, or a version such as 3.14; empty is the explorer's own.",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Point:
    """Something to measure: a runner with a number of workers."""

    runner: str
    workers: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be measured. `size` and `grain` are what is meant by the knobs, `cores` may be used by this process."""

    knobs: ParallelismKnobs
    job: Job
    size: int
    grain: int
    points: Sequence[Point]
    cores: float

    @property
    def tasks(self) -> int:
        """How many tasks the job is cut into, about."""
        return -(-self.size // self.grain)


def plan(
    values: Mapping[str, Any], names: Sequence[str] = USUAL, workers: str = "", *, cores: float | None = None
) -> Plan:
    """The plan for these knobs, runners and numbers of workers ("1-4", "1,2,8"; empty: from 1 to twice the cores).

    Raises `OptionError`: one sentence that says what to do instead.
    """
    known = [job.id for job in jobs()]
    if values.get("job") is not None and values["job"] not in known:
        raise OptionError(f"There is no job '{values['job']}'. {suggest(str(values['job']), known)}", f"{SECTION}.job")
    knobs = build(SECTION, ParallelismKnobs, {key: value for key, value in values.items() if value is not None})
    job = job_of(knobs.job)
    size = knobs.size or job.size
    low, high = job.size_bounds
    if not low <= size <= high:
        raise OptionError(
            f"The size of '{job.id}' must be from {low:,} to {high:,} {job.size_unit}.", f"{SECTION}.size"
        )
    grain = min(knobs.grain or job.grain, size)
    if -(-size // grain) > MOST_TASKS:
        raise OptionError(
            f"That would be {-(-size // grain):,} tasks, and {MOST_TASKS:,} is the most; choose a larger grain than "
            f"{grain:,} {job.grain_unit}.",
            f"{SECTION}.grain",
        )
    _check_start_method(knobs.start_method)
    chosen = _chosen(names)
    here = available_cores() if cores is None else cores
    counts = counts_of(workers) if workers.strip() else usual_counts(here)
    points = list(_points(chosen, counts, job))
    if len(points) > 1:
        # Once more at the end: what the machine did at the beginning must not decide about all the rest.
        points.append(Point(BASE, 1))
    return Plan(knobs, job, size, grain, points, here)


def _points(chosen: Sequence[Runner], counts: Sequence[int], job: Job) -> Sequence[Point]:
    found = []
    for runner in chosen:
        once = runner.single or (runner.vectorised and not job.own_threads)
        found += [Point(runner.id, count) for count in ([1] if once else counts)]
    return found


def _chosen(names: Sequence[str]) -> Sequence[Runner]:
    known = runners()
    wanted = [name.strip() for name in names if name.strip()]
    for name in wanted:
        if name not in known:
            raise OptionError(f"There is no runner '{name}'. {suggest(name, known)}", f"{SECTION}.runner")
    if not set(wanted) - {BASE} and not wanted:
        raise OptionError(f"Name at least one runner. Known are: {', '.join(sorted(known))}.", f"{SECTION}.runner")
    return [runner for name, runner in known.items() if name in wanted or name == BASE]


def _check_start_method(method: str) -> None:
    import multiprocessing

    if method not in multiprocessing.get_all_start_methods():
        raise OptionError(f"This system cannot start processes by {method}; choose spawn.", f"{SECTION}.start_method")


def counts_of(text: str) -> Sequence[int]:
    """The numbers of workers that a text such as "1-4" or "1,2,8" names, each once, in order. Raises `OptionError`."""
    found: set[int] = set()
    for part in text.split(","):
        match = SPOT.fullmatch(part.strip())
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if MOST_WORKERS >= first > last >= 1:
            raise OptionError(
                f"'{part.strip()}' goes from more to fewer workers; write the smaller number first: {last}-{first}.",
                f"{SECTION}.workers",
            )
        if match is None or not 1 <= first <= last <= MOST_WORKERS:
            raise OptionError(
                f"'{text}' names no numbers of workers; write them such as 1-4 or 1,2,8, from 1 to {MOST_WORKERS}.",
                f"{SECTION}.workers",
            )
        found.update(range(first, last + 1))
    return sorted(found)


def usual_counts(cores: float) -> Sequence[int]:
    """From 1 to twice the cores; with many cores not every number in between."""
    most = min(MOST_WORKERS, max(2, 2 * max(1, round(cores))))
    if most <= 8:
        return list(range(1, most + 1))
    return sorted({count for count in COUNTS if count < most} | {most, max(1, round(cores))})


def available_cores() -> float:
    """The cores that this process may use: its affinity, and a quota of its control group, which may be a fraction."""
    from explorer.supervise.quota import quota

    whole = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    limit = quota()
    return float(whole) if limit is None else min(float(whole), limit)
