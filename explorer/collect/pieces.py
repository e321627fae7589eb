"""A request's way as pieces without overlap: what it waited for or ran, from its first to its last moment.

Given are a time window per request and intervals from everywhere (steps of a loop, jobs of threads and processes,
traced calls, waits), each with a level that says how specific it is. The sweep cuts every window at all ends of its
intervals and gives each stretch to the interval with the highest level that covers it; within a level, to the one that
began last. A floor interval per request covers its whole window, so that every sum of pieces is complete.

All requests of a poll are swept together: requests become ranks, moments become ranks among all moments, and a pair of
both becomes one integer, so that "the last interval of this request that began before that moment" is one binary
search for all stretches at once.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from explorer.collect.source import Array

FLOOR, WAIT, STEP, JOB, CALL = range(5)
LEVELS: Final = (FLOOR, WAIT, STEP, JOB, CALL)

INTERVAL: Final = np.dtype(
    [
        ("start", "<i8"),
        ("end", "<i8"),
        ("window", "<i8"),  # index of the window
        ("name", "<u4"),
        ("track", "<u4"),  # where it happened, 0 = nowhere in particular
        ("level", "u1"),
        ("state", "u1"),
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
    moments, ranks = np.unique(np.concatenate((intervals["start"], intervals["end"])), return_inverse=True)
    stride = len(moments) + 1
    window = intervals["window"]
    count = len(intervals)
    start_key = window * stride + ranks[:count]
    end_key = window * stride + ranks[count:]
    cuts = np.unique(np.concatenate((start_key, end_key)))
    left, right = cuts[:-1], cuts[1:]
    inside = left // stride == right // stride
    left, right = left[inside], right[inside]

    owner = np.full(len(left), -1, np.int64)
    for level in LEVELS:  # upwards, so that a more specific interval replaces a lesser one
        members = np.flatnonzero(intervals["level"] == level)
        if len(members):
            covering = _covering(members, start_key, end_key, left)
            np.copyto(owner, covering, where=covering >= 0)

    owned = owner >= 0
    left, right, owner = left[owned], right[owned], owner[owned]
    first = np.ones(len(owner), bool)
    first[1:] = (owner[1:] != owner[:-1]) | (left[1:] != right[:-1])
    last = np.append(first[1:], True)
    pieces: Array = intervals[owner[first]]
    pieces["start"] = moments[left[first] % stride]
    pieces["end"] = moments[right[last] % stride]
    return pieces


def _clip(begins: Integers, ends: Integers, intervals: Array) -> Array:
    clipped = intervals.copy()
    clipped["start"] = np.maximum(intervals["start"], begins[intervals["window"]])
    clipped["end"] = np.minimum(intervals["end"], ends[intervals["window"]])
    kept: Array = clipped[clipped["end"] > clipped["start"]]
    return kept


def _covering(members: Integers, start_key: Integers, end_key: Integers, left: Integers) -> Integers:
    """For each stretch that begins at `left`, the interval among `members` that covers it, or -1."""
    order = np.lexsort((-end_key[members], start_key[members]))
    members = members[order]
    starts, ends = start_key[members], end_key[members]
    # Of intervals that overlap, the last to begin may have ended while an earlier one goes on: the one that reaches
    # furthest so far covers the stretch if any does. Keys grow with the window, so windows do not mix.
    rank = np.empty(len(ends), np.int64)
    by_end = np.argsort(ends, kind="stable")
    rank[by_end] = np.arange(len(ends))
    furthest = by_end[np.maximum.accumulate(rank)]

    at = np.searchsorted(starts, left, side="right") - 1
    known = at >= 0
    at = np.maximum(at, 0)
    reach = furthest[at]
    found = np.where(ends[at] > left, members[at], members[reach])
    result: Integers = np.where(known & (ends[reach] > left), found, -1)
    return result
