"""Spans that findings are about, kept in little room: sums for every tenth of a second, and the longest one by one.

A group is what one finding wants to know of: long callbacks, waits for a token, holds of a lock. Within a group sums
are kept by a key, which is the track or, of waits for a lock, the lock.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from explorer.analysis.buckets import BUCKET_NS, Column, groups_of
from explorer.collect.order import join, select, take
from explorer.collect.source import SPAN, Array, OpenSpan
from explorer.records.schema import TIME_UNIT_NS, U32
from explorer.records.states import Kind

LONG_NS: Final = 50_000_000
"""A callback of a loop, a timer's lateness or a run of the collector below this is not kept one by one."""
MOST: Final = 512
LEFT: Final = 128
"""Of too many spans so many of the longest stay, and so many of the newest."""

(
    CALLBACKS, TIMERS, COLLECTIONS, TOKENS, CONNECTIONS, LOCK_WAITS, LOCK_HOLDS, SERVED, REFUSED, LATE, STACKS, DRAINS,
    LATE_TIMERS,
) = range(13)  # fmt: skip
"""Groups. CALLBACKS and LATE_TIMERS are those from `LONG_NS` on; TIMERS counts all of them and keeps the late ones."""
RAN: Final = (Kind.CALLBACK, Kind.STEP, Kind.IO, Kind.TIMER, Kind.HANDOVER, Kind.SIGNAL)
_GROUP_OF: Final = {
    Kind.GC: COLLECTIONS,
    Kind.TOKEN_WAIT: TOKENS,
    Kind.CONNECTION_WAIT: CONNECTIONS,
    Kind.LOCK_WAIT: LOCK_WAITS,
    Kind.LOCK_HELD: LOCK_HOLDS,
    Kind.REQUEST: SERVED,
    Kind.SEND_WAIT: LATE,
    Kind.STACK: STACKS,
    Kind.DRAIN_WAIT: DRAINS,
}
_NO_GROUP: Final = 255
_GROUPS: Final = np.full(256, _NO_GROUP, np.uint8)
_GROUPS[list(_GROUP_OF)] = list(_GROUP_OF.values())
_RAN: Final = np.zeros(256, bool)
_RAN[list(RAN)] = True
_UNAVAILABLE: Final = 503


@dataclass(slots=True)
class Sums:
    """By bucket: how many spans ended, and their seconds."""

    count: Column = field(default_factory=lambda: Column("u4"))
    seconds: Column = field(default_factory=lambda: Column("f8"))


class Group:
    """One group: sums by key, and the longest spans, (n,) of SPAN."""

    def __init__(self) -> None:
        self.sums: dict[int, Sums] = {}
        self._kept: list[Array] = []
        self._count = 0

    def add(self, spans: Array, keys: Array, lengths: Array) -> None:
        """Take in spans, n > 0, with the key and the length (ns) of each."""
        for key in np.unique(keys).tolist():
            mine = np.flatnonzero(keys == key)
            buckets = spans["end"].take(mine) // BUCKET_NS
            order = np.argsort(buckets, kind="stable")
            which, firsts, counts = groups_of(buckets.take(order))
            sums = self.sums.setdefault(key, Sums())
            sums.count.add_each(which, counts)
            sums.seconds.add_each(which, np.add.reduceat(lengths.take(mine).take(order), firsts) / 1e9)

    def keep(self, spans: Array) -> None:
        """Keep spans one by one, as far as there is room."""
        self._kept.append(spans)
        self._count += len(spans)
        if self._count > MOST:
            every = join(self._kept)
            longest = np.argsort(every["end"] - every["start"])[-LEFT:]
            newest = np.arange(len(every) - LEFT, len(every))
            self._kept = [take(every, np.union1d(longest, newest))]
            self._count = len(self._kept[0])

    def spans(self, begin: int, end: int) -> Array:
        """Those kept that touch the time from `begin` to `end` (ns), longest first."""
        every = join(self._kept)
        found = select(every, (every["end"] > begin) & (every["start"] < end))
        return take(found, np.argsort(found["start"] - found["end"], kind="stable"))


class SpanLog:
    """The groups of a run. `names` are its names by number, `running` what loops have been at since when (open)."""

    def __init__(self) -> None:
        self.names: dict[int, str] = {}
        self.running: list[OpenSpan] = []
        self._groups = [Group() for _ in range(13)]

    def group(self, number: int) -> Group:
        """One of the groups above."""
        return self._groups[number]

    def declare(self, names: Iterable[tuple[int, str]]) -> None:
        """Names that are new."""
        self.names.update(names)

    def note_open(self, spans: Iterable[OpenSpan]) -> None:
        """The present set of open spans."""
        self.running = [span for span in spans if _RAN[span.kind] and not span.depth]

    def feed(self, spans: Array) -> None:
        """Spans that have ended."""
        if not len(spans):
            return
        kind = spans["kind"]
        self._feed_loops(spans, kind)
        places = np.flatnonzero(_GROUPS[kind] != _NO_GROUP)
        if len(places):
            mine = take(spans, places)
            groups = _GROUPS[mine["kind"]]
            for number in np.unique(groups).tolist():
                self._add(number, select(mine, groups == number))
        asked = np.flatnonzero(kind == Kind.CLIENT_REQUEST)
        if len(asked):
            refused = asked[(spans["argument"].take(asked) & np.uint64(U32)) == _UNAVAILABLE]
            if len(refused):
                self._add(REFUSED, take(spans, refused))

    def _add(self, number: int, mine: Array) -> None:
        group, lengths = self._groups[number], mine["end"] - mine["start"]
        keys = (mine["argument"] & np.uint64(U32)).astype(np.int64) if number == LOCK_WAITS else mine["track"]
        group.add(mine, keys, lengths)
        if number != SERVED:
            least = 0 if number in (REFUSED, STACKS, DRAINS, COLLECTIONS) else 1_000_000
            group.keep(select(mine, lengths >= least))

    def _feed_loops(self, spans: Array, kind: Array) -> None:
        ran = np.flatnonzero(_RAN[kind])
        if not len(ran):
            return
        lengths = spans["end"].take(ran) - spans["start"].take(ran)
        long = ran[lengths >= LONG_NS]
        if len(long):
            mine = take(spans, long)
            mine = select(mine, mine["depth"] == 0)
            if len(mine):
                self._groups[CALLBACKS].add(mine, mine["track"], mine["end"] - mine["start"])
                self._groups[CALLBACKS].keep(mine)
        self._feed_timers(spans, np.flatnonzero(kind == Kind.TIMER))

    def _feed_timers(self, spans: Array, timers: Array) -> None:
        if not len(timers):
            return
        late = (spans["argument"].take(timers) & np.uint64(U32)).astype(np.int64) * TIME_UNIT_NS
        mine = take(spans, timers)
        group = self._groups[TIMERS]
        group.add(mine, mine["track"], late)
        kept = late >= LONG_NS
        if kept.any():
            mine = select(mine, kept)
            self._groups[LATE_TIMERS].add(mine, mine["track"], late[kept])
            mine["end"] = mine["start"]  # what is of interest is when it was due, and when it came
            mine["start"] -= late[kept]
            group.keep(mine)


def empty() -> Array:
    """No spans."""
    return np.empty(0, SPAN)
