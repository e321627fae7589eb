"""What the sampler saw: states of threads, holders of GILs, how many waited for one; time per tenth of a second.

Shares are of wall time and are not normalised: what was not sampled is missing from their sum. A state that lasts has
no finished span yet; it counts up to the newest batch.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np

from explorer.analysis.buckets import BUCKET_NS, Column, runs_of
from explorer.collect.source import Array, OpenSpan, Track
from explorer.records.sampling import GIL_PERIOD, GIL_WAITING, OVERSHOOT, PERIOD
from explorer.records.states import Kind, State, TrackKind

SAMPLED: Final = np.zeros(256, bool)
SAMPLED[[Kind.THREAD_STATE, Kind.GIL_HELD]] = True
"""Kinds that the sampler writes."""
UNKNOWN: Final = "unknown"
COUNTERS: Final = (GIL_WAITING, PERIOD, GIL_PERIOD, OVERSHOOT)
MOST_LONG_NS: Final = 48 * 3600 * 1_000_000_000
"""A longer span is only seen in a damaged recording."""

THREAD_STATES: Final[Mapping[State, str]] = {state: state.name.lower() for state in State if state is not State.NONE}


MANY: Final = 2_000
"""Spans from which on going by columns is faster than one by one: in a recording, never in a run."""


class Shares:
    """Seconds by key (a state, a name) and bucket."""

    def __init__(self) -> None:
        self.columns: dict[int, Column] = {}

    def add(self, key: int, start: int, end: int, rate: float = 1.0) -> None:
        """From `start` to `end` (ns) it was `key`; every second of it counts `rate` seconds."""
        if not 0 <= end - start <= MOST_LONG_NS:
            return
        column = self.columns.get(key)
        if column is None:
            column = self.columns[key] = Column("f4")
        first, last = start // BUCKET_NS, end // BUCKET_NS
        if first == last:
            column.add(first, (end - start) / 1e9 * rate)
            return
        column.add(first, ((first + 1) * BUCKET_NS - start) / 1e9 * rate)
        if last - first > 1:
            column.add_all(first + 1, last, BUCKET_NS / 1e9 * rate)
        column.add(last, (end - last * BUCKET_NS) / 1e9 * rate)

    def add_run(self, key: int, begin: int, seconds: Array) -> None:
        """It was `key` for `seconds` (n,) of the buckets from `begin` on."""
        column = self.columns.get(key)
        if column is None:
            column = self.columns[key] = Column("f4")
        column.add_run(begin, seconds)

    def seconds(self, begin: int, end: int) -> dict[int, float]:
        """By key, over the buckets from `begin` up to `end`."""
        return {key: column.sum(begin, end) for key, column in self.columns.items()}


class WaitingLog:
    """How many threads waited for one GIL. `told` has the buckets in which it was counted anew."""

    def __init__(self) -> None:
        self.told = Column("u1")
        self._shares = Shares()  # seconds with at least one (key 0), and seconds times threads (key 1)
        self._since = 0
        self._count = 0.0

    def feed(self, times: Array, values: Array) -> None:
        """Samples of the counter, in order of time; each holds until the next."""
        for time, value in zip(times.tolist(), values.tolist(), strict=True):
            if self._since and self._count > 0 and time > self._since:
                self._shares.add(0, self._since, time)
                self._shares.add(1, self._since, time, self._count)
            self._since = max(self._since, time)
            self._count = value
            self.told.put(time // BUCKET_NS, 1)

    def between(self, begin: int, end: int, until: int) -> Array:
        """By bucket from `begin` up to `end`, (2, end - begin): seconds with at least one, and seconds times threads.

        What was counted last holds up to the moment `until` (ns).
        """
        found = np.zeros((2, end - begin))
        for key, column in self._shares.columns.items():
            found[key] += column.between(begin, end)
        if self._since and self._count > 0:
            starts = np.arange(begin, end) * BUCKET_NS
            lasts = np.minimum(starts + BUCKET_NS, until) - np.maximum(starts, self._since)
            found += np.maximum(lasts, 0) / 1e9 * np.array([[1.0], [self._count]])
        return found


class SampledLog:
    """All that was sampled, by the number of the sampler's track."""

    def __init__(self) -> None:
        self.tracks: dict[int, Track] = {}
        """Tracks of states and of GILs."""
        self.waiting: dict[int, WaitingLog] = {}
        self.counters: dict[int, Column] = {}
        """Periods (ms) by bucket."""
        self.lacks: dict[int, list[Mapping[str, object]]] = {}
        """What could not be sampled, by pid."""
        self._shares: dict[int, Shares] = {}
        self._names: dict[int, str] = {}
        self._open: list[OpenSpan] = []

    def declare(self, tracks: Iterable[Track], names: Iterable[tuple[int, str]]) -> None:
        """What is new or changed."""
        self._names.update(names)
        for track in tracks:
            if track.kind in (TrackKind.STATES, TrackKind.GIL):
                self.tracks[track.number] = track

    def feed(self, spans: Array) -> None:
        """Spans, (n,) of SPAN, of kinds in `SAMPLED`."""
        keys = np.where(spans["kind"] == Kind.GIL_HELD, spans["name"], spans["state"])
        if len(spans) >= MANY and _in_few_buckets(spans):
            self._feed_many(spans, keys)
            return
        columns = (each.tolist() for each in (spans["track"], keys, spans["start"], spans["end"]))
        for track, key, start, end in zip(*columns, strict=True):
            shares = self._shares.get(track)
            if shares is None:
                if track not in self.tracks:
                    continue  # a damaged recording
                shares = self._shares[track] = Shares()
            shares.add(key, start, end)

    def _feed_many(self, spans: Array, keys: Array) -> None:
        """The same by column, each in the order of the spans."""
        order = np.lexsort((keys, spans["track"]))
        tracks, keys = spans["track"].take(order), keys.take(order)
        start, end = spans["start"].take(order), spans["end"].take(order)
        first, last = start // BUCKET_NS, end // BUCKET_NS
        pieces = last - first + 1
        whole = np.repeat(np.arange(len(order)), pieces)
        buckets = first[whole] + np.arange(len(whole)) - (np.cumsum(pieces) - pieces)[whole]
        starts = np.maximum(start[whole], buckets * BUCKET_NS)
        ends = np.minimum(end[whole], (buckets + 1) * BUCKET_NS)
        seconds = (ends - starts) / 1e9
        another = np.diff(tracks, prepend=tracks[:1]) | np.diff(keys, prepend=keys[:1])
        group = np.cumsum(another != 0)
        firsts = np.flatnonzero(np.diff(group, prepend=-1))
        owners, named = tracks[firsts].tolist(), keys[firsts].tolist()
        for at, begin, sums in runs_of(group[whole], buckets, seconds):
            if owners[at] in self.tracks:
                self._shares.setdefault(owners[at], Shares()).add_run(named[at], begin, sums)

    def feed_counter(self, track: Track, times: Array, values: Array) -> None:
        """Samples of one of the sampler's counters, in order of time."""
        if track.name == GIL_WAITING:
            self.waiting.setdefault(track.number, WaitingLog()).feed(times, values)
        else:
            column = self.counters.setdefault(track.number, Column("f8", np.nan))
            for time, value in zip(times.tolist(), values.tolist(), strict=True):
                column.put(time // BUCKET_NS, value)

    def note_open(self, spans: Iterable[OpenSpan]) -> None:
        """The present set of open spans."""
        self._open = [span for span in spans if SAMPLED[span.kind]]

    def miss(self, event: Mapping[str, object]) -> None:
        """An event `not_sampled` (see `explorer.sampler.missing`)."""
        lacks = event.get("lacks")
        for lack in lacks if isinstance(lacks, list) else ():
            if isinstance(lack, dict) and isinstance(lack.get("pids"), list):
                for pid in lack["pids"]:
                    if isinstance(pid, int):
                        self.lacks.setdefault(pid, []).append(lack)

    def since(self, track: int) -> int:
        """When (ns) the first span of a track began, to a bucket; 0 if it has none."""
        shares = self._shares.get(track)
        firsts = [column.first for column in shares.columns.values()] if shares is not None else []
        if firsts:
            return (min(firsts) + 1) * BUCKET_NS
        return next((span.start for span in self._open if span.track == track), 0)

    def known(self, tracks: Iterable[int], begin: int, end: int, until: int) -> Array:
        """Whether anything is known of one of these tracks in each bucket from `begin` up to `end`, (end - begin,).

        A span that is still open lasts up to the moment `until` (ns).
        """
        found = np.zeros(end - begin, bool)
        wanted = set(tracks)
        for track in wanted:
            if track in self._shares:
                for column in self._shares[track].columns.values():
                    found |= column.between(begin, end) > 0
            if track in self.waiting:
                found |= self.waiting[track].told.between(begin, end) > 0
            if track in self.counters:
                found |= ~np.isnan(self.counters[track].between(begin, end))
        for span in self._open:
            if span.track in wanted and span.start < until:
                found[max(0, span.start // BUCKET_NS - begin) : max(0, until // BUCKET_NS + 1 - begin)] = True
        return found

    def states(self, track: int, begin: int, end: int, now: int) -> dict[str, float]:
        """Seconds by state, over buckets, of a track of states."""
        seconds = self._seconds(track, begin, end, now)
        return {name: seconds.get(int(state), 0.0) for state, name in THREAD_STATES.items()}

    def holders(self, track: int, begin: int, end: int, now: int) -> dict[str, float]:
        """Seconds by the name of the holder, over buckets, of a GIL's track."""
        found: dict[str, float] = {}
        for key, seconds in self._seconds(track, begin, end, now).items():
            name = self._names.get(key, UNKNOWN)
            found[name] = found.get(name, 0.0) + seconds
        return found

    def _seconds(self, track: int, begin: int, end: int, now: int) -> dict[int, float]:
        shares = self._shares.get(track)
        found = shares.seconds(begin, end) if shares is not None else {}
        for span in self._open:
            if span.track == track:
                key = span.name if span.kind is Kind.GIL_HELD else int(span.state)
                seconds = (min(now, end * BUCKET_NS) - max(span.start, begin * BUCKET_NS)) / 1e9
                found[key] = found.get(key, 0.0) + max(0.0, seconds)
        return found


def _in_few_buckets(spans: Array) -> bool:
    """Whether the buckets that these touch are not many times as many, as they are in a damaged recording."""
    lengths = spans["end"] - spans["start"]
    return bool((lengths >= 0).all()) and float((lengths / BUCKET_NS).sum()) < 10 * len(spans)
