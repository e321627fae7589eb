"""Everything a window knows about a run: spans by row, counters, tracks, names, markers; bounded, oldest dropped first.

It stands behind the collector (or a recording) and before timeline, charts and inspector, and belongs to the one thread
that appends and reads. Appending costs about 0.2 µs a span: the batch is moved as 64-bit words, brought into row order
by one radix sort of small keys, every row copies its stretch, and chunks that are full are looked at from afar.
"""

import itertools
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from explorer.collect.source import SPAN, Array, Batch, Loss, Marker, OpenSpan, Process, Tally, Track
from explorer.records.states import Kind, State, TrackKind
from explorer.store.chunks import Chunk, Columns
from explorer.store.losses import LossLog
from explorer.store.pyramid import Pyramid, worth_it
from explorer.store.rows import Row, Slice, Span
from explorer.store.series import Series

DEFAULT_MEMORY: Final = 512 << 20
AHEAD: Final = 2
"""Spans of full chunks that are looked at from afar for each one that is appended: so that it never falls behind."""
NEWEST: Final = 20_000
"""Spans of the newest batches that are kept at hand beside their rows: about a megabyte."""
NEWEST_BATCHES: Final = 64
"""So many batches at most: of a quiet run each has a few spans, and takes a kilobyte all the same."""
MOST_MARKERS: Final = 10_000
"""Of more markers the older half goes, but for the first, which says where the run began."""


@dataclass(frozen=True, slots=True)
class Appended:
    """The spans of one batch as they went into rows: by (track, depth), each row's in order of end.

    `keys` are the rows, `bounds` (len(keys) + 1) where the spans of each begin, `ends` (ns) when the last of each
    ended; the columns `start`, `end` (i8 ns) and `state` (u1) are (n,).
    """

    keys: list[tuple[int, int]]
    bounds: list[int]
    ends: list[int]
    start: Array
    end: Array
    state: Array


class Store:
    """The spans, counters and declarations of one run. Owned by one thread.

    `memory_bytes` bounds spans and counters together. Public state, to be read only:

    - `names`: texts by number, 0 is empty; `tracks` and `processes` by number;
    - `counters`: track number → `Series`; `open_spans`, `tally` as in the batches; `markers`, the newest of very many;
    - `losses`: those of the history that is left, joined where they lie close to each other;
    - `now`: clock of the newest batch; `first`, `last`: earliest start and latest end ever seen (None: no span yet);
    - `begin`: before it the history is incomplete, because older spans were dropped (None: it is all there); all in ns;
    - `count`, `dropped`: spans stored, and dropped for memory; `appended`: batches that brought any;
    - `version`: changes with tracks, processes and rows;
    - `states`: every state that a lane has shown; `gil_until`: when the last wait for a GIL ended, 0 if none has (ns).
    """

    def __init__(self, memory_bytes: int = DEFAULT_MEMORY) -> None:
        self.memory_bytes = memory_bytes
        self.names: list[str] = [""]
        self.tracks: dict[int, Track] = {}
        self.processes: dict[int, Process] = {}
        self.open_spans: list[OpenSpan] = []
        self.markers: list[Marker] = []
        self._losses = LossLog()
        self.counters: dict[int, Series] = {}
        self.tally = Tally()
        self.now = 0
        self.first: int | None = None
        self.last: int | None = None
        self.begin: int | None = None
        self.count = 0
        self.dropped = 0
        self.appended = 0
        self.version = 0
        self.states: set[State] = set()
        self.gil_until = 0
        self._seen = np.zeros(256, bool)
        self._rows: dict[tuple[int, int], Row] = {}
        self._depths: dict[int, tuple[int, ...]] = {}
        self._memory = 0
        self._filled: deque[Chunk] = deque()
        self._credit = 0
        self._newest: deque[Appended] = deque()
        self._kept = 0

    @property
    def memory(self) -> int:
        """Bytes held by spans and counters."""
        return self._memory

    @property
    def end(self) -> int | None:
        """Where the history ends (ns), None without a span: what is still open goes on until the newest batch."""
        return max(self.last, self.now) if self.last is not None and self.open_spans else self.last

    @property
    def losses(self) -> list[Loss]:
        """What was lost, in order of arrival."""
        return self._losses.all

    def append(self, batch: Batch) -> None:
        """Take in what is new."""
        self.now = max(self.now, batch.now)
        self.tally = batch.tally
        for number, text in batch.names:
            if number >= len(self.names):
                self.names.extend([""] * (number + 1 - len(self.names)))
            self.names[number] = text
        if batch.tracks or batch.processes:
            self.tracks.update((track.number, track) for track in batch.tracks)
            self.processes.update((process.number, process) for process in batch.processes)
            self.version += 1
        if batch.open_spans is not None:
            self.open_spans = batch.open_spans
        self.markers.extend(batch.markers)
        if len(self.markers) > MOST_MARKERS:
            del self.markers[1 : len(self.markers) - MOST_MARKERS // 2]
        for loss in batch.losses:
            self._losses.add(loss)
        if len(batch.spans):
            self._append_spans(batch.spans)
            self._note_states(batch.spans)
        if len(batch.samples):
            self._append_samples(batch.samples)
        if self._memory > self.memory_bytes:
            self._evict()

    def _note_states(self, spans: Array) -> None:
        # Kind and state lie side by side: one look through a table of all pairs says which there are.
        there = np.zeros((256, 256), bool)  # state, kind
        there.reshape(-1)[np.ascontiguousarray(spans).view("<u2").reshape(-1, 4 * _WORDS)[:, _KIND_BYTE // 2]] = True
        # The requests' own records lie on tracks that are data only; their pieces are what lanes show.
        states = np.asarray((there & _IN_LANES).any(axis=1))
        self._seen |= states
        if states[State.WAITING_GIL]:
            waits = _IN_LANES[spans["kind"]] & (spans["state"] == State.WAITING_GIL)
            self.gil_until = int(spans["end"].max(initial=self.gil_until, where=waits))
        if np.count_nonzero(self._seen) > len(self.states):
            self.states = {state for state in State if self._seen[state]}

    def rows(self) -> list[Row]:
        """All rows, in the order in which they came."""
        return list(self._rows.values())

    def depths(self, track: int) -> Sequence[int]:
        """The depths at which a track has spans, ascending."""
        return self._depths.get(track, ())

    def slices(self, track: int, depth: int, t0: int, t1: int) -> list[Slice]:
        """The spans of a row that touch the closed range from `t0` to `t1` (ns), oldest first."""
        row = self._rows.get((track, depth))
        return [] if row is None else list(row.slices(t0, t1))

    def count_in(self, track: int, depth: int, t0: int, t1: int) -> int:
        """How many spans `slices` would give."""
        row = self._rows.get((track, depth))
        return 0 if row is None else row.count(t0, t1)

    def last_end(self, track: int, depth: int) -> int | None:
        """When the last span of a row ended (ns), None if there is none."""
        row = self._rows.get((track, depth))
        return None if row is None else row.last_end

    def prepare(self, track: int, depth: int, t0: int, t1: int, bits: int) -> bool:
        """Do a part, of a millisecond or two, of what `add_coverage` needs for this; False while there is more to do.

        Nearly always it has been done already, when the spans came.
        """
        row = self._rows.get((track, depth))
        chunk = None if row is None else row.without_pyramid(t0, t1, bits)
        if chunk is not None:
            self._build(chunk)
        return chunk is None

    def add_coverage(self, track: int, depth: int, covered: Array, t0: int, t1: int, bits: int) -> list[Slice]:
        """Add to `covered` what of a row is known from afar; returns the spans that are still to be added.

        `covered` is (STATES, columns) of f4 ns, its columns `1 << bits` ns wide from `t0` on; `t1` is where they end.
        """
        row = self._rows.get((track, depth))
        if row is None:
            return []
        return row.add_coverage(covered, t0, t1, bits)

    def newest(self, since: int) -> list[Appended] | None:
        """What was appended after `appended` was `since`, oldest first; None where that is no longer at hand.

        For those who look in every frame at what all rows have got: a live run's batch is a few spans for each row.
        """
        wanted = self.appended - since
        if wanted > len(self._newest):
            return None
        return list(self._newest)[len(self._newest) - wanted :]

    def find(self, track: int, depth: int, time: int) -> Span | None:
        """The finished span of a row that covers `time` (ns); where two meet, the later one."""
        row = self._rows.get((track, depth))
        return None if row is None else row.find(time)

    def after(self, track: int, depth: int, time: int) -> Span | None:
        """The first span of a row that ends after `time` (ns)."""
        row = self._rows.get((track, depth))
        return None if row is None else row.after(time)

    def before(self, track: int, depth: int, time: int) -> Span | None:
        """The last span of a row that ends before `time` (ns)."""
        row = self._rows.get((track, depth))
        return None if row is None else row.before(time)

    def previous(self, span: Span) -> Span | None:
        """The span before `span` in its row."""
        row = self._rows.get((span.track, span.depth))
        return None if row is None else row.previous(span)

    def next(self, span: Span) -> Span | None:
        """The span after `span` in its row."""
        row = self._rows.get((span.track, span.depth))
        return None if row is None else row.next(span)

    def request(self, number: int) -> list[Span]:
        """All stored spans of a request over all rows, in order of start, the outer ones first."""
        if number == 0:
            return []
        found = [span for row in self._rows.values() for span in row.of_request(number)]
        return sorted(found, key=lambda span: (span.start, -span.end, span.depth))

    def told(self) -> list[Slice]:
        """All spans of tracks that no lane shows, the requests of processes among them, in no order of time."""
        return [Slice(chunk, 0, chunk.count) for row in self._rows.values() if not row.ordered for chunk in row.chunks]

    def name(self, number: int) -> str:
        """The text of a name number; empty if it is unknown."""
        return self.names[number] if 0 <= number < len(self.names) else ""

    def _append_spans(self, spans: Array) -> None:
        words, edges = _in_row_order(spans)
        bounds = edges.tolist()
        firsts = edges[:-1]
        tracks = words.view("<u4")[firsts, _TRACK_WORD].tolist()
        depths = words.view("u1")[firsts, _DEPTH_BYTE].tolist()
        ends = words[:, 1].view("<i8")
        first_ends, last_ends = ends[firsts].tolist(), ends[edges[1:] - 1].tolist()
        columns = _columns(words)
        rows = self._rows
        keys = list(zip(tracks, depths, strict=True))
        self._note_newest(Appended(keys, bounds, last_ends, columns.start, columns.end, columns.state))
        for at, key in enumerate(keys):
            row = rows.get(key)
            if row is None:
                row = self._new_row(*key)
            self._memory += row.append(columns, bounds[at], bounds[at + 1], first_ends[at], last_ends[at])
        self.count += len(words)
        self._look_from_afar(len(words))
        first, last = int(words[:, 0].view("<i8").min()), max(last_ends)
        self.first = first if self.first is None else min(self.first, first)
        self.last = last if self.last is None else max(self.last, last)

    def _note_newest(self, appended: Appended) -> None:
        self.appended += 1
        self._newest.append(appended)
        self._kept += appended.bounds[-1]
        while self._kept > NEWEST or len(self._newest) > NEWEST_BATCHES:
            self._kept -= self._newest.popleft().bounds[-1]

    def _look_from_afar(self, appended: int) -> None:
        """Build the pyramids of chunks that have filled up, in proportion to what was appended.

        Rows that are alike fill their chunks all in the same moment, and no frame may have to pay for all of them.
        """
        filled = self._filled
        self._credit += AHEAD * appended
        while filled and self._credit > 0:
            chunk = filled.popleft()
            if chunk.kept:
                chunk.look()
                self._credit -= chunk.count
                if chunk.seen_from_afar is None:
                    self._build(chunk)
        if not filled:
            self._credit = 0

    def _build(self, chunk: Chunk) -> None:
        before = chunk.memory
        chunk.seen_from_afar = Pyramid(chunk)
        self._memory += chunk.memory - before

    def _note_filled(self, chunk: Chunk) -> None:
        if worth_it(chunk):
            self._filled.append(chunk)

    def _append_samples(self, samples: Array) -> None:
        order = np.argsort(samples["track"], kind="stable")
        tracks, times, values = (samples[column].take(order) for column in ("track", "time", "value"))
        edges = [0, *(np.flatnonzero(np.diff(tracks)) + 1).tolist(), len(tracks)]
        for first, last in itertools.pairwise(edges):
            track = int(tracks[first])
            series = self.counters.get(track)
            if series is None:
                series = self.counters[track] = Series()
                self._memory += series.memory
            before = series.memory
            series.append(times[first:last], values[first:last])
            self._memory += series.memory - before

    def _new_row(self, track: int, depth: int) -> Row:
        declared = self.tracks.get(track)
        shown = declared is None or declared.kind not in _NOT_DRAWN or not declared.process
        row = self._rows[track, depth] = Row(track, depth, ordered=shown, filled=self._note_filled if shown else None)
        self._depths[track] = tuple(sorted({*self.depths(track), depth}))
        self.version += 1
        return row

    def _evict(self) -> None:
        """Drop the chunk whose newest span is the oldest of all, until the memory suffices."""
        while self._memory > self.memory_bytes and self._rows:
            row = min(self._rows.values(), key=_oldest_end)
            chunk = row.drop_oldest()
            self._memory -= chunk.memory
            self.count -= chunk.count
            self.dropped += chunk.count
            self.begin = chunk.last_end if self.begin is None else max(self.begin, chunk.last_end)
            if not row.chunks:
                del self._rows[row.track, row.depth]
                self._depths[row.track] = tuple(depth for depth in self.depths(row.track) if depth != row.depth)
                self.version += 1
        if self.begin is not None:
            self._losses.drop_before(self.begin)


_NOT_DRAWN: Final = (TrackKind.REQUESTS, TrackKind.HOST)
_IN_LANES: Final = np.ones(256, bool)
_IN_LANES[[Kind.REQUEST, Kind.CLIENT_REQUEST, Kind.MESSAGE]] = False


def _oldest_end(row: Row) -> int:
    return row.oldest_end


# Where a span's fields lie when it is seen as 32-bit words and as bytes (see collect.source.SPAN).
_WORDS: Final = SPAN.itemsize // 8
_NAME_WORD, _TRACK_WORD = 8, 9
_KIND_BYTE, _DEPTH_BYTE = 44, 46


def _in_row_order(spans: Array) -> tuple[Array, Array]:
    """The spans as (n, 6) u64, brought together by (track, depth), each in order of end; and the edges between rows."""
    depth = spans["depth"]
    shift = int(depth.max()).bit_length()
    keys = spans["track"].astype("<u8") << np.uint64(shift) | depth
    lowest = keys.min()
    if int(keys.max() - lowest) < 1 << 16:
        keys = (keys - lowest).astype("<u2")  # NumPy sorts 16-bit keys by radix, ten times as fast
    order = np.argsort(keys, kind="stable")
    keys = keys.take(order)
    words = np.ascontiguousarray(spans).view("<u8").reshape(-1, _WORDS).take(order, axis=0)
    same = keys[1:] == keys[:-1]
    ends = words[:, 1].view("<i8")
    if bool((same & (ends[1:] < ends[:-1])).any()):
        words = words.take(np.lexsort((ends, keys)), axis=0)
    return words, np.concatenate(([0], np.flatnonzero(~same) + 1, [len(keys)]))


def _columns(words: Array) -> Columns:
    """The same spans by column."""
    fields = words.view("u1")[:, _KIND_BYTE : _KIND_BYTE + 4]
    # Two copies here spare every row a strided one.
    rest = np.ascontiguousarray(fields.T)
    return Columns(np.ascontiguousarray(words[:, :4].T), words.view("<u4")[:, _NAME_WORD], rest)
