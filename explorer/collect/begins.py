"""Spans that wrote a `begin` and have not written their `complete`: what a lock, a wait or a statement is doing now."""

from typing import Final

import numpy as np

from explorer.collect.order import find, join, select
from explorer.collect.source import SPAN, Array, OpenLock
from explorer.records.lock_owners import LOCKS
from explorer.records.schema import U32
from explorer.records.states import Flag, Kind

# Requests have their own book, and a thread's begin is answered by an END, not by a complete.
_KEPT: Final = np.ones(256, bool)
_KEPT[[Kind.REQUEST, Kind.CLIENT_REQUEST, Kind.MESSAGE, Kind.THREAD]] = False
_OF_LOCKS: Final = np.zeros(256, bool)
_OF_LOCKS[list(LOCKS)] = True


class Begins:
    """Keeps begins until the complete of equal track, kind, request and start has come."""

    def __init__(self) -> None:
        self.open = np.empty(0, SPAN)

    def update(self, spans: Array) -> bool:
        """Take in an (n,) SPAN array that holds begins and completes; whether `open` has changed."""
        begins = select(spans, ((spans["flags"] & Flag.BEGIN) != 0) & _KEPT[spans["kind"]])
        if not len(begins) and not len(self.open):
            return False
        before = len(self.open)
        waiting = join([self.open, begins])
        wanted = np.zeros(256, bool)
        wanted[waiting["kind"]] = True
        ends = select(spans, ((spans["flags"] & Flag.COMPLETE) != 0) & wanted[spans["kind"]])
        if len(ends):
            waiting = select(waiting, ~find(np.sort(keys(ends)), keys(waiting))[1])
        self.open = waiting
        return bool(len(begins)) or len(waiting) != before

    def forget(self, tracks: set[int], until: int) -> Array:
        """Drop what began on `tracks` before `until` (ns): its process has ended, or its complete may be lost.

        Returns what was dropped, (n,) of SPAN.
        """
        gone = np.isin(self.open["track"], list(tracks)) & (self.open["start"] < until)
        dropped = select(self.open, gone)
        if len(dropped):
            self.open = select(self.open, ~gone)
        return dropped


def open_locks(waiting: Array) -> list[OpenLock]:
    """What is held and awaited, of `waiting`, begins without a complete."""
    rows = select(waiting, _OF_LOCKS[waiting["kind"]])
    other = rows["argument"] & np.uint64(U32)
    owner = rows["argument"] >> np.uint64(32)
    fields = (rows["kind"], rows["track"], rows["start"], rows["name"], rows["request"], other, owner, rows["depth"])
    return [OpenLock(Kind(kind), *rest) for kind, *rest in zip(*(field.tolist() for field in fields), strict=True)]


def keys(spans: Array) -> Array:
    """One number per span for track, kind, request and start, mixed so that different spans practically never agree."""
    key: Array = spans["start"].astype(np.uint64) * np.uint64(0x9E37_79B9_7F4A_7C15)
    key ^= key >> np.uint64(29)
    key = (key + spans["request"]) * np.uint64(0xBF58_476D_1CE4_E5B9)
    key ^= key >> np.uint64(32)
    key = (key + (spans["track"].astype(np.uint64) << np.uint64(8)) + spans["kind"]) * np.uint64(0x94D0_49BB_1331_11EB)
    key ^= key >> np.uint64(31)
    return key
