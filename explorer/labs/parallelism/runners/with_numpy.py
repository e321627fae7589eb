"""NumPy: one process whose body is vectorised; where the library for linear algebra has threads of its own, so many.

The library looks at the number of threads when it is loaded. So NumPy is loaded in a fresh process each time, with
the number in its environment; and the process that hands out the tasks stays without NumPy.
"""

import importlib.util
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from explorer.labs.parallelism.job import Job
from explorer.labs.parallelism.runners.feature import Conditions, Runner
from explorer.labs.parallelism.runners.process_pool import Processes, open_processes

THREADS: Final = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


@contextmanager
def _environment(threads: int) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in THREADS}
    os.environ |= dict.fromkeys(THREADS, str(threads))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def refusal(job: Job) -> str:
    """Not every job can be told in arrays, and NumPy may be missing."""
    if not job.vectorised:
        return job.no_numpy
    if importlib.util.find_spec("numpy") is None:
        return "NumPy is missing in the interpreter that runs the lab; install it there, or choose another interpreter."
    return ""


async def open_numpy(conditions: Conditions) -> Processes:
    """Start the process."""
    with _environment(conditions.workers):
        # Always spawned: a forked process would inherit what the variables were for its parent.
        return await open_processes(replace(conditions, workers=1, start_method="spawn"))


runner = Runner(
    id="numpy",
    title="NumPy",
    summary="Whole arrays at a time, in machine code; for the matrix product with the library's own threads.",
    order=50,
    open=open_numpy,
    refusal=refusal,
    vectorised=True,
)
