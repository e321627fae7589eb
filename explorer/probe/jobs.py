"""A job: a function that runs on a thread or in a process of a pool, on behalf of a request."""

from collections.abc import Callable
from time import perf_counter_ns
from typing import Any, Final

from explorer.records.schema import span_argument
from explorer.records.states import Flag, Kind, State
from explorer.ring.writer import Ring

try:
    from time import thread_time_ns
except ImportError:  # systems without a per-thread clock

    def thread_time_ns() -> int:
        """No time at all."""
        return 0


# As plain integers: looking a member up in an enumeration takes longer than storing it.
_JOB: Final = int(Kind.JOB)
_RUNNING: Final = int(State.RUNNING)
_COMPLETE: Final = int(Flag.COMPLETE)


def run_job(ring: Ring, name: int, request: int, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call `function` as a JOB on the calling thread's `ring`: open while it runs, then with its CPU time.

    While it runs, what else the thread records (traced calls) is for the same request.
    """
    outer, ring.request = ring.request, request
    start = perf_counter_ns()
    ring.open(0, start, name, request, _JOB, _RUNNING)
    busy = thread_time_ns()
    try:
        return function(*args, **kwargs)
    finally:
        cpu = thread_time_ns() - busy
        ring.shut(0)
        ring.request = outer
        duration = perf_counter_ns() - start
        argument = span_argument(0, cpu)
        ring.write(start, duration, request, argument, name, ring.track, _JOB, _RUNNING, 0, _COMPLETE)
