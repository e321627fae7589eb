"""What happened to the locks of a run, from its batches: live or from a recording, which is the same here.

Records of what is over are kept as they came, the newest `KEPT` of them, and become objects when somebody asks: a lock
may be taken a hundred thousand times a second. What is held and awaited now is told complete by every batch that
changes it.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Final

import numpy as np

from explorer.analysis.locks.owners import Owner, Owners
from explorer.collect.order import join, select
from explorer.collect.source import Array, Batch, OpenLock, Track
from explorer.records.lock_owners import LOCKS, is_bound
from explorer.records.schema import U32
from explorer.records.states import Kind, TrackKind

KEPT: Final = 500_000
BETWEEN: Final = " · "
"""Stands in a wait's name between the lock and the place that waits for it."""
_OF_LOCKS: Final = np.zeros(256, bool)
_OF_LOCKS[list(LOCKS)] = True


@dataclass(frozen=True, slots=True)
class Hold:
    """Somebody had a lock, or one of its tokens (`depth` tells them apart), in ns; `end` is None while it goes on.

    `bound`: nobody but the owner gives it back.
    """

    lock: int
    owner: Owner
    start: int
    end: int | None
    request: int
    depth: int = 0
    bound: bool = True


@dataclass(frozen=True, slots=True)
class Wait:
    """Somebody waited for a lock, at `place` ("folder/file.py:12") of the app's code; without `end` it goes on."""

    lock: int
    owner: Owner
    start: int
    end: int | None
    request: int
    place: str


@dataclass(frozen=True, slots=True)
class Signal:
    """Somebody woke who waited: set an event, notified a condition, put something into a queue or took it out."""

    lock: int
    owner: Owner
    time: int
    request: int


@dataclass(slots=True)
class Lock:
    """One lock, by the number of its track (of one of them, if several processes share it).

    `what` is the primitive ("threading.Lock"), `place` where it was made. `holders` and `waiting` are what is held and
    who waits now, in the order of coming.
    """

    number: int
    name: str
    what: str
    place: str
    holders: list[Hold] = field(default_factory=list)
    waiting: list[Wait] = field(default_factory=list)


class LockTrace:
    """Fed with every batch of a run, knows its locks. `locks` are by number; all is known up to `until` (ns)."""

    def __init__(self) -> None:
        self.locks: dict[int, Lock] = {}
        self.owners = Owners()
        self.until = 0
        self._names: dict[int, str] = {}
        self._numbers: dict[int, int] = {}  # the lock of each track
        self._shared: dict[str, int] = {}
        self._parts: deque[Array] = deque()
        self._kept = 0
        self._open: dict[OpenLock, Hold | Wait] = {}

    def feed(self, batch: Batch) -> bool:
        """Take in a batch; whether anything about locks was in it."""
        self.owners.feed(batch)
        self._names.update(batch.names)
        for track in batch.tracks:
            if track.kind is TrackKind.LOCK:
                self._meet(track)
        self.until = max(self.until, batch.now)
        spans = select(batch.spans, _OF_LOCKS[batch.spans["kind"]])
        if len(spans):
            self._keep(spans)
        if batch.locks is not None:
            self._set_open(batch.locks)
        return bool(len(spans)) or batch.locks is not None

    def named(self, name: str) -> Lock:
        """The lock of this name. Raises KeyError when there is none."""
        for lock in self.locks.values():
            if lock.name == name:
                return lock
        raise KeyError(name)

    @property
    def kept(self) -> int:
        """How many records of what is over are kept."""
        return self._kept

    @property
    def waiting(self) -> list[Wait]:
        """All who wait now, the longest first."""
        return sorted((wait for lock in self.locks.values() for wait in lock.waiting), key=attrgetter("start"))

    def holds(self, number: int) -> list[Hold]:
        """All that was held of a lock and is, by start."""
        over = (self._hold(row) for row in self._rows(Kind.LOCK_HELD, number))
        return sorted([*over, *self.locks[number].holders], key=attrgetter("start"))

    def waits(self, number: int) -> list[Wait]:
        """All who waited for a lock and do, in the order of coming."""
        over = (self._wait(row) for row in self._rows(Kind.LOCK_WAIT, number))
        return sorted([*over, *self.locks[number].waiting], key=attrgetter("start"))

    def signals(self, number: int) -> list[Signal]:
        """When those who waited at an event, a condition, a queue were woken, and by whom."""
        return [
            Signal(number, self._holder(row), row.start, row.request) for row, _ in self._rows(Kind.LOCK_SIGNAL, number)
        ]

    def at(self, time: int) -> tuple[list[Hold], list[Wait]]:
        """What was held and who waited at `time` (ns)."""
        spans = self._all()
        lasting = select(spans, (spans["start"] <= time) & (time < spans["end"]))
        holds = [self._hold(row) for row in _opened(lasting, Kind.LOCK_HELD)]
        waits = [self._wait(row) for row in _opened(lasting, Kind.LOCK_WAIT)]
        for lock in self.locks.values():
            holds += [hold for hold in lock.holders if hold.start <= time]
            waits += [wait for wait in lock.waiting if wait.start <= time]
        known = self.locks.keys()
        return [hold for hold in holds if hold.lock in known], [wait for wait in waits if wait.lock in known]

    # -- what batches say ------------------------------------------------------------------------------------------

    def _meet(self, track: Track) -> None:
        number = self._shared.setdefault(track.shared, track.number) if track.shared else track.number
        self._numbers[track.number] = number
        known = self.locks.get(number)
        if known is None:
            self.locks[number] = Lock(number, track.name, track.what, track.place)
        elif number == track.number:
            known.name = track.name

    def _keep(self, spans: Array) -> None:
        self._parts.append(spans)
        self._kept += len(spans)
        while self._kept > KEPT and len(self._parts) > 1:
            self._kept -= len(self._parts.popleft())

    def _set_open(self, locks: list[OpenLock]) -> None:
        before, self._open = self._open, {}
        for lock in self.locks.values():
            lock.holders, lock.waiting = [], []
        for one in sorted(locks, key=attrgetter("start")):
            made = before.get(one) or (self._wait if one.kind == Kind.LOCK_WAIT else self._hold)((one, None))
            self._open[one] = made
            concerned = self.locks.get(made.lock)
            if concerned is None:
                continue
            if isinstance(made, Wait):
                concerned.waiting.append(made)
            else:
                concerned.holders.append(made)

    def _all(self) -> Array:
        if len(self._parts) > 1:
            self._parts = deque([join(list(self._parts))])
        return self._parts[0] if self._parts else join([])

    def _rows(self, kind: Kind, number: int) -> Iterator[tuple[OpenLock, int]]:
        """The finished records of a kind about a lock, and their ends."""
        spans = self._all()
        tracks = [track for track, lock in self._numbers.items() if lock == number]
        where = (spans["argument"] & np.uint64(U32)) if kind == Kind.LOCK_WAIT else spans["track"]
        return _opened(select(spans, (spans["kind"] == kind) & np.isin(where, tracks)), kind)

    def _hold(self, row: tuple[OpenLock, int | None]) -> Hold:
        one, end = row
        lock = self._numbers.get(one.track, one.track)
        return Hold(lock, self._holder(one), one.start, end, one.request, one.depth, is_bound(one.owner))

    def _holder(self, one: OpenLock) -> Owner:
        return self.owners.of(one.track, one.other, one.owner, one.request, self._names.get(one.name, ""))

    def _wait(self, row: tuple[OpenLock, int | None]) -> Wait:
        one, end = row
        owner = self.owners.of(one.track, one.track, one.owner, one.request)
        _, between, place = self._names.get(one.name, "").rpartition(BETWEEN)
        lock = self._numbers.get(one.other, one.other)
        return Wait(lock, owner, one.start, end, one.request, place if between else "")


def _opened(spans: Array, kind: Kind) -> Iterator[tuple[OpenLock, int]]:
    """Finished records of a kind as if they were open, and their ends."""
    rows = select(spans, spans["kind"] == kind)
    fields = (
        rows["track"], rows["start"], rows["name"], rows["request"], rows["argument"] & np.uint64(U32),
        rows["argument"] >> np.uint64(32), rows["depth"], rows["end"],
    )  # fmt: skip
    for *first, end in zip(*(values.tolist() for values in fields), strict=True):
        yield OpenLock(kind, *first), end
