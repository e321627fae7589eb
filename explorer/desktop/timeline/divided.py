"""Work as the sampler saw it: the parts of a thread's bars in which it waited for the GIL, a core, a lock, the system.

The probe knows when a job or a step began and ended, not that its thread stood still in between; to it all of that is
running. The sampler knows, if only at moments. So what it saw is painted into the bars: waits for the GIL or for a core
over everything, since no probe can see them; being blocked, or waiting for a lock, below what the probe itself tells of
(a call that it traced has a name and exact ends). A span of the sampler's reaches to its next look; where it began in a
piece of work it ends with that at the latest. No Qt.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from explorer.collect.source import Array, OpenSpan
from explorer.desktop.timeline.near import Bars, pixels
from explorer.desktop.timeline.viewport import Viewport
from explorer.records.states import State
from explorer.store.rows import Slice

OVER: Final = (State.WAITING_GIL, State.RUNNABLE)
"""What only the sampler can see."""
UNDER: Final = (State.BLOCKED, State.WAITING_LOCK)
"""What the probe may know better."""


@dataclass(frozen=True, slots=True)
class Spans:
    """Spans in order of their starts, without overlap; times in ns, i8. `request` is that of the work (0: none)."""

    start: Array
    end: Array
    state: Array
    request: Array

    def some(self, which: Array) -> "Spans":
        """Those at the indices or in the mask `which`."""
        return Spans(self.start[which], self.end[which], self.state[which], self.request[which])


def spans_of(pieces: Sequence[Slice], opened: Sequence[OpenSpan], limit: int, now: int) -> Spans:
    """Finished spans, as far as `limit`, and those that are open, up to `now` (ns)."""
    going = [span for span in opened if span.start < now]
    return Spans(
        np.concatenate([*(piece.start for piece in pieces), np.array([span.start for span in going], "<i8")]),
        np.concatenate(
            [*(np.minimum(piece.end, limit) for piece in pieces), np.full(len(going), now, "<i8")],
        ),
        np.concatenate([*(piece.state for piece in pieces), np.array([span.state for span in going], "u1")]),
        np.concatenate([*(piece.request for piece in pieces), np.array([span.request for span in going], "<u8")]),
    )


def divide(work: Spans, seen: Spans) -> tuple[Spans, Spans]:
    """Of what was `seen` of a thread, what is painted under the inner bars of its `work`, and what over them."""
    if len(work.start):
        at = np.searchsorted(work.start, seen.start, "right") - 1
        inside = (at >= 0) & (seen.start < work.end[at])
        end = np.where(inside, np.minimum(seen.end, work.end[at]), seen.end)
        running = inside & (work.state[at] == State.RUNNING)
        request = np.where(inside, work.request[at], np.uint64(0))
    else:
        end, request = seen.end, np.zeros(len(seen.start), "<u8")
        running = np.zeros(len(seen.start), bool)
    seen = Spans(seen.start, end, seen.state, request)
    lasting = seen.end > seen.start
    return (
        seen.some(np.flatnonzero(np.isin(seen.state, UNDER) & running & lasting)),
        seen.some(np.flatnonzero(np.isin(seen.state, OVER) & lasting)),
    )


def bars_of(view: Viewport, spans: Sequence[tuple[int, Spans]]) -> Bars | None:
    """Bars of spans given as (index of the row, spans); None if there are none."""
    parts = [(row, some) for row, some in spans if len(some.start)]
    if not parts:
        return None
    left, right = pixels(
        view, np.concatenate([some.start for _, some in parts]), np.concatenate([some.end for _, some in parts])
    )
    return Bars(
        left,
        right,
        np.concatenate([np.full(len(some.start), row, "<i4") for row, some in parts]),
        np.concatenate([some.state for _, some in parts]),
        np.zeros(len(left), "<u4"),
        np.concatenate([some.request for _, some in parts]),
    )


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
