"""From the records of a request, wherever they were written, to pieces on its lane.

A request's records wait here until all its sides are complete; then they are swept into pieces. The step that sent the
response ends just after the response, so what is still running or held back counts as well. A request that is open
for longer is shown as far as its past is known: pieces up to the end of its last finished record, and an open span
from there. Records of requests that are unknown, finished or without a lane are dropped at once (everything a request
does is written after its begin, so it is known by then): memory is bounded by what the requests on lanes do.

That a request waits for the loop is told by the step that ends the wait. Until then it is inferred: its task has not
run yet, or its loop is busy with something else. What is inferred is only shown, never made into pieces, but for a
process that ended without the step.
"""

from collections import deque
from collections.abc import Iterable
from typing import Final, NamedTuple

import numpy as np

from explorer.collect import pieces, way_words
from explorer.collect.operations import Operations, open_names
from explorer.collect.order import find, join, select, take
from explorer.collect.registry import Registry
from explorer.collect.seen import Seen
from explorer.collect.source import SPAN, Array, OpenSpan
from explorer.collect.ways import NEVER, STRETCH, UNSEEN, Way, Ways
from explorer.records.schema import CPU_NOT_TAKEN, TIME_UNIT_NS, U32
from explorer.records.states import Flag, Kind, State, TrackKind

HISTORY_NS: Final = 50_000_000
JOB_NS: Final = 250_000_000
"""A job that began less than this ago is told of when it has ended: only then is it known how long it was on a core."""
MOMENT_NS: Final = 5_000_000
"""A loop that has been at one callback for longer than this keeps others waiting."""
DOUBT_NS: Final = 2_000_000_000
_NO_LEVEL: Final = 255

_LEVELS: Final = np.full(256, _NO_LEVEL, np.uint8)
for _level, _kinds in {
    pieces.WAIT: (
        Kind.TOKEN_WAIT,
        Kind.POOL_WAIT,
        Kind.INTERPRETER_WAIT,
        Kind.SEND_WAIT,
        Kind.CONNECT,
        Kind.MESSAGE,
        Kind.QUEUE_WAIT,
        Kind.CONNECTION_WAIT,
        Kind.STATEMENT,
    ),
    pieces.STEP: (Kind.CALLBACK, Kind.STEP, Kind.IO, Kind.TIMER, Kind.HANDOVER),
    pieces.JOB: (Kind.JOB,),
    pieces.CALL: (Kind.CALL, Kind.PUSH, Kind.LOCK_WAIT, Kind.GC, Kind.NOTIFICATION),
}.items():
    _LEVELS[list(_kinds)] = _level
# What a thread waits for or runs inside of its job or step is more specific than those.
_NESTS: Final = np.zeros(256, bool)
_NESTS[[Kind.CONNECTION_WAIT, Kind.STATEMENT]] = True
_OF_LOAD: Final = np.zeros(256, bool)
_OF_LOAD[[Kind.SEND_WAIT, Kind.CONNECT]] = True
_IS_REQUEST: Final = np.zeros(256, bool)
_IS_REQUEST[[Kind.REQUEST, Kind.CLIENT_REQUEST, Kind.MESSAGE]] = True


_WAITS: Final[dict[int, State]] = {Kind.LOCK_WAIT: State.WAITING_LOCK, Kind.STATEMENT: State.AWAITING}
"""What it means to wait for something, if not to be queued."""


class Wait(NamedTuple):
    """What a request waits for now."""

    level: int
    name: int
    state: State


class Words:
    """The run-wide numbers of what pieces are called if not by the name of their record."""

    def __init__(self, registry: Registry) -> None:
        self.to_server = registry.name(way_words.TO_SERVER)
        self.back = registry.name(way_words.BACK)
        self.awaits = registry.name(way_words.AWAITS)
        self.runs = registry.name(way_words.RUNS)
        self.loop = registry.name(way_words.FOR_LOOP)
        self.by_kind = np.zeros(256, np.uint32)  # 0: the record's own name
        self.by_kind[Kind.TOKEN_WAIT] = registry.name(way_words.FOR_THREAD)
        self.by_kind[Kind.POOL_WAIT] = registry.name(way_words.FOR_PROCESS)
        self.by_kind[Kind.INTERPRETER_WAIT] = registry.name(way_words.FOR_INTERPRETER)
        self.by_kind[Kind.LOCK_WAIT] = registry.name(way_words.FOR_LOCK)
        self.by_kind[Kind.SEND_WAIT] = registry.name(way_words.IN_LOAD)
        self.by_kind[Kind.CONNECT] = registry.name(way_words.CONNECTS)
        self.by_kind[Kind.CONNECTION_WAIT] = registry.name(way_words.FOR_CONNECTION)
        self.by_kind[Kind.PUSH] = registry.name("sends an event")
        self.handler = self.by_kind[Kind.MESSAGE] = registry.name(way_words.FOR_HANDLER)
        self.by_kind[[Kind.CALLBACK, Kind.STEP, Kind.IO, Kind.TIMER, Kind.HANDOVER]] = self.runs


class Requests:
    """Keeps the requests of a run and makes their pieces and open spans."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._ways = Ways(registry)
        self._operations = Operations(registry)
        self._words = Words(registry)
        self._seen = Seen(registry)
        self._doubts: deque[tuple[int, set[int]]] = deque()
        self._records = np.empty(0, SPAN)  # of requests on lanes, not yet made into pieces
        self._running: dict[int, list[OpenSpan]] = {}  # what each open request was last seen to be at
        self._unserved: set[int] = set()  # their server ended before their task ran
        # For how long (ns) a job that had not ended was told to run, by request, track and start.
        self._ran: dict[tuple[int, int, int], int] = {}
        self._until = 0

    def update(self, spans: Array) -> None:
        """Take in released spans, begins and completes, (n,) of SPAN in order of end."""
        self._ways.update(select(spans, _IS_REQUEST[spans["kind"]]))
        self._seen.update(spans)
        self._records = join([self._records, self._wanted(spans)])
        self._operations.update(spans)

    def pieces(self, unfinished: Array, until: int) -> Array:
        """The pieces and operations that are known now, (n,) of SPAN.

        Everything that ended before `until` (ns) has been taken in. `unfinished` is (k,) of SPAN for what goes on
        beyond that moment: held back, or open (then `end` lies in the future).
        """
        self._until = until
        while self._doubts and self._doubts[0][0] < until - DOUBT_NS:
            end, tracks = self._doubts.popleft()
            self._ways.give_up(tracks, end)
        if self.idle:
            self._seen.forget(until, until)
            return np.empty(0, SPAN)
        lasting, unfinished = unfinished, self._wanted(unfinished)
        done = self._ways.take_done()
        placed = self._operations.place(done, self._ways.open)
        stretches = self._histories(done, unfinished, until)
        if not len(stretches):
            return placed
        made = self._sweep(stretches, unfinished, lasting)
        self._forget()
        return join([made, placed])

    @property
    def idle(self) -> bool:
        """Whether no request is under way, and nothing that was done for one waits for its place."""
        return not self._ways.open and not self._ways.done and self._operations.idle

    def end_process(self, tracks: set[int], time: int) -> None:
        """The process that owns `tracks` ended at `time` (ns): so did what its requests were at or waited for."""
        rows = []
        begun = self._begun()
        finished = set(self._records[["track", "start"]].tolist())
        for way in self._ways.open.values():
            if not way.track or way.sides.isdisjoint(side for side in way.sides if side[0] in tracks and not side[2]):
                continue
            for span in self._running.get(way.request, ()):
                ended = (span.track, span.start) in finished or max(span.start, way.shown) >= time
                if span.track in tracks and not ended:
                    rows.append(_ended(span, time))
            if way.request not in begun and way.shown <= way.server_start:
                self._unserved.add(way.request)
        self._records = join([self._records, np.array(rows, SPAN)])
        self._ways.end_process(tracks, time)

    def lose(self, tracks: set[int], end: int) -> None:
        """Records of `tracks` were lost up to `end` (ns). Requests whose complete is not here soon have lost it."""
        self._doubts.append((end, tracks))

    def samples(self, until: int) -> list[Array]:
        """Requests in flight, one array of SAMPLE per route that has changed."""
        found = [lanes.in_flight.samples(until) for lanes in self._ways.groups.values()]
        return [samples for samples in found if len(samples)]

    def open_spans(self, running: Iterable[OpenSpan], waiting: Array) -> list[OpenSpan]:
        """What every request on a lane is doing now.

        `running` are the open spans of threads and loops; `waiting` is (n,) of SPAN, begins without a complete.
        """
        if not self._ways.open:
            return []
        running = list(running)
        now: dict[int, OpenSpan] = {}
        seen: dict[int, list[OpenSpan]] = {}
        for span in running:
            if span.request and _LEVELS[span.kind] != _NO_LEVEL:
                seen.setdefault(span.request, []).append(span)
                known = now.get(span.request)
                if known is None or (_level_of(known), known.start) < (_level_of(span), span.start):
                    now[span.request] = span
        # What is seen no more has ended, unless its process has: then nobody is left to say so.
        self._running = {number: was for number, was in self._running.items() if self._has_ended(was[0])} | seen
        waits = self._waits(waiting)
        busy, begun, done_for = self._busy(running), self._begun(), open_names(waiting)
        ways = [way for way in self._ways.open.values() if way.track]
        return [
            self._open_span(
                way,
                now.get(way.request),
                waits.get(way.request),
                (way.request not in begun and way.shown <= way.server_start) or self._server_of(way) in busy,
                done_for.get(way.request, 0),
            )
            for way in ways
        ]

    def _waits(self, waiting: Array) -> dict[int, Wait]:
        """What each request waits for, of `waiting`, begins without a complete; the most specific, then the latest."""
        wanted = (waiting["request"] != 0) & (_LEVELS[waiting["kind"]] != _NO_LEVEL)
        rows = select(waiting, wanted)
        levels = _levels(rows).tolist()
        columns = (rows[field].tolist() for field in ("start", "request", "kind", "name"))
        latest_last = sorted(zip(levels, *columns, strict=True))
        return {request: self._wait(level, kind, name) for level, _, request, kind, name in latest_last}

    def _wait(self, level: int, kind: int, name: int) -> Wait:
        return Wait(level, int(self._words.by_kind[kind]) or name, _WAITS.get(kind, State.QUEUED))

    def _begun(self) -> set[int]:
        """Requests that have done something which is not made into pieces yet."""
        return set(self._records["request"].tolist())

    def _busy(self, running: list[OpenSpan]) -> set[int]:
        """Numbers of the processes whose loop has been at one callback for longer than a moment."""
        tracks = self._registry.tracks
        long = (
            tracks.get(span.track)
            for span in running
            if _LEVELS[span.kind] == pieces.STEP and span.start < self._until - MOMENT_NS
        )
        return {track.process for track in long if track is not None}

    def _has_ended(self, span: OpenSpan) -> bool:
        """Whether the process of a span is there no more."""
        track = self._registry.tracks.get(span.track)
        member = self._registry.members.get(track.process) if track is not None else None
        return member is not None and member.process.ended_ns is not None

    def _server_of(self, way: Way) -> int:
        """Number of the process that serves a request; 0 = none does."""
        # The first to take it up: a server that calls another one is the server all the same.
        sides = sorted((start, track) for track, start, client in way.sides if not client)
        tracks = (self._registry.tracks.get(track) for _, track in sides)
        return next((track.process for track in tracks if track is not None), 0)

    def _open_span(
        self, way: Way, running: OpenSpan | None, waits: Wait | None, for_loop: bool, done_for: int
    ) -> OpenSpan:
        """`done_for` is the name of what is being done for the request, 0 if that is not known."""
        words = self._words
        start = way.begin
        if running is not None and (waits is None or waits.level <= _level_of(running)):
            name = int(words.by_kind[running.kind]) or running.name or words.runs
            if done_for and _level_of(running) in (pieces.STEP, pieces.JOB):
                name = done_for
            # What lies before it is known once it has ended: the wait in a ready queue is told by the step.
            since = max(start, running.start) if way.shown != UNSEEN else start
            return OpenSpan(way.track, 0, since, name, way.request, Kind.PIECE, running.state)
        if way.server_start == UNSEEN:
            name, state = words.to_server, State.QUEUED
        elif way.server_end != UNSEEN and way.client_start != UNSEEN:
            name, state = words.back, State.QUEUED
        elif waits is not None:
            name, state = waits.name, waits.state
        elif for_loop:
            name, state = words.handler if way.message else words.loop, State.QUEUED
        else:
            name, state = done_for or words.awaits, State.AWAITING
        return OpenSpan(way.track, 0, start, name, way.request, Kind.PIECE, state)

    def _wanted(self, spans: Array) -> Array:
        """What tells something about a request that is on a lane."""
        told = (spans["request"] != 0) & (_LEVELS[spans["kind"]] != _NO_LEVEL) & ((spans["flags"] & Flag.COMPLETE) != 0)
        wanted = select(spans, told)
        if len(wanted):
            wanted = select(wanted, find(self._ways.known(), wanted["request"])[1])
        return wanted

    def _forget(self) -> None:
        """Drop what has been made into pieces for good."""
        self._operations.forget(self._ways.known())
        self._unserved &= self._ways.open.keys() | set(self._ways.known().tolist())
        if self._ran:
            under_way = set(self._ways.known().tolist())
            self._ran = {key: ns for key, ns in self._ran.items() if key[0] in under_way}
        if not len(self._records):
            return
        oldest = min((way.begin for way in self._ways.open.values()), default=self._until)
        self._seen.forget(oldest, self._until)
        known = self._ways.known()
        shown = {way.request: way.shown for way in self._ways.open.values()}
        place, kept = find(known, self._records["request"])
        if len(known):
            past = np.array([shown.get(request, UNSEEN) for request in known.tolist()], np.int64)
            kept &= self._records["end"] > past[place]
        self._records = select(self._records, kept)

    def _histories(self, done: Array, unfinished: Array, until: int) -> Array:
        """`done` and what is new in the history of requests that have been open for long, sorted by request."""
        long = [way for way in self._ways.open.values() if way.track and way.start < until - HISTORY_NS]
        if not long:
            return done
        last = self._last_known(unfinished, until)
        busy = set(done["request"].tolist())
        rows = []
        for way in long:
            end = max(last.get(way.request, 0), way.server_start, way.server_end)
            if way.begin < end <= until and way.request not in busy:
                rows.append(way.stretch(end))
                way.shown = end
        both = join([done, np.array(rows, STRETCH)], STRETCH)
        return take(both, np.argsort(both["request"]))

    def _last_known(self, unfinished: Array, until: int) -> dict[int, int]:
        """For each request, up to when (ns) what it did is known: the end of its last record, the start of its job."""
        last: dict[int, int] = {}
        # A call on a loop lies in a step, and the wait before that is not told before the step ends.
        settled = select(self._records, ~self._on_loops(self._records))
        unfinished = select(unfinished, ~self._on_loops(unfinished))
        for request, end in zip(settled["request"].tolist(), settled["end"].tolist(), strict=True):
            last[request] = max(end, last.get(request, 0))
        # Behind an unfinished step lies a wait in the ready queue that is not told before the step ends.
        stepping = set(unfinished["request"][_LEVELS[unfinished["kind"]] == pieces.STEP].tolist())
        for request, start in zip(unfinished["request"].tolist(), unfinished["start"].tolist(), strict=True):
            if start <= until and request not in stepping:
                last[request] = max(start, last.get(request, 0))
        jobs = unfinished[(_levels(unfinished) == pieces.JOB) & (unfinished["start"] > until - JOB_NS)]
        for request, start in zip(jobs["request"].tolist(), jobs["start"].tolist(), strict=True):
            if start <= until:
                last[request] = min(start, last.get(request, start))
        return last

    def _on_loops(self, records: Array) -> Array:
        """Which records are calls made by a loop's own thread."""
        calls: Array = _levels(records) == pieces.CALL
        if calls.any():
            tracks = self._registry.tracks
            for number in set(records["track"][calls].tolist()):
                if number not in tracks or tracks[number].kind is not TrackKind.LOOP:
                    calls &= records["track"] != number
        return calls

    def _sweep(self, stretches: Array, unfinished: Array, lasting: Array) -> Array:
        """The pieces of `stretches`; of what is `lasting`, (n,) of SPAN, operations and what was seen count."""
        records = join([self._records, unfinished])
        own, waits, cpu_ns = self._intervals(records, stretches)
        intervals = [self._floor(stretches), own, waits, self._seen.intervals(own, lasting)]
        found = pieces.sweep(stretches["begin"], stretches["end"], join(intervals, pieces.INTERVAL))
        found = self._seen.settle(found, cpu_ns)
        self._note_ran(unfinished, stretches, found)
        found = self._operations.names(found, stretches["request"], lasting, self._words.awaits)
        spans = np.zeros(len(found), SPAN)
        spans["start"] = found["start"]
        spans["end"] = found["end"]
        spans["name"] = found["name"]
        spans["state"] = found["state"]
        spans["request"] = stretches["request"][found["window"]]
        spans["track"] = stretches["track"][found["window"]]
        spans["argument"] = found["track"].astype(np.uint64) | np.uint64(CPU_NOT_TAKEN << 32)
        spans["kind"] = Kind.PIECE
        spans["flags"] = Flag.COMPLETE
        return spans

    def _floor(self, stretches: Array) -> Array:
        """What a request does while no record says more: on its way, in the server, on its way back."""
        words = self._words
        count = len(stretches)
        floor = np.zeros((3, count), pieces.INTERVAL)
        floor["window"] = np.arange(count)
        floor["level"] = pieces.FLOOR
        floor["name"] = np.array([[words.to_server], [words.awaits], [words.back]])
        floor["state"] = np.array([[State.QUEUED], [State.AWAITING], [State.QUEUED]])
        if self._unserved:
            unserved = np.isin(stretches["request"], np.array(list(self._unserved), np.uint64))
            floor["name"][1][unserved] = words.loop
            floor["state"][1][unserved] = State.QUEUED
        floor["end"][0] = np.where(stretches["client"], stretches["came"], 0)
        floor["start"][1] = stretches["came"]
        floor["end"][1] = stretches["left"]
        floor["start"][2] = stretches["left"]
        floor["end"][2] = np.where(stretches["client"], NEVER, 0)
        return floor.reshape(-1)

    def _intervals(self, records: Array, stretches: Array) -> tuple[Array, Array, Array]:
        """The intervals of `records` whose request is among those of `stretches`, the waits that steps tell of, and the
        processor time of each job for which it was taken (ns).
        """
        window, mine = find(stretches["request"], records["request"])
        records, window = select(records, mine), window[mine]
        own = np.zeros(len(records), pieces.INTERVAL)
        for field in ("start", "end", "track", "state"):
            own[field] = records[field]
        own["window"] = window
        own["level"] = _levels(records)
        named = self._words.by_kind[records["kind"]]
        own["name"] = np.where(named != 0, named, np.where(records["name"] != 0, records["name"], self._words.runs))
        cpu = records["argument"] >> np.uint64(32)
        jobs = np.flatnonzero((own["level"] == pieces.JOB) & (cpu != CPU_NOT_TAKEN))
        own["job"][jobs] = np.arange(1, len(jobs) + 1)
        messages = records["kind"] == Kind.MESSAGE
        if messages.any():
            # Of a message's own record only the beginning tells what it waited for.
            own["end"][messages] = records["start"][messages] + _waited(records[messages])
            own["state"][messages] = State.QUEUED
        # The load may lose its core in the very call that sends: then the server reads before the load says "sent".
        sending = np.flatnonzero(_OF_LOAD[records["kind"]])
        own["end"][sending] = np.minimum(own["end"][sending], stretches["came"][window[sending]])
        steps = (own["level"] == pieces.STEP) | (records["kind"] == Kind.NOTIFICATION)
        waits = select(own, steps)
        waits["end"] = waits["start"]
        waits["start"] -= _waited(records[steps])
        waits["name"] = self._words.loop
        waits["state"] = State.QUEUED
        waits["level"] = pieces.WAIT
        cpu_ns = cpu[jobs].astype(np.int64) * TIME_UNIT_NS
        if self._ran:
            keys = zip(*(records[field][jobs].tolist() for field in ("request", "track", "start")), strict=True)
            cpu_ns = np.maximum(cpu_ns - np.array([self._ran.get(key, 0) for key in keys], np.int64), 0)
        return own, waits, cpu_ns

    def _note_ran(self, unfinished: Array, stretches: Array, made: Array) -> None:
        """For how long jobs that still go on are said to have run, in `made`: pieces (n,) of INTERVAL."""
        jobs = unfinished[_levels(unfinished) == pieces.JOB]
        place, mine = find(stretches["request"], jobs["request"])
        ran = (made["level"] == pieces.JOB) & (made["state"] == State.RUNNING)
        for job, window in zip(jobs[mine], place[mine].tolist(), strict=True):
            parts = made[ran & (made["window"] == window) & (made["track"] == job["track"])]
            parts = parts[parts["start"] >= job["start"]]
            if len(parts):
                key = (int(job["request"]), int(job["track"]), int(job["start"]))
                self._ran[key] = self._ran.get(key, 0) + int((parts["end"] - parts["start"]).sum())


def _waited(records: Array) -> Array:
    """What records (n,) of SPAN of a kind whose value is a wait waited, in ns."""
    waited: Array = (records["argument"] & np.uint64(U32)).astype(np.int64) * TIME_UNIT_NS
    return waited


def _levels(records: Array) -> Array:
    """How specific each of `records` is, see `pieces`."""
    kind = records["kind"]
    levels: Array = np.where(_NESTS[kind] & (records["depth"] > 0), np.uint8(pieces.CALL), _LEVELS[kind])
    return levels


def _level_of(span: OpenSpan) -> int:
    """The same for one open span."""
    return pieces.CALL if span.depth and _NESTS[span.kind] else int(_LEVELS[span.kind])


def _ended(span: OpenSpan, time: int) -> tuple[int, ...]:
    """An open span as a row of SPAN that ended at `time` (ns)."""
    argument = CPU_NOT_TAKEN << 32 | span.value
    row = (span.start, time, span.request, argument, span.name, span.track, 0, span.kind, span.state, span.depth)
    return (*row, int(Flag.COMPLETE))
