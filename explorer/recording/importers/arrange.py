"""From the columns of a foreign trace to batches: processes with their threads, each with its spans in nested depths.

The trace's clock becomes nanoseconds from `ORIGIN` on. Everything is done place by place (a thread, or the asynchronous
operations of one category), so that what is needed beside the columns is one thread's worth, and a window lives on
meanwhile.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from explorer.collect.source import SAMPLE, SPAN, Array, Batch, Marker, Process, Track
from explorer.recording.importers.columns import COMPLETE, INSTANT, Columns, Key, Spans
from explorer.recording.importers.nesting import DEEPEST, connected, depths, in_order, match, spread
from explorer.recording.importers.profiles import Profile
from explorer.records.schema import CPU_NOT_TAKEN, TIME_UNIT_NS
from explorer.records.states import Flag, Kind, Role, TrackKind

ORIGIN: Final = 1_000_000_000
BATCH_SPANS: Final = 100_000
MOST_TRACKS: Final = 50_000
WITHOUT: Final = "no category"
SAMPLED: Final = ", sampled"
"""Behind the name of a thread: the row of what a profiler saw of it."""


class Arranged:
    """Makes the batches of a trace; `batches` is to be gone through once.

    `left_out` counts by reason: "too deep", "ends without a begin"; `unended` spans are drawn to the trace's end.
    `now` is that end (ns).
    """

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self.left_out: Counter[str] = Counter()
        self.unended = 0
        self._first, self._last = _bounds(columns)
        self.now = ORIGIN
        whole = len(columns.slices) + columns.profiles.samples
        self.total = max(1, whole + len(columns.halves) // 2 + len(columns.waits) // 2)
        """About how many spans there will be."""
        self.given = 0
        self._groups = _Groups()
        self._states = np.array(columns.words.states, "u1")

    def batches(self) -> Iterator[Batch]:
        """Declarations first, then the spans, about `BATCH_SPANS` at a time, then counters and markers."""
        columns = self._columns
        self.now = int(self._ns(self._last))
        declared = _Declared(columns)
        yield Batch(self.now, processes=declared.processes, names=columns.words.new)
        waiting: list[Array] = []
        for made in self._places(declared):
            waiting.append(made)
            self.given += len(made)
            if sum(map(len, waiting)) >= BATCH_SPANS:
                yield from self._batches_of(np.concatenate(waiting), declared)
                waiting.clear()
        if waiting:
            yield from self._batches_of(np.concatenate(waiting), declared)
        samples, markers = self._samples(declared), self._markers()
        yield Batch(self.now, samples=samples, markers=markers, tracks=declared.take())

    def _batches_of(self, spans: Array, declared: "_Declared") -> Iterator[Batch]:
        for first in range(0, len(spans), BATCH_SPANS):
            yield Batch(self.now, spans=spans[first : first + BATCH_SPANS], tracks=declared.take())

    def _ns(self, time: Any) -> Any:
        """ns from µs of the trace's clock."""
        return np.rint((time - self._first) * 1000.0).astype(np.int64) + ORIGIN

    # -- spans -----------------------------------------------------------------------------------------------------

    def _places(self, declared: "_Declared") -> Iterator[Array]:
        slices, halves = _ByPlace(self._columns.slices), _ByPlace(self._columns.halves)
        flows = _FlowsByPlace(self._columns)
        for key, number in self._columns.places.items():
            part = self._of_place(slices.of(number), halves.of(number))
            if len(part):
                yield self._nested(part, declared.rows_of(declared.tracks_by_place[key]), flows.of(number))
        for number, profile in enumerate(self._columns.profiles.shown):
            part, depth = self._of_profile(profile)
            if len(part):
                yield self._kept(part, depth, declared.rows_of(declared.tracks_of_profiles[number]))
        waits = _ByPlace(self._columns.waits)
        for key, number in self._columns.lanes.items():
            part = self._of_lane(waits.of(number))
            rows = declared.rows_of(declared.tracks_by_lane[key])
            if len(part):
                yield self._kept(part, spread(part["start"], part["end"]), rows)

    def _of_place(self, whole: dict[str, Array], halves: dict[str, Array]) -> Array:
        """The spans of a thread, an outer one before those within it; their tracks and depths are still to come."""
        parts = [self._made(whole, self._ns(whole["start"]), self._ns(whole["start"] + whole["length"]))]
        if len(halves["start"]):
            halves = _in_time(halves)
            matched = match(halves["phase"])
            begins, ends = self._bounds_of(matched.begins, matched.ends, matched.open, halves)
            cpu = np.full(len(begins), -1.0)
            both = halves["cpu"][matched.begins], halves["cpu"][matched.ends]
            cpu[: len(matched.ends)] = np.where((both[0] >= 0) & (both[1] >= both[0]), both[1] - both[0], -1.0)
            chosen = {name: column[begins] for name, column in halves.items()} | {"cpu": cpu}
            parts.append(self._made(chosen, self._ns(chosen["start"]), ends))
            self._count(matched.strays, len(matched.open))
        spans = np.concatenate(parts)
        return spans[in_order(spans["start"], spans["end"])]

    def _of_profile(self, profile: Profile) -> tuple[Array, Array]:
        """The spans of sampled call stacks, an outer one before those within it, and how deep each lies."""
        told = profile.spans()
        columns = {name: _array(getattr(told, name)) for name in ("start", "end", "name", "text", "state", "depth")}
        order = np.lexsort((columns["depth"], columns["start"]))
        columns = {name: column[order] for name, column in columns.items()}
        columns["cpu"], columns["phase"] = np.full(len(told), -1.0), np.full(len(told), COMPLETE)
        spans = self._made(columns, self._ns(columns["start"]), self._ns(columns["end"]))
        return spans, columns["depth"].astype(np.int64)

    def _of_lane(self, halves: dict[str, Array]) -> Array:
        """The spans of the operations of one category, in order of their begins."""
        halves = _in_time(halves)
        matched = match(halves["phase"], halves["text"])
        begins, ends = self._bounds_of(matched.begins, matched.ends, matched.open, halves)
        self._count(matched.strays, len(matched.open))
        moments = np.flatnonzero(halves["phase"] == INSTANT)
        begins = np.concatenate((begins, moments))
        ends = np.concatenate((ends, self._ns(halves["start"][moments])))
        chosen = {name: column[begins] for name, column in halves.items()}
        chosen["text"] = np.zeros(len(begins), "u4")
        spans = self._made(chosen, self._ns(chosen["start"]), ends)
        return spans[in_order(spans["start"], spans["end"])]

    def _bounds_of(self, begins: Array, ends: Array, still: Array, halves: dict[str, Array]) -> tuple[Array, Array]:
        """Places of all begins, and the ends (ns); what has not ended does with the trace."""
        until = np.concatenate((self._ns(halves["start"][ends]), np.full(len(still), self.now)))
        return np.concatenate((begins, still)), until

    def _count(self, strays: int, still: int) -> None:
        self.left_out["ends without a begin"] += strays
        self.unended += still

    def _made(self, columns: dict[str, Array], start: Array, end: Array) -> Array:
        spans = np.zeros(len(start), SPAN)
        spans["start"], spans["end"] = start, np.maximum(start, end)
        cpu = columns["cpu"].astype("f8")
        units = np.where(cpu < 0, CPU_NOT_TAKEN, np.minimum(np.rint(cpu * (1000 / TIME_UNIT_NS)), CPU_NOT_TAKEN - 1))
        spans["argument"] = units.astype("u8") << np.uint64(32) | columns["text"]
        spans["name"] = columns["name"]
        spans["kind"] = Kind.FOREIGN
        spans["state"] = np.where(columns["state"], columns["state"], self._states[columns["name"]])
        instant = columns["phase"] == INSTANT
        spans["flags"] = np.where(instant, Flag.INSTANT, Flag.COMPLETE)
        return spans

    def _nested(self, spans: Array, rows: "_Rows", flows: dict[str, Array]) -> Array:
        depth, spans["end"] = depths(spans["start"], spans["end"])
        times = self._ns(flows["time"])
        for time, flow, after in zip(times.tolist(), flows["flow"].tolist(), flows["next"].tolist(), strict=True):
            place = connected(spans["start"], spans["end"], time, after=bool(after))
            if place >= 0:
                spans["request"][place] = self._groups.join(int(spans["request"][place]), flow)
        return self._kept(spans, depth, rows)

    def _kept(self, spans: Array, depth: Array, rows: "_Rows") -> Array:
        """The spans on the track of their depth."""
        tracks = np.array([rows.track(each) for each in range(int(depth.max(initial=0)) + 1)], "u4")
        spans["track"] = tracks[depth]
        deep = spans["track"] == 0
        if deep.any():
            self.left_out["nested too deep"] += int(np.count_nonzero(deep))
            spans = spans[~deep]
        return spans

    # -- the rest --------------------------------------------------------------------------------------------------

    def _samples(self, declared: "_Declared") -> Array:
        told = self._columns.samples
        samples = np.zeros(len(told.time), SAMPLE)
        if len(samples):
            samples["time"] = self._ns(_array(told.time))
            samples["value"] = _array(told.value)
            samples["track"] = np.array(declared.tracks_of_counters, "u4")[_array(told.counter)]
            samples = samples[np.argsort(samples["time"], kind="stable")]
        return samples

    def _markers(self) -> list[Marker]:
        return [Marker(int(self._ns(np.float64(time))), "note", text) for time, text in sorted(self._columns.marks)]


class _Groups:
    """Which request number a flow has: spans that arrows connect light up together, like those of a request.

    A span that is already on another flow's way brings its number along, so that both are one from there on.
    """

    def __init__(self) -> None:
        self._numbers: dict[int, int] = {}

    def join(self, present: int, flow: int) -> int:
        return self._numbers.setdefault(flow, present or flow + 1)


class _ByPlace:
    """The columns of spans, taken place by place."""

    def __init__(self, spans: Spans) -> None:
        names = ("start", "length", "cpu", "place", "name", "text", "state", "phase")
        self._columns = {name: _array(getattr(spans, name)) for name in names}
        self._order, self._edges = _grouped(self._columns.pop("place"))

    def of(self, place: int) -> dict[str, Array]:
        if place + 1 >= len(self._edges):
            return {name: column[:0] for name, column in self._columns.items()}
        chosen = self._order[self._edges[place] : self._edges[place + 1]]
        return {name: column[chosen] for name, column in self._columns.items()}


class _FlowsByPlace:
    """The ends of arrows, place by place."""

    def __init__(self, columns: Columns) -> None:
        flows = columns.flows
        self._columns = {name: _array(getattr(flows, name)) for name in ("time", "flow", "next")}
        self._order, self._edges = _grouped(_array(flows.place))

    def of(self, place: int) -> dict[str, Array]:
        if place + 1 >= len(self._edges):
            return {name: column[:0] for name, column in self._columns.items()}
        chosen = self._order[self._edges[place] : self._edges[place + 1]]
        return {name: column[chosen] for name, column in self._columns.items()}


class _Rows:
    """The tracks of one place: the first by its name, below it one for each depth that is asked for."""

    def __init__(self, declared: "_Declared", first: Track) -> None:
        self._declared = declared
        self._first = first

    def track(self, depth: int) -> int:
        """The number of the track of a depth; depths are to be asked for in their order."""
        if not depth:
            return self._first.number
        if depth > DEEPEST or len(self._declared.tracks) >= MOST_TRACKS:
            return 0
        first = self._first
        return self._declared.add(first.kind, first.name, first.process, tid=first.tid, parent=first.number)


class _Declared:
    """The processes and tracks of a trace, in the order that it asks for, and the numbers of the tracks."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self.tracks: list[Track] = []
        self._told = 0
        self.tracks_by_place: dict[Key, int] = {}
        self.tracks_by_lane: dict[Key, int] = {}
        self.tracks_of_counters: list[int] = [0] * len(columns.counters)
        profiles = columns.profiles.shown
        self.tracks_of_profiles: list[int] = [0] * len(profiles)
        sampled: dict[Key, list[int]] = {}
        for number, profile in enumerate(profiles):
            if profile.key is not None:
                sampled.setdefault(profile.key, []).append(number)
        pids = {key[0] for table in (columns.places, columns.lanes, columns.counters, sampled) for key in table}
        self._numbers = {pid: number for number, pid in enumerate(sorted(pids, key=self._process_order), 1)}
        self.processes = [self._process(pid, number) for pid, number in self._numbers.items()]
        for key in sorted(columns.places.keys() | sampled.keys(), key=self._thread_order):
            name = columns.thread_names.get(key, "") or f"Thread {key[1]}"
            tid = key[1] if isinstance(key[1], int) and 0 <= key[1] < 1 << 63 else 0
            if key in columns.places:
                self.tracks_by_place[key] = self.add(TrackKind.THREAD, name, self._numbers[key[0]], tid)
            for number in sampled.get(key, ()):
                self.tracks_of_profiles[number] = self.add(TrackKind.THREAD, f"{name}{SAMPLED}", self._numbers[key[0]])
        for key in sorted(columns.lanes, key=_plain):
            name = f"{key[1] or WITHOUT} (asynchronous)"
            self.tracks_by_lane[key] = self.add(TrackKind.SESSION, name, self._numbers[key[0]])
        for key in sorted(columns.counters, key=_plain):
            # Its first letter large, as a row's title is: "cpu" and the like are names of our own sampler's counters.
            title = str(key[1])
            name = title[:1].upper() + title[1:] or "Counter"
            number = self.add(TrackKind.COUNTER, name, self._numbers[key[0]])
            self.tracks_of_counters[columns.counters[key]] = number

    def add(self, kind: TrackKind, name: str, process: int, tid: int = 0, parent: int = 0) -> int:
        """Declare one more track; returns its number."""
        number = len(self.tracks) + 1
        self.tracks.append(Track(number, kind, name, process, parent, tid))
        return number

    def rows_of(self, track: int) -> _Rows:
        """The tracks for the depths of the place whose first track this is."""
        return _Rows(self, self.tracks[track - 1])

    def take(self) -> list[Track]:
        """The tracks that were declared since the last call."""
        new, self._told = self.tracks[self._told :], len(self.tracks)
        return new

    def _process(self, pid: int | str, number: int) -> Process:
        name = self._columns.process_names.get(pid, "") or (f"Process {pid}" if pid != "" else "Process")
        known = pid if isinstance(pid, int) and 0 <= pid < 1 << 62 else 0
        return Process(number, known, Role.FOREIGN, name, 0, 0, "", ORIGIN)

    def _process_order(self, pid: int | str) -> tuple[float, bool, int, str]:
        return self._columns.process_order.get(pid, 0.0), *_one(pid)

    def _thread_order(self, key: Key) -> tuple[Any, ...]:
        return *self._process_order(key[0]), self._columns.thread_order.get(key, 0.0), key[0] != key[1], *_one(key[1])


def _one(value: int | str) -> tuple[bool, int, str]:
    return (True, 0, value) if isinstance(value, str) else (False, value, "")


def _plain(key: Key) -> tuple[Any, ...]:
    return *_one(key[0]), *_one(key[1])


def _array(values: Any) -> Array:
    return np.frombuffer(values, values.typecode) if len(values) else np.zeros(0, values.typecode)


def _grouped(place: Array) -> tuple[Array, Array]:
    """The order that brings equal places together, and where each of them begins in it."""
    most = int(place.max()) if len(place) else -1
    small = place.astype("u2")  # NumPy sorts these by radix; there are at most 10,000 places
    order = np.argsort(small, kind="stable").astype("u4")
    return order, np.concatenate(([0], np.cumsum(np.bincount(place, minlength=most + 1)))) if most >= 0 else order


def _in_time(halves: dict[str, Array]) -> dict[str, Array]:
    order = np.argsort(halves["start"], kind="stable")
    return {name: column[order] for name, column in halves.items()}


def _bounds(columns: Columns) -> tuple[Any, Any]:
    """The earliest and the latest time (µs) of a trace."""
    slices = _array(columns.slices.start)
    times = [slices, _array(columns.halves.start), _array(columns.waits.start), _array(columns.samples.time)]
    times.append(np.array([time for time, _ in columns.marks]))
    profiles = columns.profiles.shown
    times += [each for profile in profiles for each in (profile.times, np.array([profile.last()]))]
    first = min((float(each.min()) for each in times if len(each)), default=0.0)
    last = max((float(each.max()) for each in times if len(each)), default=0.0)
    ends = float((slices + _array(columns.slices.length)).max()) if len(slices) else last
    return np.float64(first), np.float64(max(last, ends))
