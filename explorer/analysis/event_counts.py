"""How many events of each kind the loops handled, per tenth of a second.

Fed for every batch at the collector's pace, so it looks at each record once, through a table, and goes on with the few
that are events.
"""

from collections.abc import Iterable
from typing import Final

import numpy as np

from explorer.analysis.buckets import BUCKET_NS, Column
from explorer.collect.source import Array, Process, Track
from explorer.records.event_kinds import EVENT_KINDS, EVENTS, NUMBER, SWITCHING_PROTOCOLS, EventKind
from explorer.records.schema import U32
from explorer.records.states import Role, TrackKind

EVENT_OF: Final = np.zeros(256, np.uint8)
"""The number of the event kind that a record of a `Kind` tells of, 0 = none."""
for _declared in EVENTS:
    EVENT_OF[list(_declared.records)] = NUMBER[_declared.kind]
_HTTP: Final = NUMBER[EventKind.HTTP]
OTHER_ROLES: Final = (Role.WINDOW, Role.LOAD, Role.SAMPLER, Role.UPSTREAM, Role.GATEWAY)
"""Processes whose loops are not the ones under observation: what they handle are not the run's events."""
_ASKING: Final = (Role.WINDOW, Role.LOAD, Role.SAMPLER)
"""Of these only a loop could write what an event is known by; the fewer tracks there are to leave out the better."""
_STATUS: Final = np.uint64(U32)
_RATE_BUCKETS: Final = 10


class EventCounts:
    """Counts by kind. `columns` (by bucket) are to be read."""

    def __init__(self) -> None:
        self.columns: dict[EventKind, Column] = {kind: Column("u4") for kind in EVENT_KINDS}
        self._others = np.zeros(0, np.uint32)

    def declare(self, processes: dict[int, Process], tracks: Iterable[Track]) -> None:
        """All processes and tracks so far: what the others handle does not count."""
        self._others = np.array(other_tracks(processes, tracks), np.uint32)

    def feed(self, bucket: int, track: Array, kind: Array, argument: Array) -> None:
        """What ended in a bucket: columns (n,) of spans."""
        event = EVENT_OF[kind]
        counts = np.bincount(event).tolist()
        if len(counts) == 1:
            return
        if len(self._others):
            event[np.isin(track, self._others)] = 0
            counts = np.bincount(event).tolist()
        if len(counts) > _HTTP and counts[_HTTP]:
            status = argument.take(np.flatnonzero(event == _HTTP)) & _STATUS
            counts[_HTTP] -= int(np.count_nonzero(status == SWITCHING_PROTOCOLS))
        for number, count in enumerate(counts):
            if number and count:
                self.columns[EVENT_KINDS[number - 1]].add(bucket, count)

    def between(self, begin: int, end: int) -> dict[EventKind, int]:
        """Counts over the buckets from `begin` up to `end`."""
        return {kind: int(column.sum(begin, end)) for kind, column in self.columns.items()}

    def rates(self, end: int) -> dict[EventKind, float]:
        """Events per second, over the second before bucket `end`."""
        seconds = _RATE_BUCKETS * BUCKET_NS / 1e9
        return {kind: column.sum(end - _RATE_BUCKETS, end) / seconds for kind, column in self.columns.items()}


def other_tracks(processes: dict[int, Process], tracks: Iterable[Track]) -> list[int]:
    """The tracks of processes that are not under observation and may hold events."""
    roles = {process.number: process.role for process in processes.values()}
    return [
        track.number
        for track in tracks
        if (role := roles.get(track.process)) in OTHER_ROLES
        and (track.kind is TrackKind.LOOP or (role not in _ASKING and track.kind is not TrackKind.COUNTER))
    ]
