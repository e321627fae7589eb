"""A server that may open no more files or connections."""

from typing import Final

import numpy as np

from explorer.analysis.buckets import Column
from explorer.analysis.finding import Finding, Found
from explorer.analysis.finding_words import percent
from explorer.analysis.observed import Observed
from explorer.analysis.place import Place

SHARE: Final = 0.95
"""Of the limit: the next connection may be refused; programs that count on it stop far below."""
PERIOD: Final = 15
"""Buckets: how many files are open is told about once a second."""


def judge(observed: Observed) -> Found | None:
    """Of the serving process that came nearest to its limit."""
    best: tuple[float, int, int, int] | None = None
    for process in observed.run.serving():
        count, limit = _most(observed, process.pid)
        if limit and (best is None or count / limit > best[0]):
            best = count / limit, count, limit, process.pid
    if best is None or best[0] < SHARE:
        return None
    share, count, limit, pid = best
    processes = [process for process in observed.run.processes.values() if process.pid == pid]
    tracks = observed.run.threads.get(processes[-1].number, [0])
    return Found(
        f"Process {pid} had {count:,} of {limit:,} files and connections open ({percent(share)}): further connections "
        "cannot be accepted.",
        {"pid": pid, "open": count, "limit": limit, "share": round(share, 4)},
        (Place(tracks[0] if tracks else 0, observed.begin, observed.end, f"process {pid}"),),
        None,
        "Raise the limit (ulimit -n, LimitNOFILE in a unit of systemd), or keep fewer connections open.",
    )


def _most(observed: Observed, pid: int) -> tuple[int, int]:
    opened, limits = observed.machine.open.get(pid), observed.machine.limit.get(pid)
    if opened is None or limits is None:
        return 0, 0
    first = observed.first - PERIOD
    counts, most = _known(opened, first, observed.last), _known(limits, first, observed.last)
    return (int(counts.max()), int(most[-1])) if len(counts) and len(most) else (0, 0)


def _known(column: Column, first: int, last: int) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    values = column.between(first, last)
    return values[~np.isnan(values)]


finding = Finding("file_descriptors", "Too few file descriptors", "machine", 85, "the limit of open files", judge)
