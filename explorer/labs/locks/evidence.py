"""What is known of a run of a lock scenario: its locks, the bodies' own numbers, the loops, the answers.

All of it comes from the run's batches, so that it is the same of a run that goes on and of its recording. Nothing is
assumed: what was not seen is not there.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from explorer.analysis.locks.trace import Hold, Lock, Wait
from explorer.analysis.locks.watch import Deadlock, LockWatch
from explorer.collect.source import Array, Batch, Track
from explorer.records.clock import Clock, now_ns
from explorer.records.schema import U32
from explorer.records.states import Kind, Role, TrackKind

NS_PER_MS: Final = 1e6
OK: Final = 200
UNAVAILABLE: Final = 503
LONG_NS: Final = 1_000_000
"""Shorter callbacks hold nobody up."""
_SERVES: Final = (Role.SERVER, Role.WORKER)
_RAN: Final = np.zeros(256, bool)
_RAN[[Kind.CALLBACK, Kind.STEP, Kind.IO, Kind.TIMER, Kind.HANDOVER, Kind.SIGNAL]] = True


class Evidence:
    """A consumer of a run's batches. `told` is called with every deadlock, when it is found and when it has ended.

    Batches come on the collector's thread, and so do these calls; read the rest on that thread or when the run is over.
    """

    def __init__(self, told: Callable[[Deadlock], None] = lambda deadlock: None, clock: Clock = now_ns) -> None:
        self.watch = LockWatch(told, clock)
        self.statuses: Counter[int] = Counter()
        """How many of the load's requests were answered with which status; 0 = not answered."""
        self.last_ok = 0
        """When the last request was answered with 200 (ns)."""
        self.lost = 0
        """Records that were overwritten before they were read."""
        self._tracks: dict[int, Track] = {}
        self._samples: dict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
        self._first = self._last = 0
        self._refused: list[tuple[int, int]] = []  # requests that were answered with 503: begin and end
        self._servers: set[int] = set()
        self._long: list[tuple[int, int]] = []  # what kept a server's loop for a while: start and end
        self._load: dict[str, int] = {}  # when the load began and ended

    def __call__(self, batch: Batch) -> None:
        """Take in a batch."""
        self._servers.update(process.number for process in batch.processes if process.role in _SERVES)
        for track in batch.tracks:
            self._tracks[track.number] = track
        for marker in batch.markers:
            if marker.kind in ("begin", "end"):
                self._load.setdefault(marker.kind, marker.time)
        self.watch(batch)
        self.lost = batch.tally.lost or self.lost
        self._count_requests(batch.spans)
        self._look_at_loops(batch.spans)
        for track, value in zip(batch.samples["track"].tolist(), batch.samples["value"].tolist(), strict=True):
            known = self._tracks.get(track)
            if known is not None and known.kind is TrackKind.COUNTER:
                self._samples[known.name][track].append(value)

    # -- the bodies' own numbers -----------------------------------------------------------------------------------

    def number(self, name: str) -> float:
        """The last value of a counter, summed over the processes that have one; 0 without any."""
        return sum(values[-1] for values in self._samples[name].values())

    def values(self, name: str) -> list[float]:
        """All that a counter ever was but for its first value, process by process."""
        return [value for values in self._samples[name].values() for value in values[1:]]

    def most(self, name: str) -> float:
        """The largest value of a counter."""
        return max((max(values) for values in self._samples[name].values()), default=0)

    # -- the load --------------------------------------------------------------------------------------------------

    @property
    def asked(self) -> int:
        """How many requests of the load are over."""
        return self.statuses.total()

    @property
    def seconds(self) -> float:
        """From the first request of the load to the end of the last."""
        return (self._last - self._first) / 1e9

    @property
    def longest_callback_ms(self) -> float:
        """What kept a server's event loop longest while the load went on."""
        begin, end = self._load.get("begin", 0), self._load.get("end", self.watch.trace.until)
        return max(((last - first) / NS_PER_MS for first, last in self._long if begin <= first < end), default=0.0)

    # -- the locks -------------------------------------------------------------------------------------------------

    def locks(self, name: str = "") -> list[Lock]:
        """The locks that are assigned to this name, of whatever object ("self.lock", "self.lock 2"); or all."""
        wanted = re.compile(rf"(.*\.)?{re.escape(name)}( \d+)?")
        return [lock for lock in self.watch.trace.locks.values() if not name or wanted.fullmatch(lock.name)]

    def holds(self, locks: Iterable[Lock]) -> list[Hold]:
        """All holds of these locks, lock by lock."""
        return [hold for lock in locks for hold in self.watch.trace.holds(lock.number)]

    def waits(self, locks: Iterable[Lock], line: str = "") -> list[Wait]:
        """All waits for these locks, or those that began in a line of source, "file.py:12"."""
        found = [wait for lock in locks for wait in self.watch.trace.waits(lock.number)]
        return [wait for wait in found if not line or wait.place.endswith(f"/{line}")]

    def length_ms(self, one: Hold | Wait) -> float:
        """How long a hold or wait lasted, or lasts by now."""
        end = one.end if one.end is not None else self.watch.trace.until
        return (end - one.start) / NS_PER_MS

    def longest_ms(self, some: Sequence[Hold | Wait]) -> float:
        """The longest of some holds or waits; 0 without any."""
        return max((self.length_ms(one) for one in some), default=0.0)

    def tower(self, waits: Iterable[Wait]) -> int:
        """How many of these waits lasted at the same time at most: the height of a lock's tower."""
        until = self.watch.trace.until
        steps = [(wait.start, 1) for wait in waits] + [
            (wait.end if wait.end is not None else until + 1, -1) for wait in waits
        ]
        most = height = 0
        for _, step in sorted(steps):  # at one and the same moment an end comes before a beginning
            height += step
            most = max(most, height)
        return most

    def in_order(self, waits: Iterable[Wait]) -> bool:
        """Whether those who waited for one lock were let in in the order in which they had come."""
        over = sorted((wait for wait in waits if wait.end is not None), key=lambda wait: wait.start)
        return all(first.end <= second.end for first, second in pairwise(over) if first.end and second.end)

    def on_loops(self, waits: Iterable[Wait]) -> list[Wait]:
        """Those of some waits that kept the thread of an event loop."""
        loops = {number for number, track in self._tracks.items() if track.kind is TrackKind.LOOP}
        return [wait for wait in waits if wait.owner.track in loops and not wait.owner.task]

    # -- deadlocks -------------------------------------------------------------------------------------------------

    @property
    def deadlocks(self) -> list[Deadlock]:
        """All that were found, in order."""
        return self.watch.deadlocks

    @property
    def broken(self) -> int:
        """How many circles were opened by releasing one who waited, which its request's 503 tells; the end of the run
        opens one as well, without an answer. Each 503 counts for one circle that closed while its request went on.
        """
        left, found = sorted(self._refused, key=lambda request: request[1]), 0
        for deadlock in self.deadlocks:
            closed = deadlock.cycle.closed
            answer = next((each for each in left if each[0] <= closed < each[1]), None)
            if answer is not None and deadlock.ended is not None:
                left.remove(answer)
                found += 1
        return found

    # -- batches ---------------------------------------------------------------------------------------------------

    def _count_requests(self, spans: Array) -> None:
        requests = spans[spans["kind"] == Kind.CLIENT_REQUEST]
        if len(requests):
            self.statuses.update((requests["argument"] & np.uint64(U32)).tolist())
            served = requests["end"][(requests["argument"] & np.uint64(U32)) == OK]
            self.last_ok = max(self.last_ok, int(served.max(initial=0)))
            refused = requests[(requests["argument"] & np.uint64(U32)) == UNAVAILABLE]
            self._refused += zip(refused["start"].tolist(), refused["end"].tolist(), strict=True)
            first = int(requests["start"].min())
            self._first = min(self._first, first) if self._first else first
            self._last = max(self._last, int(requests["end"].max()))

    def _look_at_loops(self, spans: Array) -> None:
        long = spans[_RAN[spans["kind"]] & (spans["end"] - spans["start"] >= LONG_NS)]
        for track, start, end in zip(long["track"].tolist(), long["start"].tolist(), long["end"].tolist(), strict=True):
            known = self._tracks.get(track)
            if known is not None and known.kind is TrackKind.LOOP and known.process in self._servers:
                self._long.append((start, end))
