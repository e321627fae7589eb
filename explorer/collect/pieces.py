"""A request's way as pieces without overlap: what it waited for or ran, from its first to its last moment.

Given are a time window per request and intervals from everywhere (steps of a loop, jobs of threads and processes, what
a sampler saw of them, traced calls, waits), each with a level that says how specific it is. The sweep cuts every window
at all ends of its intervals and gives each stretch to the interval with the highest level that covers it; within a
level, to the one that began last. A floor interval per request covers its whole window, so that every sum of pieces is
complete.

All requests of a poll are swept together: all windows are laid behind one another on one axis of integers, so that "the
last interval of this request that began before that moment" is one binary search for all stretches at once. The axis
has room for a million windows beside one that has been open for two hours.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from explorer.collect.order import select, take
from explorer.collect.source import Array

FLOOR, WAIT, STEP, JOB, SEEN, CALL, SEEN_IN_CALL = range(7)
LEVELS: Final = (FLOOR, WAIT, STEP, JOB, SEEN, CALL, SEEN_IN_CALL)
LATEST: Final = 1 << 62

INTERVAL: Final = np.dtype(
    [
        ("start", "<i8"),
        ("end", "<i8"),
        ("window", "<i8"),  # index of the window
        ("name", "<u4"),
        ("track", "<u4"),  # where it happened, 0 = nowhere in particular
        ("level", "u1"),
        ("state", "u1"),
        ("reserved", "V2"),  # to whole words
        ("job", "<u4"),  # which job whose processor time is known it is, or lies in, from 1; 0 = none
    ]
)

Integers = npt.NDArray[np.int64]


def sweep(begins: Integers, ends: Integers, intervals: Array) -> Array:
    """Cut windows into pieces: (m,) of INTERVAL, ordered by window and start, each as its owner but for its times.

    `begins`, `ends` are (n,) ns, one window each; `intervals` is (k,) of INTERVAL in any order and may reach beyond its
    window or lie outside. What no interval covers yields no piece; neighbours of one owner are one piece.
    """
    intervals = _clip(begins, ends, intervals)
    if not len(intervals):
        return intervals
    lengths = np.maximum(ends - begins, 0)
    axis = np.concatenate(
        ([0], np.cumsum(lengths + 1)[:-1])
    )  # where each window begins; +1: its end is not the next one
    shift = (axis - begins)[intervals["window"]]
    starts, stops = intervals["start"] + shift, intervals["end"] + shift
    cuts = np.sort(np.concatenate((starts, stops)))
    left, right = cuts[:-1], cuts[1:]
    window = np.searchsorted(axis, left, side="right") - 1
    inside = (right > left) & (right <= (axis + lengths)[window])
    left, right, window = left[inside], right[inside], window[inside]

    owner = np.full(len(left), -1, np.int64)
    for level in LEVELS:  # upwards, so that a more specific interval replaces a lesser one
        members = np.flatnonzero(intervals["level"] == level)
        if len(members):
            covering = _covering(members, starts, stops, left)
            np.copyto(owner, covering, where=covering >= 0)

    owned = owner >= 0
    left, right, window, owner = left[owned], right[owned], window[owned], owner[owned]
    first = np.ones(len(owner), bool)
    first[1:] = (owner[1:] != owner[:-1]) | (left[1:] != right[:-1])
    last = np.append(first[1:], True)
    pieces = take(intervals, owner[first])
    back = (begins - axis)[window[first]]
    pieces["start"] = left[first] + back
    pieces["end"] = right[last] + back
    return pieces


def _clip(begins: Integers, ends: Integers, intervals: Array) -> Array:
    clipped = intervals.copy()
    clipped["start"] = np.maximum(intervals["start"], begins[intervals["window"]])
    clipped["end"] = np.minimum(intervals["end"], ends[intervals["window"]])
    return select(clipped, clipped["end"] > clipped["start"])


def _covering(members: Integers, start: Integers, stop: Integers, left: Integers) -> Integers:
    """For each stretch that begins at `left`, the interval among `members` that covers it, or -1."""
    order = np.lexsort((-stop[members], start[members]))
    members = members[order]
    starts, stops = start[members], stop[members]
    at = np.searchsorted(starts, left, side="right") - 1
    known = at >= 0
    at = np.maximum(at, 0)
    # Of intervals that overlap, the last to begin may have ended while an earlier one goes on: the one that reaches
    # furthest so far covers the stretch if any does. Later windows lie further on the axis, so windows do not mix.
    furthest = np.maximum.accumulate(stops)
    owner = members
    if np.any(furthest > stops):
        rank = np.empty(len(stops), np.int64)
        by_stop = np.argsort(stops, kind="stable")
        rank[by_stop] = np.arange(len(stops))
        owner = members[by_stop[np.maximum.accumulate(rank)]]
    found = np.where(stops[at] > left, members[at], owner[at])
    result: Integers = np.where(known & (furthest[at] > left), found, -1)
    return result
