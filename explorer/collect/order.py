"""Records of many rings in one order.

Several rings feed one track, and a record is written when its span ends, so that records of one poll are not sorted.
The rule: read the clock, T0, before any ring; poll all rings; sort by end; release what ended before T0 − 1 ms and
hold the rest. A writer reads the clock and publishes the record within microseconds, so what ended 1 ms before T0 is
in its ring when the ring is polled. What comes later than that is counted and released at once: nothing is dropped.
"""

from typing import Any

import numpy as np

from explorer.collect.source import SPAN, Array
from explorer.records.states import Flag

WATERMARK_NS = 1_000_000
_UNFINISHED = int(Flag.BEGIN)


def take(rows: Array, order: Array) -> Array:
    """`rows[order]` for an index array.

    Moved in 64-bit words: many times faster than as structures. Like `select` and `join` it is for any array of
    structures whose size is a multiple of 8 bytes.
    """
    words = rows.dtype.itemsize // 8
    return rows.view(np.uint64).reshape(-1, words).take(order, axis=0).reshape(-1).view(rows.dtype)


def select(rows: Array, mask: Array) -> Array:
    """`rows[mask]` for a boolean array."""
    return take(rows, np.flatnonzero(mask))


def join(parts: list[Array], dtype: "np.dtype[Any]" = SPAN) -> Array:
    """The parts, all of `dtype`, one behind the other; what is empty costs nothing."""
    parts = [part for part in parts if len(part)]
    if len(parts) <= 1:
        return parts[0] if parts else np.empty(0, dtype)
    return np.concatenate([part.view(np.uint64) for part in parts]).view(dtype)


def find(known: Array, wanted: Array) -> tuple[Array, Array]:
    """For each of `wanted`: where it stands in the sorted `known`, and whether it is there at all."""
    if not len(known):
        return np.zeros(len(wanted), np.int64), np.zeros(len(wanted), bool)
    place: Array = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    found: Array = known[place] == wanted
    return place, found


def by_end(spans: Array) -> Array:
    """Sorted by end; equal ends keep their order."""
    return take(spans, np.argsort(spans["end"], kind="stable"))


class Order:
    """Sorts what the rings gave; `held` is what may still be overtaken, `late` counts what came too late."""

    def __init__(self) -> None:
        self.late = 0
        self.released_until = 0
        self.held = np.empty(0, SPAN)

    def release(self, new: list[Array], until: int) -> Array:
        """Add arrays of SPAN and return, sorted by end, all that ended before `until` (ns).

        `until` never goes backwards; a smaller one counts as the last one. Begins are not counted as late: their
        start may be the intended one, which lies before the moment they were written.
        """
        until = max(until, self.released_until)
        spans = join([self.held, *new])
        if len(spans):
            spans = by_end(spans)
            late = int(np.searchsorted(spans["end"], self.released_until))
            if late:
                self.late += int(np.count_nonzero((spans["flags"][:late] & _UNFINISHED) == 0))
            split = int(np.searchsorted(spans["end"], until))
            # Copied, so that a few held spans do not keep a large array alive.
            self.held = spans[split:].copy()
            spans = spans[:split]
        self.released_until = until
        return spans
