"""Which spans of a foreign trace lie within which: halves matched, depths given, what overlaps spread over rows.

Plain functions over arrays of ns; each costs below a microsecond a span.
"""

import heapq
from typing import Final, NamedTuple

import numpy as np

from explorer.collect.source import Array
from explorer.recording.importers.columns import BEGIN, END

DEEPEST: Final = 255
OVERHANG_NS: Final = 1_000
"""Clocks of traces count in µs: a span that ends so much later than the one around it ends with that one."""


class Matched(NamedTuple):
    """Places of begins and of their ends (equal lengths), of begins without an end, and the ends without a begin."""

    begins: Array
    ends: Array
    open: Array
    strays: int


def match(phase: Array, key: Array | None = None) -> Matched:
    """Match begins with ends, which are in order of time; the last begin first, within each `key`."""
    stacks: dict[int, list[int]] = {}
    stack: list[int] = stacks.setdefault(0, [])
    begins: list[int] = []
    ends: list[int] = []
    strays = 0
    keys = None if key is None else key.tolist()
    for place, what in enumerate(phase.tolist()):
        if keys is not None:
            stack = stacks.setdefault(keys[place], [])
        if what == BEGIN:
            stack.append(place)
        elif what == END:
            if stack:
                begins.append(stack.pop())
                ends.append(place)
            else:
                strays += 1
    still = sorted(place for each in stacks.values() for place in each)
    return Matched(np.array(begins, np.intp), np.array(ends, np.intp), np.array(still, np.intp), strays)


def in_order(start: Array, end: Array) -> Array:
    """The order of spans in which an outer one comes before those within it."""
    return np.lexsort((-end, start))


def depths(start: Array, end: Array) -> tuple[Array, Array]:
    """How many spans each lies within, (n,) i8, and the ends, some of them cut to the end of the span around them.

    The spans are `in_order`. Those of one depth do not overlap, whatever the trace holds: one that begins within
    another and ends after it lies below that one all the same.
    """
    found: list[int] = []
    cut: list[int] = []
    open_until: list[int] = []
    for begins, ends in zip(start.tolist(), end.tolist(), strict=True):
        while open_until and open_until[-1] <= begins:
            open_until.pop()
        if open_until and 0 < ends - open_until[-1] <= OVERHANG_NS:
            ends = open_until[-1]
        found.append(len(open_until))
        cut.append(ends)
        open_until.append(ends if ends > begins else begins + 1)
    return np.array(found, np.int64), np.array(cut, np.int64)


def spread(start: Array, end: Array) -> Array:
    """The lowest free row for each span, (n,) i8; the spans are `in_order`."""
    rows: list[int] = []
    free: list[int] = []
    taken: list[tuple[int, int]] = []
    count = 0
    for begins, ends in zip(start.tolist(), end.tolist(), strict=True):
        while taken and taken[0][0] <= begins:
            heapq.heappush(free, heapq.heappop(taken)[1])
        if free:
            row = heapq.heappop(free)
        else:
            row, count = count, count + 1
        rows.append(row)
        heapq.heappush(taken, (ends if ends > begins else begins + 1, row))
    return np.array(rows, np.int64)


def connected(start: Array, end: Array, time: int, *, after: bool) -> int:
    """Which span (`in_order`) an arrow's end at `time` means: the innermost around it, or the next; -1 for none."""
    if after:
        place = int(start.searchsorted(time, "left"))
        if place < len(start):
            return place
    place = int(start.searchsorted(time, "right")) - 1
    for candidate in range(place, max(-1, place - DEEPEST), -1):
        if end[candidate] >= time:
            return candidate
    return -1
