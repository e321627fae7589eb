"""Every event that the loops handled, newest last: what the window lists and marks on the loops' lanes.

Timers, hand-overs and signals are callbacks of a loop, which tell all there is. A request is told by two records: the
first step of its task, which says when the loop took it and how long it had waited, and the request itself, which says
what it was and when it was over. Either may come first. Messages, updates and notifications come as one record; their
loop is the one that ran the steps of the same request. A message is a request of its own: that a step is one of a
WebSocket's task is known by the name of the task, which the server's protocol gives it.

Fed on the window's thread with every batch. It looks at each record once, through a table, and goes on with the few
that are events or steps of requests: about 0.15 µs a record.
"""

from collections.abc import Set
from typing import Final

import numpy as np

from explorer.analysis.event_counts import EVENT_OF, OTHER_ROLES, OtherTracks
from explorer.collect.source import Array, Batch, Process, Track
from explorer.records.event_kinds import EVENT_KINDS, NUMBER, SWITCHING_PROTOCOLS, TOLD_BY_LOOPS, EventKind
from explorer.records.schema import TIME_UNIT_NS, U32
from explorer.records.states import Kind, TrackKind

EVENT: Final = np.dtype(
    [
        ("time", "<i8"),  # ns: when the loop took it; of what no loop was seen to take, when it began
        ("end", "<i8"),  # ns; 0 while it is under way
        ("wait", "<i8"),  # ns; -1 = not known
        ("request", "<u8"),
        ("name", "<u4"),  # 0 while a request is under way
        ("track", "<u4"),  # of the loop, 0 = not known
        ("kind", "<u8"),  # number of the event kind (`event_kinds.NUMBER`), 0 = taken back
    ]
)
MOST_EVENTS: Final = 1_000_000
"""48 MB. At ten thousand requests a second this is the last minute or two."""
CHUNK: Final = 4_096
REMEMBERED: Final = 50_000
"""Requests in one generation of those whose first step is known; two are kept."""
PATIENCE_NS: Final = 1_000_000_000
"""A request whose first step has not come so long after its end has none: its loop is not observed."""
_STEP: Final = len(EVENT_KINDS) + 1
_TABLE: Final = EVENT_OF.copy()
_TABLE[Kind.STEP] = _STEP
_HTTP, _SSE, _MESSAGE = NUMBER[EventKind.HTTP], NUMBER[EventKind.SSE], NUMBER[EventKind.WEBSOCKET]
_WEBSOCKET: Final = "websocket"
"""In the names of uvicorn's WebSocket protocols, and so of their tasks."""
_VALUE: Final = np.uint64(U32)
_TOLD_ELSEWHERE: Final = np.zeros(_STEP, bool)
_TOLD_ELSEWHERE[[NUMBER[kind] for kind in EVENT_KINDS if kind not in TOLD_BY_LOOPS]] = True


class EventLog:
    """The events of one run. `begin`: before it they are no longer kept (ns; None: all are there)."""

    def __init__(self, most: int = MOST_EVENTS) -> None:
        self.begin: int | None = None
        self._most = most
        self._chunks: list[_Chunk] = []
        self._dropped = 0
        self._processes: dict[int, Process] = {}
        self._tracks: dict[int, Track] = {}
        self._others = OtherTracks()
        self._loops: dict[int, set[int]] = {}  # by process
        # Requests whose first step is known, with their loop: the newer and the older half.
        self._taken: dict[int, int] = {}
        self._taken_before: dict[int, int] = {}
        self._under_way: dict[int, int] = {}
        self._early: dict[int, tuple[int, int, int, int]] = {}
        self._websocket_names = np.zeros(0, np.uint32)

    def feed(self, batch: Batch) -> None:
        """Take in what is new."""
        if batch.tracks or batch.processes:
            self._declare(batch)
        tasks = [number for number, text in batch.names if _WEBSOCKET in text.lower()]
        if tasks:
            self._websocket_names = np.union1d(self._websocket_names, np.array(tasks, np.uint32))
        if len(batch.spans):
            self._feed_spans(batch.spans)
        if self._early:
            self._give_up(batch.now - PATIENCE_NS)

    def newest(
        self, most: int, kinds: Set[EventKind] = frozenset(), begin: int | None = None, end: int | None = None
    ) -> tuple[Array, int]:
        """The newest events ((n,) of EVENT, newest first, at most `most`) and how many there are in all.

        Of `kinds` (empty: of all) and from `begin` to `end` (ns; None: without bound).
        """
        wanted = _wanted(kinds)
        total, have, found = 0, 0, []
        least = -(1 << 62)
        for chunk in reversed(self._chunks):
            if not chunk.touches(begin, end):
                continue
            inside = chunk.inside(begin, end)
            number = int(chunk.counts[wanted].sum()) if inside else -1
            if number and (have < most or chunk.last > least):
                rows = chunk.chosen(wanted, begin, end)
                number = len(rows)
                if number:
                    found.append(rows)
                    have += number
                    if have >= most:
                        times = np.concatenate([rows["time"] for rows in found])
                        least = int(np.partition(times, len(times) - most)[len(times) - most])
            elif number < 0:
                number = len(chunk.chosen(wanted, begin, end))
            total += number
        if not found:
            return np.zeros(0, EVENT), total
        rows = np.concatenate(found)
        newest: Array = rows[np.argsort(-rows["time"], kind="stable")][:most]
        return newest, total

    def between(self, begin: int, end: int, most: int, kinds: Set[EventKind] = frozenset()) -> Array | None:
        """The events that the loops took from `begin` to `end` (ns), in no strict order; None if more than `most`."""
        wanted = _wanted(kinds)
        chunks = [chunk for chunk in self._chunks if chunk.touches(begin, end)]
        if sum(int(chunk.counts[wanted].sum()) for chunk in chunks if chunk.inside(begin, end)) > most:
            return None
        found = [chunk.chosen(wanted, begin, end) for chunk in chunks]
        rows: Array = np.concatenate(found) if found else np.zeros(0, EVENT)
        return rows if len(rows) <= most else None

    def totals(self) -> dict[EventKind, int]:
        """How many of each kind are kept."""
        counts = sum((chunk.counts for chunk in self._chunks), np.zeros(_STEP, np.int64))
        return {kind: int(counts[NUMBER[kind]]) for kind in EVENT_KINDS}

    # -- taking in -------------------------------------------------------------------------------------------------

    def _declare(self, batch: Batch) -> None:
        self._processes.update((process.number, process) for process in batch.processes)
        self._tracks.update((track.number, track) for track in batch.tracks)
        self._others.declare(batch.processes, batch.tracks, self._tracks)
        for track in batch.tracks:
            if track.kind is TrackKind.LOOP:
                self._loops.setdefault(track.process, set()).add(track.number)

    def _feed_spans(self, spans: Array) -> None:
        code = _TABLE[spans["kind"]]
        places = np.flatnonzero(code)
        if not len(places):
            return
        code = code.take(places)
        track = spans["track"].take(places)
        if len(self._others.numbers):
            ours = ~np.isin(track, self._others.numbers)
            places, code, track = places[ours], code[ours], track[ours]
        events = np.zeros(len(places), EVENT)
        value = (spans["argument"].take(places) & _VALUE).astype(np.int64)
        events["time"] = spans["start"].take(places)
        events["end"] = spans["end"].take(places)
        events["request"] = spans["request"].take(places)
        events["name"] = spans["name"].take(places)
        events["kind"], events["track"] = code, track
        events["wait"] = value * TIME_UNIT_NS
        self._feed_steps(events[(code == _STEP) & (events["request"] != 0)])
        requests = code == _HTTP
        if requests.any():
            self._feed_requests(events[requests], value[requests])
        rest = events[(code != _STEP) & ~requests]
        if len(rest):
            self._feed_rest(rest)

    def _feed_steps(self, steps: Array) -> None:
        """Of the steps of requests the first of each is an event."""
        if not len(steps):
            return
        numbers, places = np.unique(steps["request"], return_index=True)
        taken, before = self._taken, self._taken_before
        new = []
        loops = steps["track"][places].tolist()
        for number, place, track in zip(numbers.tolist(), places.tolist(), loops, strict=True):
            if number in taken:
                continue
            if number in before:
                taken[number] = before[number]
                continue
            taken[number] = track
            new.append(place)
        if len(taken) > REMEMBERED:
            self._taken, self._taken_before = {}, taken
        if not new:
            return
        first = steps[new]
        if len(self._websocket_names):
            first = first[~np.isin(first["name"], self._websocket_names)]
        first["kind"], first["end"], first["name"] = _HTTP, 0, 0
        if self._early:
            known = [self._early.pop(number, None) for number in first["request"].tolist()]
            for at, request in enumerate(known):
                if request is not None:
                    _, first["end"][at], first["name"][at], status = request
                    if status == SWITCHING_PROTOCOLS:
                        first["kind"][at] = 0
            first = first[first["kind"] != 0]
        at = self._append(first)
        self._under_way.update(zip(first["request"].tolist(), range(at, at + len(first)), strict=True))
        if len(self._under_way) > 2 * REMEMBERED:  # those whose end was lost
            self._under_way = dict(list(self._under_way.items())[REMEMBERED:])

    def _feed_requests(self, requests: Array, status: Array) -> None:
        """Requests that are over: what they were is noted with their first step, or kept until that has come."""
        under_way, early = self._under_way, self._early
        columns = (requests[field].tolist() for field in ("request", "time", "end", "name"))
        places, ends, names = [], [], []
        for number, start, end, name, code in zip(*columns, status.tolist(), strict=True):
            place = under_way.pop(number, None)
            if place is None:
                early[number] = (start, end, name, code)
            elif code == SWITCHING_PROTOCOLS:
                self._take_back(place)
            else:
                places.append(place)
                ends.append(end)
                names.append(name)
        if places:
            self._fill(np.array(places), np.array(ends), np.array(names, np.uint32))

    def _feed_rest(self, events: Array) -> None:
        """Callbacks of loops, and what was told on other tracks: messages, updates, notifications."""
        told = np.flatnonzero(_TOLD_ELSEWHERE[events["kind"]])
        if len(told):
            self._take_back_messages(events)
            # A message's record begins with its arrival, the others' when the loop took them.
            messages = told[events["kind"][told] == _MESSAGE]
            events["time"][messages] += events["wait"][messages]
            events["wait"][told[events["kind"][told] == _SSE]] = -1
            pairs = zip(events["track"][told].tolist(), events["request"][told].tolist(), strict=True)
            events["track"][told] = [self._loop_of(track, request) for track, request in pairs]
        self._append(events)

    def _take_back_messages(self, events: Array) -> None:
        """What was taken for a request because of its step, and is a message."""
        messages = events["request"][events["kind"] == _MESSAGE].tolist()
        for place in [self._under_way.pop(number) for number in messages if number in self._under_way]:
            self._take_back(place)

    def _loop_of(self, track: int, request: int) -> int:
        """The loop that handles what was told on a track for a request; 0 if that is not known."""
        loop = self._taken.get(request) or self._taken_before.get(request) if request else None
        if loop:
            return loop
        declared = self._tracks.get(track)
        if declared is None:
            return 0
        return track if declared.kind is TrackKind.LOOP else self._only_loop(declared.process)

    def _only_loop(self, number: int) -> int:
        """The loop of a process under observation that has one only, else 0."""
        process, loops = self._processes.get(number), self._loops.get(number, ())
        return next(iter(loops)) if len(loops) == 1 and process and process.role not in OTHER_ROLES else 0

    def _give_up(self, before: int) -> None:
        """What ended before a moment (ns) and has had no step till now is listed without."""
        late = [number for number, (_, end, _, _) in self._early.items() if end < before]
        if not late:
            return
        events = np.zeros(len(late), EVENT)
        for at, number in enumerate(late):
            start, end, name, status = self._early.pop(number)
            events[at] = (start, end, -1, number, name, 0, 0 if status == SWITCHING_PROTOCOLS else _HTTP)
        self._append(events[events["kind"] != 0])

    # -- keeping ---------------------------------------------------------------------------------------------------

    def _append(self, events: Array) -> int:
        """Add events and return the number of the first; numbers count from the beginning of the run."""
        number = self._dropped + (len(self._chunks) - 1) * CHUNK + self._chunks[-1].count if self._chunks else 0
        done = 0
        while done < len(events):
            if not self._chunks or self._chunks[-1].count == CHUNK:
                self._chunks.append(_Chunk())
            done += self._chunks[-1].put(events[done:])
        while len(self._chunks) * CHUNK > max(self._most, CHUNK):
            gone = self._chunks.pop(0)
            self._dropped += CHUNK
            self.begin = gone.last if self.begin is None else max(self.begin, gone.last)
        return number

    def _fill(self, places: Array, ends: Array, names: Array) -> None:
        places = places - self._dropped
        which = places // CHUNK
        for chunk in np.unique(which).tolist():
            if chunk >= 0:
                mine = which == chunk
                rows = self._chunks[chunk].rows
                rows["end"][places[mine] % CHUNK] = ends[mine]
                rows["name"][places[mine] % CHUNK] = names[mine]

    def _take_back(self, place: int) -> None:
        """It was no event after all."""
        if place >= self._dropped:
            chunk, at = divmod(place - self._dropped, CHUNK)
            self._chunks[chunk].take_back(at)


class _Chunk:
    """`CHUNK` events, filled from the left. `first` and `last` are their times' bounds, `counts` by kind number."""

    __slots__ = ("count", "counts", "first", "last", "rows")

    def __init__(self) -> None:
        self.rows = np.zeros(CHUNK, EVENT)
        self.count = 0
        self.counts = np.zeros(_STEP, np.int64)
        self.first, self.last = 1 << 62, -(1 << 62)

    def put(self, events: Array) -> int:
        """Add as many as there is room for; how many that was."""
        some = events[: CHUNK - self.count]
        self.rows[self.count : self.count + len(some)] = some
        self.count += len(some)
        self.counts += np.bincount(some["kind"].astype(np.int64), minlength=_STEP)
        self.first = min(self.first, int(some["time"].min()))
        self.last = max(self.last, int(some["time"].max()))
        return len(some)

    def take_back(self, at: int) -> None:
        self.counts[self.rows["kind"][at]] -= 1
        self.rows["kind"][at] = 0

    def touches(self, begin: int | None, end: int | None) -> bool:
        """Whether any of its times may lie between them."""
        return (begin is None or self.last >= begin) and (end is None or self.first <= end)

    def inside(self, begin: int | None, end: int | None) -> bool:
        """Whether all of them do."""
        return (begin is None or self.first >= begin) and (end is None or self.last <= end)

    def chosen(self, wanted: Array, begin: int | None, end: int | None) -> Array:
        """Those of the kinds that `wanted` (bool by number) says, between the times; to be read only."""
        rows = self.rows[: self.count]
        if self.inside(begin, end) and int(self.counts[wanted].sum()) == self.count:
            return rows
        chosen = wanted[rows["kind"]]
        if begin is not None:
            chosen &= rows["time"] >= begin
        if end is not None:
            chosen &= rows["time"] <= end
        # Moved as 64-bit words, which is ten times as fast.
        words = rows.view("<u8").reshape(-1, EVENT.itemsize // 8)
        found: Array = words.take(np.flatnonzero(chosen), axis=0).view(EVENT).reshape(-1)
        return found


def _wanted(kinds: Set[EventKind]) -> Array:
    wanted = np.zeros(_STEP, bool)
    wanted[[NUMBER[kind] for kind in kinds or EVENT_KINDS]] = True
    return wanted
