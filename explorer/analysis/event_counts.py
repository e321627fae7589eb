"""How many events of each kind the loops handled, per tenth of a second.

Fed for every batch at the collector's pace, so it looks at each record once, through a table, and goes on with the few
that are events.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np

from explorer.analysis.buckets import BUCKET_NS, Column, groups_of
from explorer.collect.source import Array, Process, Track
from explorer.records.event_kinds import EVENT_KINDS, EVENTS, NUMBER, SWITCHING_PROTOCOLS, EventKind
from explorer.records.schema import U32
from explorer.records.states import Role, TrackKind

EVENT_OF: Final = np.zeros(256, np.uint8)
"""The number of the event kind that a record of a `Kind` tells of, 0 = none."""
for _declared in EVENTS:
    EVENT_OF[list(_declared.records)] = NUMBER[_declared.kind]
_HTTP: Final = NUMBER[EventKind.HTTP]
OTHER_ROLES: Final = (
    Role.WINDOW,
    Role.LOAD,
    Role.SAMPLER,
    Role.UPSTREAM,
    Role.DATABASE,
    Role.GATEWAY,
    Role.CLUSTER,
)
"""Processes whose loops are not the ones under observation: what they handle are not the run's events."""
_ASKING: Final = (Role.WINDOW, Role.LOAD, Role.SAMPLER)
"""Of these only a loop could write what an event is known by; the fewer tracks there are to leave out the better."""
_STATUS: Final = np.uint64(U32)
_RATE_BUCKETS: Final = 10


class EventCounts:
    """Counts by kind. `columns` (by bucket) are to be read."""

    def __init__(self) -> None:
        self.columns: dict[EventKind, Column] = {kind: Column("u4") for kind in EVENT_KINDS}
        self._others = OtherTracks()

    def declare(self, processes: Iterable[Process], tracks: Iterable[Track], known: Mapping[int, Track]) -> None:
        """As `OtherTracks.declare`: what the others handle does not count."""
        self._others.declare(processes, tracks, known)

    def feed(self, bucket: int, track: Array, kind: Array, argument: Array) -> None:
        """What ended in a bucket: columns (n,) of spans."""
        event = EVENT_OF[kind]
        counts = np.bincount(event).tolist()
        if len(counts) == 1:
            return
        if len(self._others.numbers):
            event[np.isin(track, self._others.numbers)] = 0
            counts = np.bincount(event).tolist()
        if len(counts) > _HTTP and counts[_HTTP]:
            status = argument.take(np.flatnonzero(event == _HTTP)) & _STATUS
            counts[_HTTP] -= int(np.count_nonzero(status == SWITCHING_PROTOCOLS))
        for number, count in enumerate(counts):
            if number and count:
                self.columns[EVENT_KINDS[number - 1]].add(bucket, count)

    def feed_many(self, buckets: Array, track: Array, kind: Array, argument: Array) -> None:
        """The same of many buckets, `buckets` (n,) ascending, in one go."""
        places = np.flatnonzero(EVENT_OF[kind])
        if len(self._others.numbers):
            places = places[~np.isin(track.take(places), self._others.numbers)]
        event = EVENT_OF[kind.take(places)].astype(np.int64)
        status = argument.take(places) & _STATUS
        upgrades = (event == _HTTP) & (status == SWITCHING_PROTOCOLS)
        if upgrades.any():
            places, event = places[~upgrades], event[~upgrades]
        if not len(places):
            return
        which, _, counts = groups_of(buckets.take(places))
        kinds = len(EVENT_KINDS) + 1
        cells = np.repeat(np.arange(len(which)) * kinds, counts) + event
        table = np.bincount(cells, minlength=len(which) * kinds).reshape(len(which), kinds)
        for number in np.flatnonzero(table.any(axis=0)).tolist():
            some = np.flatnonzero(table[:, number])
            self.columns[EVENT_KINDS[number - 1]].add_each(which[some], table[some, number])

    def between(self, begin: int, end: int) -> dict[EventKind, int]:
        """Counts over the buckets from `begin` up to `end`."""
        return {kind: int(column.sum(begin, end)) for kind, column in self.columns.items()}

    def rates(self, end: int) -> dict[EventKind, float]:
        """Events per second, over the second before bucket `end`."""
        seconds = _RATE_BUCKETS * BUCKET_NS / 1e9
        return {kind: column.sum(end - _RATE_BUCKETS, end) / seconds for kind, column in self.columns.items()}


class OtherTracks:
    """The tracks of processes that are not under observation and may hold events: `numbers`, (n,).

    Processes may come and go by the hundred a second: only what is new is looked at.
    """

    def __init__(self) -> None:
        self.numbers: Array = np.zeros(0, np.uint32)
        self._roles: dict[int, Role] = {}  # of the others, by process number
        self._found: set[int] = set()

    def declare(self, processes: Iterable[Process], tracks: Iterable[Track], known: Mapping[int, Track]) -> None:
        """Processes and tracks that are new or changed; `known` are all tracks so far, by number."""
        before = dict(self._roles)
        for process in processes:
            self._roles.pop(process.number, None)
            if process.role in OTHER_ROLES:
                self._roles[process.number] = process.role
        found = set(self._found)
        for track in tracks if before == self._roles else known.values():
            (found.add if self._is_other(track) else found.discard)(track.number)
        if found != self._found:
            self._found = found
            self.numbers = np.array(sorted(found), np.uint32)

    def _is_other(self, track: Track) -> bool:
        role = self._roles.get(track.process)
        if role is None:
            return False
        return track.kind is TrackKind.LOOP or (role not in _ASKING and track.kind is not TrackKind.COUNTER)
