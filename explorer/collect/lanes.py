"""Lanes: rows for the requests of one route, so that those which overlap lie side by side.

Phones of an audience have a lane each, with the phone's number, all below one group: there people look for their own.

A request takes the lowest free lane when it begins and gives it back when it is complete. Lanes never overlap: a
request that was meant to begin before the lane's last one ended (an open-loop load that lags) takes another. While all
lanes are taken a request gets none; the counter of requests in flight still counts it.
"""

import heapq
from collections.abc import Sequence
from typing import Final

import numpy as np

from explorer.collect.registry import Registry
from explorer.collect.source import SAMPLE, Array
from explorer.records.states import TrackKind

LANE_LIMIT: Final = 64
SAMPLE_PERIOD_NS: Final = 5_000_000


class Lanes:
    """The lanes of one route. Their tracks are declared in `registry` when they are first needed."""

    def __init__(
        self,
        registry: Registry,
        route: str,
        limit: int = LANE_LIMIT,
        *,
        kind: TrackKind = TrackKind.REQUESTS,
        below: "Lanes | None" = None,
        first: int = 1,
    ) -> None:
        """`below`: lanes of the same group as those, which count together; `first` is the first one's number."""
        self._registry = registry
        self._limit = limit
        self._first = first
        self.group: int
        self.in_flight: InFlight
        if below is not None:
            self.group, self.in_flight = below.group, below.in_flight
        else:
            self.group = registry.track(kind, route, process=0).number
            self.in_flight = InFlight(
                registry.track(TrackKind.COUNTER, "in flight", process=0, parent=self.group, unit="requests").number
            )
        self.tracks: list[int] = []  # by lane, from 0
        self._last_end: list[int] = []
        self._free: list[int] = []

    def take(self, start: int) -> int:
        """The lowest lane that is free at `start` (ns), or -1 if there is none."""
        free = self._free
        if free and self._last_end[free[0]] <= start:
            return heapq.heappop(free)
        passed = []
        lane = -1
        while free:
            candidate = heapq.heappop(free)
            if self._last_end[candidate] <= start:
                lane = candidate
                break
            passed.append(candidate)
        for candidate in passed:
            heapq.heappush(free, candidate)
        if lane < 0 and len(self.tracks) < self._limit:
            lane = len(self.tracks)
            track = self._registry.track(TrackKind.LANE, str(lane + self._first), process=0, parent=self.group)
            self.tracks.append(track.number)
            self._last_end.append(0)
        return lane

    def give_back(self, lane: int, end: int) -> None:
        """The request on `lane` (-1: on none) ended at `end` (ns)."""
        if lane >= 0:
            self._last_end[lane] = max(end, self._last_end[lane])
            heapq.heappush(self._free, lane)

    def track(self, lane: int) -> int:
        """The track of a lane; 0 for -1."""
        return self.tracks[lane] if lane >= 0 else 0

    def free_since(self, lane: int) -> int:
        """When (ns) the last request on `lane` ended; 0 if there was none."""
        return self._last_end[lane] if lane >= 0 else 0


class InFlight:
    """How many requests are under way (or wait), as samples of the counter `track`: the last of each 5 ms in which it
    changed.
    """

    def __init__(self, track: int) -> None:
        self.track = track
        self._value = 0
        self._times: list[int] = []
        self._steps: list[int] = []

    def change(self, times: Sequence[int], step: int) -> None:
        """One more (+1) or one less (-1) from each of `times` (ns) on."""
        self._times += times
        self._steps += [step] * len(times)

    def samples(self, until: int) -> Array:
        """(n,) of SAMPLE for the periods that are over at `until` (ns); later changes are kept for the next call."""
        if not self._times:
            return np.empty(0, SAMPLE)
        times = np.array(self._times, np.int64)
        order = np.argsort(times, kind="stable")
        times = times[order]
        steps = np.array(self._steps, np.int64)[order]
        over = int(np.searchsorted(times, until - until % SAMPLE_PERIOD_NS))
        self._times = times[over:].tolist()
        self._steps = steps[over:].tolist()
        values = self._value + np.cumsum(steps[:over])
        if over:
            self._value = int(values[-1])
        period = times[:over] // SAMPLE_PERIOD_NS
        last = np.append(period[1:] != period[:-1], True)[:over]
        samples = np.zeros(int(np.count_nonzero(last)), SAMPLE)
        samples["time"] = times[:over][last]
        samples["value"] = values[last]
        samples["track"] = self.track
        return samples
