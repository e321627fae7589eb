"""Requests as the loads on other hosts saw them: lanes of their own for each host.

What another host tells comes a tenth of a second late or more, and by a clock that is known to a fraction of a
millisecond. Laying it over the server's side of the same request, which is told at once, would have lanes change after
they were shown, and would hide the clock's error. So the server's lanes show what the server saw, and for each host
and route there are lanes with one piece for each request, from its intended send to its answer. The number of the
request ties both together.

Not all requests need come one by one, so that counting these would say little of how many are in flight. A host says
so itself: its counters are records on its own track, and each becomes a counter beside its lanes.
"""

from typing import Final

import numpy as np

from explorer.collect.lanes import Lanes
from explorer.collect.order import select
from explorer.collect.registry import Registry
from explorer.collect.source import SAMPLE, SPAN, Array, OpenSpan
from explorer.records.schema import CPU_NOT_TAKEN
from explorer.records.states import Flag, Kind, State, TrackKind

UNIT: Final = "requests"
_BEGIN: Final = int(Flag.BEGIN)
_FIELDS: Final = ("request", "start", "end", "name", "track", "flags")


class _Open:
    """A request that has begun: on which lane of which group."""

    __slots__ = ("lane", "lanes", "name", "start", "track")

    def __init__(self, lanes: Lanes, start: int, name: int, track: int) -> None:
        self.lanes = lanes
        self.lane = lanes.take(start)
        self.start = start
        self.name = name
        self.track = track  # of the host


class Hosts:
    """The requests of hosts. Costs nothing while there are none."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._groups: dict[int, Lanes] = {}  # by the name of the requests, which names the host as well
        self._open: dict[int, _Open] = {}
        self._pieces: list[tuple[int, ...]] = []
        self._labels: dict[int, int] = {}  # by the track of a host: the group of its counters
        self._counters: dict[tuple[int, int], int] = {}  # by the track of a host and the counter's name
        self._samples: list[Array] = []

    def divide(self, spans: Array) -> tuple[Array, Array]:
        """Spans (n,) of SPAN as those that are not from other hosts, and those that are."""
        tracks = self._registry.hosts
        if not tracks or not len(spans):
            return spans, spans[:0]
        theirs = np.isin(spans["track"], tracks)
        return select(spans, ~theirs), select(spans, theirs)

    def update(self, spans: Array) -> None:
        """Take in released spans of hosts, (n,) of SPAN, in order of end."""
        counts = spans["kind"] == Kind.COUNTER
        if counts.any():
            self._count(select(spans, counts))
        spans = select(spans, spans["kind"] == Kind.CLIENT_REQUEST)
        columns = (spans[field].tolist() for field in _FIELDS)
        for request, start, end, name, track, flags in zip(*columns, strict=True):
            known = self._open.pop(request, None)
            if known is None:
                known = self._begin(start, name, track)
            if flags & _BEGIN:
                self._open[request] = known
            else:
                self._complete(request, known, end)

    def pieces(self) -> Array:
        """The pieces of requests that are over, (n,) of SPAN; each once."""
        made = np.array(self._pieces, SPAN)
        self._pieces.clear()
        return made

    def open_spans(self) -> list[OpenSpan]:
        """Requests under way, as far as is known."""
        return [
            OpenSpan(track, 0, known.start, known.name, request, Kind.PIECE, State.AWAITING)
            for request, known in self._open.items()
            if (track := known.lanes.track(known.lane))
        ]

    def samples(self) -> list[Array]:
        """What hosts have counted, in arrays of SAMPLE; each once."""
        found, self._samples = self._samples, []
        return found

    def give_up(self, tracks: set[int], time: int) -> None:
        """What began on these hosts' tracks before `time` (ns) has ended: its complete is lost or will not come."""
        for request, known in list(self._open.items()):
            if known.track in tracks and known.start < time:
                del self._open[request]
                self._complete(request, known, time)

    def _begin(self, start: int, name: int, track: int) -> _Open:
        lanes = self._groups.get(name)
        if lanes is None:
            lanes = self._groups[name] = Lanes(self._registry, self._registry.text(name), kind=TrackKind.HOST)
        return _Open(lanes, start, name, track)

    def _complete(self, request: int, known: _Open, end: int) -> None:
        lanes = known.lanes
        lanes.give_back(known.lane, end)
        track = lanes.track(known.lane)
        if track:
            argument = CPU_NOT_TAKEN << 32
            span = (known.start, end, request, argument, known.name, track, 0)
            self._pieces.append((*span, int(Kind.PIECE), int(State.AWAITING), 0, int(Flag.COMPLETE)))

    def _count(self, records: Array) -> None:
        samples = np.zeros(len(records), SAMPLE)
        samples["time"] = records["start"]
        samples["value"] = records["argument"].view(np.float64)
        pairs = zip(records["track"].tolist(), records["name"].tolist(), strict=True)
        samples["track"] = [self._counter(track, name) for track, name in pairs]
        self._samples.append(samples)

    def _counter(self, track: int, name: int) -> int:
        counter = self._counters.get((track, name))
        if counter is None:
            registry = self._registry
            if track not in self._labels:
                label = registry.tracks[track].name
                self._labels[track] = registry.track(TrackKind.HOST, label, process=0).number
            parent, text = self._labels[track], registry.text(name)
            made = registry.track(TrackKind.COUNTER, text, process=0, parent=parent, unit=UNIT)
            counter = self._counters[track, name] = made.number
        return counter
