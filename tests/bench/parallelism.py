"""How much faster two workers do the parallelism lab's jobs than one coroutine: threads and processes, job by job.

On two cores nobody else uses, the process pool should come to 1.7 times one coroutine or more, and threads with a GIL
to about once. What others used of the cores meanwhile stands beside each figure: without cores there is no speed-up.
"""

import asyncio
from typing import Any, Final

from explorer.labs.parallelism.options import plan
from explorer.labs.parallelism.result import as_json
from explorer.labs.parallelism.sweep import Sweep
from explorer.labs.parallelism.table import overhead, seconds

JOBS: Final = ("mandelbrot", "primes", "text", "matrix")
RUNNERS: Final = ("threads", "process_pool")
REPEATS: Final = 7

Figures = dict[str, Any]


def run(size: str = "", repeats: str = str(REPEATS)) -> Figures:
    """Measure every job with 1, 2 and 4 workers. `size` "small" takes a quarter of the usual sizes."""
    return {"size": size or "usual", "jobs": {job: _one(job, size, int(repeats)) for job in JOBS}}


def table(figures: Figures) -> str:
    """The figures as a table."""
    head = f"{'':<12}{'runner':<14}{'workers':>8}{'time':>10}{'speed-up':>10}{'overhead':>12}{'used':>12}{'others':>12}"
    lines = [f"{figures['size']} sizes, the fastest of each", head]
    for job, told in figures["jobs"].items():
        for point in told["points"]:
            others = f"{point['others_cores']:.2f} cores" if point["others_cores"] is not None else "–"
            used = f"{point['cores_used']:.2f} cores"
            lines.append(
                f"{job:<12}{point['runner']:<14}{point['workers']:>8}{seconds(point['seconds']):>10}"
                f"{point['speedup']:>9.2f}×{seconds(overhead(point)):>12}{used:>12}{others:>12}"
            )
        lines += [f"{'':<12}{sentence}" for sentence in (told["sentence"], told["cores_sentence"])]
        if not told["checks"]["equal"]:
            lines += [f"{'':<12}{sentence}" for sentence in told["checks"]["mismatches"]]
    return "\n".join(lines)


def _one(job: str, size: str, repeats: int) -> dict[str, Any]:
    chosen = plan({"job": job, "repeat": repeats}, RUNNERS, "1,2,4")
    if size == "small":
        chosen = plan({"job": job, "repeat": repeats, "size": max(1, chosen.size // 4)}, RUNNERS, "1,2,4")
    return as_json(asyncio.run(Sweep(chosen).run()))
