"""The queues at all locks of a run, by lock, to be painted: who waited, from when to when. No Qt.

A wait lies on the lane of whoever waits, so that finding those for one lock in the store would mean to look through all
lanes; here they are put by as they come. Owned by the window's thread, fed with the same batches as the store.
"""

from collections.abc import Iterable
from typing import Final

import numpy as np

from explorer.collect.source import Array, Batch, OpenLock
from explorer.desktop.timeline.waiting import Holds
from explorer.records.lock_owners import task_of
from explorer.records.schema import U32
from explorer.records.states import Kind
from explorer.store.store import Store

MOST: Final = 200_000
"""Waits for one lock that are kept, the newest; 40 bytes each."""
FOREVER: Final = 1 << 62
LATE: Final = 256
"""Waits that may have come out of order."""
AT_ONCE_NS: Final = 1_000_000
"""Whoever holds a lock so soon after waiting for it got it by that."""
_ROW: Final = np.dtype(
    [("start", "<i8"), ("end", "<i8"), ("request", "<u8"), ("lane", "<u4"), ("task", "<u4"), ("name", "<u4")]
)


class LockQueues:
    """Finished waits by the track of their lock, and what is `open`: held or awaited now."""

    def __init__(self) -> None:
        self.open: list[OpenLock] = []
        self._queues: dict[int, _Queue] = {}

    def feed(self, batch: Batch) -> None:
        """Take in the waits of a batch."""
        if batch.locks is not None:
            self.open = batch.locks
        spans = batch.spans
        found = np.flatnonzero(spans["kind"] == Kind.LOCK_WAIT) if len(spans) else ()
        if not len(found):
            return
        waits = spans[found]
        locks = (waits["argument"] & np.uint64(U32)).astype("<u4")
        rows = np.empty(len(waits), _ROW)
        for field in ("start", "end", "request", "name"):
            rows[field] = waits[field]
        rows["lane"] = waits["track"]
        rows["task"] = tasks(waits["argument"])
        self._take(locks, rows)

    def _take(self, locks: Array, rows: Array) -> None:
        for lock in np.unique(locks).tolist():
            self._queues.setdefault(lock, _Queue()).append(rows[locks == lock])

    @classmethod
    def of(cls, store: Store) -> "LockQueues":
        """The queues of a run that lies in a store as a whole."""
        queues, found, locks = cls(), [np.empty(0, _ROW)], [np.empty(0, "<u4")]
        for row in store.rows():
            for piece in store.slices(row.track, row.depth, 0, FOREVER):
                some = np.flatnonzero(piece.kind == Kind.LOCK_WAIT)
                rows = np.empty(len(some), _ROW)
                for field in ("start", "end", "request", "name"):
                    rows[field] = getattr(piece, field)[some]
                rows["lane"], rows["task"] = row.track, tasks(piece.argument[some])
                found.append(rows)
                locks.append((piece.argument[some] & np.uint64(U32)).astype("<u4"))
        every = np.concatenate(found)
        order = np.argsort(every["end"], kind="stable")
        queues._take(np.concatenate(locks)[order], every[order])
        return queues

    def between(self, lock: int, begin: int, end: int) -> Array:
        """The finished waits for a lock that touch the time from `begin` to `end` (ns), as rows with start, end,
        request, lane, task and name.
        """
        queue = self._queues.get(lock)
        return np.empty(0, _ROW) if queue is None else queue.between(begin, end)

    def locks(self) -> Iterable[int]:
        """The locks that somebody has waited for."""
        return self._queues.keys()


class _Queue:
    """A column store of one lock's waits, in the order in which they came."""

    def __init__(self) -> None:
        self._rows = np.empty(64, _ROW)
        self._count = 0
        self._longest = 0

    def append(self, rows: Array) -> None:
        if self._count + len(rows) > len(self._rows):
            self._grow(len(rows))
        self._rows[self._count : self._count + len(rows)] = rows
        self._count += len(rows)
        self._longest = max(self._longest, int((rows["end"] - rows["start"]).max()))

    def between(self, begin: int, end: int) -> Array:
        rows = self._rows[: self._count]
        first = max(0, int(np.searchsorted(rows["end"], begin)) - LATE)
        last = int(np.searchsorted(rows["end"], end + self._longest, "right")) + LATE
        some = rows[first:last]
        return some[(some["start"] < end) & (some["end"] > begin)]

    def _grow(self, more: int) -> None:
        kept = self._rows[max(0, self._count - MOST + more) : self._count]
        grown = np.empty(max(2 * len(kept), len(kept) + more, 64), _ROW)
        grown[: len(kept)] = kept
        self._rows, self._count = grown, len(kept)


def tasks(argument: Array) -> Array:
    """The numbers of the tasks in arguments of records of locks; 0 for threads."""
    words = (argument >> np.uint64(32)).astype("<u8")
    few, which = np.unique(words, return_inverse=True)
    return np.array([task_of(int(word)) for word in few], "<u4")[which] if len(few) else np.zeros(0, "<u4")


def holds_of(store: Store, opened: Iterable[OpenLock], track: int, begin: int, end: int, now: int) -> Holds:
    """The holds of a lock that touch the time from `begin` to `end` (ns), none beyond `now`, to which those that are
    open reach.
    """
    pieces = [(depth, piece) for depth in store.depths(track) for piece in store.slices(track, depth, begin, end)]
    going = [each for each in opened if each.kind is Kind.LOCK_HELD and each.track == track and each.start < now]

    def joined(name: str, form: str, open_values: list[int]) -> Array:
        return np.concatenate([*(getattr(piece, name) for _, piece in pieces), np.array(open_values, form)]).astype(
            form
        )

    depth = [np.full(len(piece), depth, "<i4") for depth, piece in pieces]
    argument = joined("argument", "<u8", [each.owner << 32 | each.other for each in going])
    kind = joined("kind", "u1", [each.kind for each in going])
    held = Holds(
        joined("start", "<i8", [each.start for each in going]),
        np.minimum(joined("end", "<i8", [now] * len(going)), now),
        np.concatenate([*depth, np.array([each.depth for each in going], "<i4")]),
        (argument & np.uint64(U32)).astype("<u4"),
        tasks(argument),
        joined("request", "<u8", [each.request for each in going]),
        joined("name", "<u4", [each.name for each in going]),
    )
    some = np.flatnonzero((kind == Kind.LOCK_HELD) & (held.end > held.start))
    return Holds(*(getattr(held, field)[some] for field in Holds.__slots__))


def open_waits(opened: Iterable[OpenLock], lock: int, now: int) -> Array:
    """Rows of the waits for a lock that go on, up to `now` (ns)."""
    going = [each for each in opened if each.kind is Kind.LOCK_WAIT and each.other == lock and each.start < now]
    rows = np.zeros(len(going), _ROW)
    for at, each in enumerate(going):
        rows[at] = (each.start, now, each.request, each.track, task_of(each.owner), each.name)
    return rows


def got(waits: Array, holds: Holds) -> Array:
    """Which of the `waits` ended by the waiter's getting the lock: whoever gets it holds it at once, (n,) of bool."""
    found = np.zeros(len(waits), bool)
    order = np.argsort(holds.start, kind="stable")
    starts = holds.start[order]
    first = np.searchsorted(starts, waits["end"]).tolist()
    last = np.searchsorted(starts, waits["end"] + AT_ONCE_NS, "right").tolist()
    for at, (low, high) in enumerate(zip(first, last, strict=True)):
        some = order[low:high]
        mine = holds.task[some] == waits["task"][at]
        if not waits["task"][at]:
            mine &= holds.holder[some] == waits["lane"][at]
        found[at] = bool(mine.any())
    return found
