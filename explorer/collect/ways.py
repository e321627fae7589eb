"""Requests under way: who began them, which lane they are on, and when every side that began one has completed it.

A request may have a client side (the load's CLIENT_REQUEST) and a server side (REQUEST, or MESSAGE on a WebSocket),
told by two processes in any order. Both share one lane: taken at the first `begin`, given back when no side is open
any more.

Most requests of a busy server begin and end between two polls. Those are found with arrays and cost one step for the
lane's taking and one for its giving back; the others become a `Way` that waits for the rest.
"""

from typing import Final

import numpy as np

from explorer.collect.begins import keys
from explorer.collect.lanes import Lanes
from explorer.collect.order import find, join, select, take
from explorer.collect.registry import Registry
from explorer.collect.source import Array
from explorer.records import phones
from explorer.records.states import Flag, Kind

UNSEEN: Final = -1
NEVER: Final = 1 << 62

STRETCH: Final = np.dtype(
    [
        ("request", "<u8"),
        ("begin", "<i8"),
        ("end", "<i8"),
        ("came", "<i8"),  # when a server took it up, NEVER = none did
        ("left", "<i8"),  # when the server was done with it, NEVER = it is not
        ("track", "<u4"),  # of the lane
        ("client", "?"),  # whether a client of the run sent it
        ("reserved", "V3"),  # to whole words
    ]
)
"""A stretch of a request's stay on its lane that can be made into pieces; times are ns."""

Row = tuple[int, int, int, int, int, int, bool, bytes]
"""A row of STRETCH."""

Side = tuple[int, int, bool]
"""A side that has begun: track, start (ns), whether it is the client's."""

_BEGIN: Final = int(Flag.BEGIN)
_CLIENT: Final = int(Kind.CLIENT_REQUEST)
_MESSAGE: Final = int(Kind.MESSAGE)
_GIVEN_UP_LIMIT: Final = 10_000
_TAKE, _GIVE, _SLOW = range(3)
_SLOW_FIELDS: Final = ("request", "start", "end", "track", "name", "kind", "flags")


class Way:
    """One request from the first thing known of it to its completion. Times are ns or `UNSEEN`."""

    __slots__ = (
        "client_end",
        "client_start",
        "floor",
        "lane",
        "lanes",
        "message",
        "request",
        "server_end",
        "server_start",
        "shown",
        "sides",
        "start",
        "track",
    )

    def __init__(self, request: int, start: int, lanes: Lanes, lane: int) -> None:
        self.request = request
        self.lanes = lanes
        self.lane = lane
        self.track = lanes.track(lane)  # 0: it has no lane
        self.floor = lanes.free_since(lane)
        self.sides: set[Side] = set()
        self.start = start
        self.message = False  # whether it is a message for a handler that exists already
        self.shown = UNSEEN  # pieces have been made up to here
        self.client_start = self.client_end = self.server_start = self.server_end = UNSEEN

    @property
    def begin(self) -> int:
        """Where its next piece begins. A side that is told late cannot reach into the lane's last request."""
        return max(self.start, self.floor, self.shown)

    def stretch(self, end: int) -> Row:
        """From `begin` to `end`, as a row of STRETCH."""
        came = self.server_start if self.server_start != UNSEEN else NEVER
        left = self.server_end if self.server_end != UNSEEN else NEVER
        return (self.request, self.begin, end, came, left, self.track, self.client_start != UNSEEN, b"")


class Ways:
    """All requests that are under way: `open` by request number; `groups` are the lanes by the route's name."""

    def __init__(self, registry: Registry) -> None:
        self.open: dict[int, Way] = {}
        self.groups: dict[int, Lanes] = {}
        self._registry = registry
        self._phones: Lanes | None = None
        self._done: list[Array] = []
        self._done_rows: list[Row] = []
        self._given_up: dict[tuple[int, Side], None] = {}  # in order of age

    def update(self, spans: Array) -> None:
        """Take in REQUEST, MESSAGE and CLIENT_REQUEST records, begins and completes, (n,) of SPAN in order of end."""
        if not len(spans):
            return
        whole, answered, rows, first, last = self._find_whole(spans)
        slow = np.flatnonzero(~rows)
        place = np.concatenate((first, last, slow))
        step = np.repeat(np.array([_TAKE, _GIVE, _SLOW]), (len(first), len(last), len(slow)))
        index = np.concatenate((np.arange(len(first)), np.arange(len(last)), np.arange(len(slow))))
        order = np.argsort(place)
        starts, ends = whole["begin"].tolist(), whole["end"].tolist()
        names = spans["name"][first]
        groups = [self._lanes(name) for name in names.tolist()]
        for name in set(names.tolist()):
            mine = whole[names == name]
            self.groups[name].in_flight.change(mine["begin"].tolist(), +1)
            self.groups[name].in_flight.change(answered[names == name].tolist(), -1)
        lane = [UNSEEN] * len(whole)
        others = zip(*(spans[field][slow].tolist() for field in _SLOW_FIELDS), strict=True)
        for action, number in zip(step[order].tolist(), index[order].tolist(), strict=True):
            if action == _TAKE:
                lane[number] = groups[number].take(starts[number])
            elif action == _GIVE:
                groups[number].give_back(lane[number], ends[number])
            else:
                self._take_in(*next(others))
        whole["track"] = [group.track(number) for group, number in zip(groups, lane, strict=True)]
        self._done.append(select(whole, whole["track"] != 0))

    def take_done(self) -> Array:
        """Requests on lanes that are complete and have not been handed out, (n,) of STRETCH, sorted by request.

        Of a request that was taken up again after its completion, one stay at a time.
        """
        done = join([*self._done, np.array(self._done_rows, STRETCH)], STRETCH)
        self._done_rows.clear()
        done = take(done, np.argsort(done["request"], kind="stable"))
        again = np.zeros(len(done), bool)
        again[1:] = done["request"][1:] == done["request"][:-1]
        self._done = [select(done, again)] if again.any() else []
        return select(done, ~again)

    @property
    def done(self) -> bool:
        """Whether `take_done` has something to hand out."""
        return bool(self._done or self._done_rows)

    def known(self) -> Array:
        """Numbers of the requests that are on lanes, open or complete, sorted."""
        numbers = [way.request for way in self.open.values() if way.track]
        numbers += [row[0] for row in self._done_rows]
        return np.sort(np.concatenate([np.array(numbers, np.uint64), *(done["request"] for done in self._done)]))

    def end_process(self, tracks: set[int], time: int) -> None:
        """The process that owns `tracks` ended at `time` (ns): what it had open ends there."""
        for way in list(self.open.values()):
            for side in [side for side in way.sides if side[0] in tracks]:
                self._close_side(way, side, max(time, side[1]))

    def give_up(self, tracks: set[int], time: int) -> None:
        """Completes on `tracks` were lost up to `time` (ns): what began there before is taken to have ended by then.

        Should a complete come after all, it is passed over, so that nothing is shown twice.
        """
        for way in list(self.open.values()):
            for side in [side for side in way.sides if side[0] in tracks and side[1] < time]:
                self._given_up[way.request, side] = None
                ended = max(way.client_end, way.server_end)
                self._close_side(way, side, max(ended, side[1]) if ended != UNSEEN else time)
        for oldest in list(self._given_up)[:-_GIVEN_UP_LIMIT]:
            del self._given_up[oldest]

    def _lanes(self, name: int) -> Lanes:
        lanes = self.groups.get(name)
        if lanes is None:
            text = self._registry.text(name)
            phone = phones.phone_of(text)
            lanes = self.groups[name] = self._lane_of(phone) if phone else Lanes(self._registry, text)
        return lanes

    def _lane_of(self, phone: int) -> Lanes:
        if self._phones is None:
            self._phones = Lanes(self._registry, phones.GROUP)
        return Lanes(self._registry, "", 1, below=self._phones, first=phone)

    def _find_whole(self, spans: Array) -> tuple[Array, Array, Array, Array, Array]:
        """Requests whose every side begins and ends in `spans`, and none before.

        Returns (m,) of STRETCH without tracks, when (ns) each was answered, which rows of `spans` they are made of, and
        the index of the first and of the last row of each.
        """
        order = np.argsort(spans["request"], kind="stable")
        rows = take(spans, order)
        number = rows["request"]
        heads = np.flatnonzero(np.concatenate(([True], number[1:] != number[:-1])))
        begins = (rows["flags"] & Flag.BEGIN) != 0
        key = keys(rows)
        # Every begin has its complete: what they add and take away comes out even (of 64 bits, so never by chance).
        even = np.add.reduceat(np.where(begins, key, np.uint64(0) - key), heads) == 0
        # A side that begins when another is complete already makes a stay of its own: not for here.
        together = np.maximum.reduceat(np.where(begins, rows["start"], UNSEEN), heads) <= np.minimum.reduceat(
            np.where(begins, NEVER, rows["end"]), heads
        )
        open_before = find(np.sort(np.fromiter(self.open, np.uint64, len(self.open))), number[heads])[1]
        chosen = even & together & ~open_before

        client = rows["kind"] == Kind.CLIENT_REQUEST
        whole = np.zeros(len(heads), STRETCH)
        whole["request"] = number[heads]
        whole["begin"] = np.minimum.reduceat(rows["start"], heads)
        whole["end"] = np.maximum.reduceat(rows["end"], heads)
        whole["came"] = np.minimum.reduceat(np.where(client, NEVER, rows["start"]), heads)
        whole["left"] = np.maximum.reduceat(np.where(client, UNSEEN, rows["end"]), heads)
        whole["left"][whole["came"] == NEVER] = NEVER
        whole["client"] = np.logical_or.reduceat(client, heads)
        # Who asked has the answer before the server is done with it, and may already ask for the next.
        answered = np.maximum.reduceat(np.where(client, rows["end"], UNSEEN), heads)
        answered = np.where(whole["client"], answered, whole["end"])
        tails = np.append(heads[1:], len(rows)) - 1
        used = np.empty(len(spans), bool)
        used[order] = np.repeat(chosen, tails - heads + 1)
        return select(whole, chosen), answered[chosen], used, order[heads[chosen]], order[tails[chosen]]

    def _take_in(self, request: int, start: int, end: int, track: int, name: int, kind: int, flags: int) -> None:
        client = kind == _CLIENT
        side = (track, start, client)
        if self._given_up and (request, side) in self._given_up:
            del self._given_up[request, side]
            return
        way = self.open.get(request)
        if way is None:
            lanes = self._lanes(name)
            lanes.in_flight.change((start,), +1)
            way = self.open[request] = Way(request, start, lanes, lanes.take(start))
        elif start < way.start:
            way.start = start
        if client:
            if way.client_start < 0 or start < way.client_start:
                way.client_start = start
        else:
            way.message = kind == _MESSAGE
            if way.server_start < 0 or start < way.server_start:
                way.server_start = start
        if flags & _BEGIN:
            way.sides.add(side)
        else:
            self._close_side(way, side, end)

    def _close_side(self, way: Way, side: Side, end: int) -> None:
        way.sides.discard(side)
        if side[2]:
            if end > way.client_end:
                way.client_end = end
        elif end > way.server_end:
            way.server_end = end
        if way.sides:
            return
        del self.open[way.request]
        end = max(way.client_end, way.server_end)
        way.lanes.in_flight.change((way.client_end if way.client_end != UNSEEN else end,), -1)
        way.lanes.give_back(way.lane, end)
        if way.track:
            self._done_rows.append(way.stretch(end))
