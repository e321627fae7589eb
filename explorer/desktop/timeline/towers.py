"""The queue at a lock as a tower: one storey for each who waits, who has waited longest lowest. No Qt.

When somebody in the queue gets the lock or gives up, all above come down by one: a convoy is a tower that stands, a
queue that dissolves is a flight of stairs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from explorer.collect.source import Array


@dataclass(frozen=True, slots=True)
class Storey:
    """Wait number `which` stands at `level` (0: the lowest) from `start` to `end`, ns."""

    start: int
    end: int
    level: int
    which: int


def storeys(starts: Sequence[int], ends: Sequence[int]) -> list[Storey]:
    """The storeys of waits from `starts` to `ends` (ns), in the order in which they begin; of equals the first given
    is lower.
    """
    order = sorted(range(len(starts)), key=lambda at: (starts[at], at))
    moments = sorted({*starts, *ends})
    queue: list[int] = []
    since: dict[int, int] = {}
    found: list[Storey] = []
    arriving = iter(order)
    following = next(arriving, None)
    for moment in moments:
        # Whoever leaves does so before somebody arrives at the same moment: nobody stands above a gap.
        gone = [at for at in queue if ends[at] <= moment]
        if gone:
            lowest = min(queue.index(at) for at in gone)
            for level in range(lowest, len(queue)):
                at = queue[level]
                if since[at] < moment:
                    found.append(Storey(since[at], moment, level, at))
                since[at] = moment
            queue = [at for at in queue if ends[at] > moment]
        while following is not None and starts[following] <= moment:
            if ends[following] > starts[following]:
                queue.append(following)
                since[following] = starts[following]
            following = next(arriving, None)
    return sorted(found, key=lambda each: (each.start, each.level))


def profile(starts: Array, ends: Array, edges: Array) -> Array:
    """The height of the tower in each column between `edges` ((n + 1,) i8 ns): the most who waited at once, (n,) i4."""
    moments, height = _heights(starts, ends)
    last = np.searchsorted(moments, edges[:-1], "right") - 1
    most = np.where(last >= 0, height[last], 0).astype("<i4") if len(moments) else np.zeros(len(edges) - 1, "<i4")
    column = np.searchsorted(edges, moments, "right") - 1
    inside = (column >= 0) & (column < len(most))
    np.maximum.at(most, column[inside], height[inside])
    return most


def tallest(starts: Array, ends: Array) -> int:
    """The most who waited at once."""
    return int(_heights(starts, ends)[1].max(initial=0))


def _heights(starts: Array, ends: Array) -> tuple[Array, Array]:
    """The moments at which somebody came or left, each once, and how many waited from then on (i4)."""
    moments = np.concatenate((starts, ends))
    change = np.concatenate((np.ones(len(starts), "<i4"), np.full(len(ends), -1, "<i4")))
    order = np.argsort(moments, kind="stable")
    moments, height = moments[order], np.cumsum(change[order]).astype("<i4")
    final = np.flatnonzero(np.diff(moments, append=moments[-1:] + 1))
    return moments[final], height[final]
