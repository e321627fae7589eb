"""Requests under way: who began them, which lane they are on, and when every side that began one has completed it.

A request may have a client side (the load's CLIENT_REQUEST) and a server side (REQUEST), told by two processes in any
order. Both share one lane: taken at the first `begin`, given back when no side is open any more.
"""

from explorer.collect.lanes import Lanes
from explorer.collect.registry import Registry
from explorer.collect.source import Array
from explorer.records.states import Flag, Kind

UNSEEN = -1

Side = tuple[int, int, bool]
"""A side that has begun: track, start (ns), whether it is the client's."""


class Way:
    """One request, from the first thing known of it until its pieces have been made. Times are ns or `UNSEEN`."""

    __slots__ = (
        "client_end",
        "client_start",
        "end",
        "floor",
        "lane",
        "lanes",
        "name",
        "request",
        "server_end",
        "server_start",
        "shown",
        "sides",
        "start",
        "track",
    )

    def __init__(self, request: int, name: int, start: int, lanes: Lanes, lane: int) -> None:
        self.request = request
        self.name = name
        self.lanes = lanes
        self.lane = lane
        self.track = lanes.tracks[lane] if lane >= 0 else 0
        self.floor = lanes.free_since(lane) if lane >= 0 else 0
        self.sides: set[Side] = set()
        self.start = start
        self.end = UNSEEN  # set when complete
        self.shown = UNSEEN  # pieces have been made up to here
        self.client_start = self.client_end = self.server_start = self.server_end = UNSEEN


class Ways:
    """All requests that are not finished: `open` by request number, and `complete` in the order of completion."""

    def __init__(self, registry: Registry) -> None:
        self.open: dict[int, Way] = {}
        self.complete: list[Way] = []
        self.groups: dict[int, Lanes] = {}
        self._registry = registry

    def update(self, spans: Array) -> None:
        """Take in REQUEST and CLIENT_REQUEST records, begins and completes, (n,) of SPAN in order of end."""
        begin = int(Flag.BEGIN)
        client = int(Kind.CLIENT_REQUEST)
        columns = (spans[field].tolist() for field in ("request", "start", "end", "track", "name", "kind", "flags"))
        for request, start, end, track, name, kind, flags in zip(*columns, strict=True):
            way = self.open.get(request)
            if way is None:
                way = self._take_up(request, name, start)
            if start < way.start:
                way.start = start
            if kind == client:
                if way.client_start == UNSEEN or start < way.client_start:
                    way.client_start = start
            elif way.server_start == UNSEEN or start < way.server_start:
                way.server_start = start
            if flags & begin:
                way.sides.add((track, start, kind == client))
            else:
                self._close_side(way, (track, start, kind == client), end)

    def end_process(self, tracks: set[int], time: int) -> None:
        """The process that owns `tracks` ended at `time` (ns): what it had open ends there."""
        for way in list(self.open.values()):
            for side in [side for side in way.sides if side[0] in tracks]:
                self._close_side(way, side, time)

    def _take_up(self, request: int, name: int, start: int) -> Way:
        lanes = self.groups.get(name)
        if lanes is None:
            lanes = self.groups[name] = Lanes(self._registry, self._registry.text(name))
        lanes.in_flight.change(start, +1)
        way = self.open[request] = Way(request, name, start, lanes, lanes.take(start))
        return way

    def _close_side(self, way: Way, side: Side, end: int) -> None:
        way.sides.discard(side)
        if side[2]:
            way.client_end = max(end, way.client_end)
        else:
            way.server_end = max(end, way.server_end)
        if way.sides:
            return
        del self.open[way.request]
        way.end = max(way.client_end, way.server_end)
        way.lanes.in_flight.change(way.end, -1)
        if way.lane >= 0:
            way.lanes.give_back(way.lane, way.end)
            self.complete.append(way)
