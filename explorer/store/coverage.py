"""How long each state was on in each of many bins of time: the arithmetic of the far view.

Far out thousands of spans share a pixel column, and painting the last one, or the most frequent, would lie. So each
column gets the nanoseconds covered by every state, and is painted as stacked shares. Columns are bins of a power of
two ns, anchored to absolute time: panning never changes what falls into one.

Coverage adds up: what arrives later (a long span ends after shorter ones that it holds) is simply added. A span
inside another (depth 1 and more) also takes its time away from RUNNING, which is what the span around it was taken to
do; until that one has arrived the RUNNING share is negative, and painted as none.
"""

from typing import Final

import numpy as np

from explorer.collect.source import Array
from explorer.records.states import State

STATES: Final = len(State)


def cover(
    start: Array, end: Array, slot: Array, slots: int, origin: int, bits: int, columns: int, weight: Array | None = None
) -> Array:
    """Nanoseconds covered per slot and column: (slots, columns) of f8.

    `start` and `end` (i8, ns) are cut to the `columns` bins of `1 << bits` ns from `origin` on; `slot` (i8) says to
    which row of the result a span belongs; `weight` (f8) multiplies its time.
    """
    width = 1 << bits
    first = np.maximum(start, origin) - origin
    last = np.minimum(end, origin + columns * width) - origin
    # A span without length is seen as one nanosecond: nothing may disappear.
    last = np.maximum(last, np.where((start >= origin) & (start < origin + columns * width), first + 1, last))
    inside = np.flatnonzero(last > first)
    if len(inside) < len(first):
        first, last, slot = first[inside], last[inside], slot[inside]
        weight = None if weight is None else weight[inside]
    size = slots * columns
    if not len(first):
        return np.zeros((slots, columns))
    left, right = first >> bits, np.minimum((last - 1) >> bits, columns - 1)
    base = slot * columns
    one = left == right
    ns = np.where(one, last - first, ((left + 1) << bits) - first).astype("<f8")
    if weight is not None:
        ns *= weight
    covered = np.bincount(base + left, ns, size)
    several = np.flatnonzero(~one)
    if len(several):
        left, right, base, last = left[several], right[several], base[several], last[several]
        scale = None if weight is None else weight[several]
        ns = (last - (right << bits)).astype("<f8")
        covered += np.bincount(base + right, ns if scale is None else ns * scale, size)
        wide = np.flatnonzero(right > left + 1)
        if len(wide):
            at = None if scale is None else scale[wide]
            begins = np.bincount(base[wide] + left[wide] + 1, at, size + 1)
            ends = np.bincount(base[wide] + right[wide], at, size + 1)
            covered += np.cumsum((begins - ends)[:size]) * width
    return covered.reshape(slots, columns)


def cover_states(
    start: Array, end: Array, state: Array, depth: Array, row: Array, rows: int, origin: int, bits: int, columns: int
) -> Array:
    """Nanoseconds per row, state and column: (rows, STATES, columns) of f4; RUNNING less what lies at depth 1 and
    more.
    """
    slot = row * STATES + state
    weight = None
    inner = np.flatnonzero(depth)
    if len(inner):
        start = np.concatenate((start, start[inner]))
        end = np.concatenate((end, end[inner]))
        slot = np.concatenate((slot, row[inner] * STATES + int(State.RUNNING)))
        weight = np.ones(len(start))
        weight[-len(inner) :] = -1
    covered = cover(start, end, slot, rows * STATES, origin, bits, columns, weight)
    return covered.reshape(rows, STATES, columns).astype("<f4")
