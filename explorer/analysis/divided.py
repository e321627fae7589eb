"""Work as the sampler saw it: the parts of a thread's bars in which it waited for the GIL, a core, a lock, the system.

The probe knows when a job or a step began and ended, not that its thread stood still in between; to it all of that is
running. The sampler knows, if only at moments. So what it saw is painted into the bars: waits for the GIL or for a core
over everything, since no probe can see them; being blocked, or waiting for a lock, below what the probe itself tells of
(a call that it traced has a name and exact ends). A span of the sampler's reaches to the look that saw something else;
where it began in a piece of work it ends with that, unless it was seen after it as well: a loop that its selector woke
may wait for the GIL for long before the probe can note that anything happened. The window paints its lanes by this, and
so does the timeline of a report.
"""

from dataclasses import replace
from typing import Final

import numpy as np

from explorer.analysis.gathered import Gathered, on_axis
from explorer.analysis.stretches import OVER, UNDER
from explorer.collect.source import Array
from explorer.records.states import State

_OVER: Final = np.isin(np.arange(256), OVER)
_UNDER: Final = np.isin(np.arange(256), UNDER)


def divide(work: Gathered, seen: Gathered) -> tuple[Gathered, Gathered]:
    """Of what was `seen` of threads, what is painted under the inner bars of their `work`, and what over them.

    Rows with the same number belong together; what comes back has the request of the work that it lies in.
    """
    seen = seen.some(np.flatnonzero((_OVER | _UNDER)[seen.state]))
    if not len(work) or not len(seen):
        bare = replace(seen, request=np.zeros(len(seen), "<u8"))
        return bare.some(np.zeros(0, "<i8")), bare.some(np.flatnonzero(_OVER[bare.state]))
    origin = int(seen.start[0])
    begins, starts = on_axis(seen.row, seen.start, origin), on_axis(work.row, work.start, origin)
    at = np.maximum(np.searchsorted(starts, begins, "right") - 1, 0)
    inside = (work.row[at] == seen.row) & (work.start[at] <= seen.start) & (seen.start < work.end[at])
    last_look = seen.end - seen.value * 1000
    cut = inside & (last_look <= work.end[at])
    over = replace(
        seen,
        end=np.where(cut, np.minimum(seen.end, work.end[at]), seen.end),
        request=np.where(inside, work.request[at], np.uint64(0)),
    )
    under = seen.some(np.flatnonzero(_UNDER[seen.state]))
    return _within(work, under, starts, origin), over.some(np.flatnonzero(_OVER[over.state]))


def _within(work: Gathered, seen: Gathered, starts: Array, origin: int) -> Gathered:
    """The parts of what was `seen` that lie in running work; one wait may reach over several pieces of it.

    `starts` are those of the work on the common axis.
    """
    first = np.searchsorted(on_axis(work.row, work.end, origin), on_axis(seen.row, seen.start, origin), "right")
    counts = np.maximum(np.searchsorted(starts, on_axis(seen.row, seen.end, origin), "left") - first, 0)
    which = np.repeat(np.arange(len(seen)), counts)
    at = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts) + first[which]
    found = replace(
        seen.some(which),
        start=np.maximum(seen.start[which], work.start[at]),
        end=np.minimum(seen.end[which], work.end[at]),
        request=work.request[at],
    )
    return found.some(np.flatnonzero(work.state[at] == State.RUNNING))


def share_out(work: Array, seen: Array) -> Array:
    """The same in columns: (rows, STATES, columns) of ns of work, in which running gives way to what was seen.

    `seen` is the coverage by the sampler's states of the same rows and columns. Where both know of a blocked thread it
    is counted once.
    """
    shared = work.copy()
    running = np.maximum(shared[:, State.RUNNING], 0)
    for state in (*OVER, *UNDER):
        more = seen[:, state] - np.maximum(shared[:, state], 0)
        # A wait for the GIL needs no work around it: a worker that is given a job waits before it begins.
        taken = np.maximum(more, 0) if state in OVER else np.clip(more, 0, running)
        shared[:, state] += taken
        running = np.maximum(running - taken, 0)
    shared[:, State.RUNNING] = running
    return shared
