"""What the machine did meanwhile: how busy each core was, how much of that was the explorer's own.

The explorer's own processes are the tree below the process that started this one: window or command line, the workers,
a cluster. The system counts in steps of about 10 ms, so that a short run is told roughly.
"""

import os
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Final

IDLE: Final = ("idle", "iowait")
# Linux counts guests within user and nice as well.
SHORTEST_S: Final = 0.04
"""Less than four of the system's steps tells nothing."""
ELSEWHERE: Final = ("guest", "guest_nice", "dpc", "interrupt")


@dataclass(frozen=True, slots=True)
class Reading:
    """Seconds since the machine began: busy for each core, spent by the explorer's processes; and when it was read."""

    at: float
    busy: tuple[float, ...]
    ours: float


def read() -> Reading | None:
    """Now; None where psutil is missing, which another interpreter may lack."""
    try:
        import psutil
    except ImportError:
        return None
    cores = tuple(_busy(core) for core in psutil.cpu_times(percpu=True))
    return Reading(perf_counter(), cores, _spent(psutil))


def between(before: Reading | None, after: Reading | None) -> dict[str, Any] | None:
    """What happened from one reading to the other, in cores: `{busy: {core: share}, ours, others, seconds}`.

    None when it is not known, or was too short to be told.
    """
    if before is None or after is None or len(before.busy) != len(after.busy):
        return None
    seconds = after.at - before.at
    if seconds < SHORTEST_S:
        return None
    spent = [max(0.0, late - early) for early, late in zip(before.busy, after.busy, strict=True)]
    ours = max(0.0, after.ours - before.ours)
    return {
        "seconds": seconds,
        "busy": {str(core): min(1.0, share / seconds) for core, share in enumerate(spent)},
        "ours": ours / seconds,
        "others": min(max(0.0, sum(spent) - ours) / seconds, float(len(spent))),
    }


def _busy(times: Any) -> float:
    return float(sum(value for name, value in times._asdict().items() if name not in (*IDLE, *ELSEWHERE)))


def _spent(psutil: Any) -> float:
    """Processor time of the explorer's processes; of those that have ended what their parents have been told."""
    total = 0.0
    try:
        root = psutil.Process(os.getppid())
        family = [root, *root.children(recursive=True)]
    except psutil.Error:
        family = [psutil.Process()]
    for process in family:
        try:
            times = process.cpu_times()
        except psutil.Error:  # it has ended meanwhile
            continue
        total += times.user + times.system
    return total
