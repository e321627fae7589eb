"""The spans of a run in the order that other programs need: what contains another comes before it.

A recording tells of spans when they end, so that an inner one comes before the outer one, maybe in an earlier batch.
Other programs nest by order where two begin at once. Inner spans therefore wait here until the outer one has come, at
most `MOST_WAITING` of them, and each stretch is sorted by begin, the outer first. In a request's lane the pieces get an
outer span, the request itself, which is not recorded as such. The depths of a foreign thread, which are tracks of their
own, become depths of one track (`nested`).
"""

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np

from explorer.collect.source import SPAN, Array
from explorer.export.places import Places
from explorer.export.recorded import Recorded
from explorer.export.survey import Survey
from explorer.records.schema import CPU_NOT_TAKEN
from explorer.records.states import Flag, Kind, State, TrackKind

STRETCH: Final = 16_384
"""Spans at a time: what is made of them is held in memory, a few hundred bytes each."""
MOST_WAITING: Final = 65_536
_NO_CPU: Final = np.uint64(CPU_NOT_TAKEN << 32)


class Stretches:
    """Iterates over a surveyed run: pairs of spans (SPAN, at most some `STRETCH`) and samples (SAMPLE), twice if asked.

    Given are the spans of the tracks in `places` that touch the time from `begin` to `end` (ns), and the samples in it;
    nothing that came after the survey. What had not ended has `Flag.BEGIN`, and the end of the recording for its own.
    `told` is told how many spans were read.
    """

    def __init__(
        self,
        recorded: Recorded,
        survey: Survey,
        places: Places,
        begin: int,
        end: int,
        told: Callable[[int], None] = lambda count: None,
    ) -> None:
        self._recorded = recorded
        self._survey = survey
        self._begin, self._end = begin, end
        self._told = told
        size = max(survey.tracks, default=0) + 1
        self._shown = np.zeros(size, bool)
        self._shown[list(places.all)] = True
        self._home, self._deeper = np.arange(size, dtype="u4"), np.zeros(size, "u1")
        for number, (home, depth) in survey.nested.items():
            self._home[number], self._deeper[number] = home, depth
        self._lanes = survey.kinds(TrackKind.LANE)
        self.route_names = _route_names(survey)

    def __iter__(self) -> Iterator[tuple[Array, Array]]:
        self._outer_end = np.zeros(len(self._shown), np.int64)
        self._in_lane = np.zeros(len(self._shown), np.uint64)
        waiting = np.zeros(0, SPAN)
        read = 0
        for batch in self._recorded.batches():
            samples = batch.samples[self._in_range(batch.samples["time"], batch.samples["time"])]
            for first in range(0, max(1, len(batch.spans)), STRETCH):
                spans = batch.spans[first : first + STRETCH]
                read += len(spans)
                ready, waiting = self._released(np.concatenate([waiting, self._chosen(spans)]))
                yield self._in_order(ready), samples
                samples = samples[:0]
                self._told(read)
        rest = np.concatenate([waiting, self._chosen(self._survey.unfinished())])
        yield self._in_order(rest), np.zeros(0, samples.dtype)

    def plain(self) -> Iterator[Array]:
        """All spans of the chosen time as they were recorded, of all tracks and in the order of the recording."""
        read = 0
        for batch in self._recorded.batches():
            for first in range(0, len(batch.spans), STRETCH):
                spans = batch.spans[first : first + STRETCH]
                inside = self._in_range(spans["start"], spans["end"]) & (spans["end"] <= self._survey.now)
                yield spans[inside]
                read += len(spans)
                self._told(read)
        rest = self._survey.unfinished()
        yield rest[self._in_range(rest["start"], rest["end"])]

    def _in_range(self, start: Array, end: Array) -> Array:
        inside: Array = (end >= self._begin) & (start <= min(self._end, self._survey.now))
        return inside

    def _chosen(self, spans: Array) -> Array:
        known = spans["track"] < len(self._shown)
        spans = spans[known & self._in_range(spans["start"], spans["end"])]
        if self._survey.nested:
            spans["depth"] += self._deeper[spans["track"]]
            spans["track"] = self._home[spans["track"]]
        chosen: Array = spans[self._shown[spans["track"]] & (spans["end"] <= self._survey.now)]
        return chosen

    def _released(self, spans: Array) -> tuple[Array, Array]:
        """Spans whose outer ones have come, and those that wait."""
        outer = spans["depth"] == 0
        np.maximum.at(self._outer_end, spans["track"][outer], spans["end"][outer])
        waits = ~outer & (spans["end"] > self._outer_end[spans["track"]])
        if np.count_nonzero(waits) > MOST_WAITING:
            waits[:] = False
        return spans[~waits], spans[waits]

    def _in_order(self, spans: Array) -> Array:
        spans = self._with_requests(spans)
        ordered: Array = spans[np.lexsort((spans["depth"], spans["start"]))]
        return ordered

    def _with_requests(self, spans: Array) -> Array:
        """The pieces one deeper, and above them their requests, each when its first piece comes."""
        places = np.flatnonzero(self._lanes[spans["track"]])
        if not len(places):
            return spans
        spans = spans.copy()
        spans["depth"][places] += 1
        pieces = spans[places[np.lexsort((spans["start"][places], spans["track"][places]))]]
        track, request = pieces["track"], pieces["request"]
        before = np.concatenate((np.zeros(1, np.uint64), request[:-1]))
        first_of_track = np.concatenate(([True], track[1:] != track[:-1]))
        before[first_of_track] = self._in_lane[track[first_of_track]]
        self._in_lane[track] = request  # of equal places the last one counts
        new = pieces[(request != before) & (request > 0)]
        rows = self._survey.requests.rows(new["request"])
        outer = np.zeros(len(new), SPAN)
        for column in ("track", "request"):
            outer[column] = new[column]
        outer["start"], outer["end"] = rows["begin"], np.maximum(rows["end"], new["end"])
        outer["argument"] = _NO_CPU
        outer["name"] = self.route_names[new["track"]]
        outer["kind"], outer["state"], outer["flags"] = Kind.REQUEST, State.NONE, Flag.COMPLETE
        return np.concatenate([spans, outer])


def _route_names(survey: Survey) -> Array:
    """The name number of each lane's route, by track; the names are added to those of the survey."""
    numbers = np.zeros(max(survey.tracks, default=0) + 1, np.uint32)
    routes: dict[int, int] = {}
    for number, track in survey.tracks.items():
        if track.kind is not TrackKind.LANE:
            continue
        if track.parent not in routes:
            parent = survey.tracks.get(track.parent)
            routes[track.parent] = len(survey.names)
            survey.names.append((parent.name if parent is not None else "") or "request")
        numbers[number] = routes[track.parent]
    return numbers
