"""What a chosen stretch of time sums up to: by state, name, lane and request; call stacks; latencies.

Spans are cut to the range; what has not ended lasts up to the store's clock, as in the lanes. Every group has its
count, total, median and 99th percentile, exact to the nanosecond (the value of that rank, none made up between two).
States count *stretches*: the time in which one span was innermost in its lane and nothing changed; where the sampler
saw its thread wait, that is the state (`stretches`). The stretches of a lane add up to the time in which anything was
recorded there. Names count the whole time of their spans, callees included.

Ten million spans take seconds. So `Snapshot` takes hold of the spans (chunks are only ever appended to, so another
thread may read what is there while the store goes on), and `compute` is a generator that says how far it is.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

import numpy as np

from explorer.analysis.call_stacks import CallStacks, StackNode
from explorer.analysis.failed import abandoned, no_good_answer
from explorer.analysis.groups import Figures, Groups, figures_of, many_groups
from explorer.analysis.stretches import Stretches, flat, overlaid
from explorer.collect.foreign import deeper_tracks
from explorer.collect.source import Array, Track
from explorer.records.schema import U32
from explorer.records.states import WORK_KINDS, Kind, State, TrackKind
from explorer.store.chunks import Chunk
from explorer.store.rows import Slice
from explorer.store.store import Store

FOREVER: Final = 1 << 62
UNNAMED: Final = 0xFFFFFF00
"""Added to a span's kind it stands for the name of what has none."""
SIDES: Final = (Kind.CLIENT_REQUEST, Kind.REQUEST)
"""Records of whole requests: as the load saw them, or else as the server did."""


class Where(Enum):
    """Who tells of a state: the probes of lanes, the pieces of requests, or the sampler's looks at threads."""

    LANES = "lanes"
    REQUESTS = "requests"
    SAMPLER = "sampler"


@dataclass(frozen=True, slots=True)
class RangeStatistics:
    """The result. Times are ns.

    `states` by (where, state), of stretches; `names` by name number (`UNNAMED` + kind for what
    has none), of whole times in lanes; `lanes` by track, of the
    spans at depth 0 that are not idle; `requests` (n,) of `GROUP`, of their pieces: the total is how much of a request
    lies in the range. `stacks` is the root of the call stacks. `latencies` (n,) of i8, ascending, are those of the
    requests that ended within; `failed` is how many of these had no good answer. Not among them are the `abandoned`,
    which the load gave up. `looked` says how many spans were looked at, by who tells of them.
    """

    begin: int
    end: int
    looked: dict[Where, int]
    states: dict[tuple[Where, State], Figures]
    names: dict[int, Figures]
    lanes: dict[int, Figures]
    requests: Array
    stacks: StackNode
    latencies: Array
    failed: int
    abandoned: int

    @property
    def spans(self) -> int:
        """How many spans touch the range, whoever tells of them."""
        return sum(self.looked.values())


@dataclass(slots=True)
class _Lane:
    """The rows of a track by depth, as slices."""

    track: Track
    rows: list[list[Slice]]
    seen: list[Slice] = field(default_factory=list)
    """What the sampler saw of its thread."""


class Snapshot:
    """Hold of what a store knows of the range from `begin` to `end` (ns), to be computed later, in any thread."""

    def __init__(self, store: Store, begin: int, end: int) -> None:
        self.begin, self.end = begin, end
        self._lanes: list[_Lane] = []
        self._pieces: list[Slice] = []
        self._sampled: list[Slice] = []
        self._whole: list[Slice] = []
        # Spans that only touch an end of the range have no time in it.
        self._first, self._last = begin + 1, end - 1
        self._strips: dict[tuple[int, int], list[Slice]] = {}
        self._unfinished = _unfinished(store)
        deeper = deeper_tracks(store.tracks, store.processes)
        below = {number for numbers in deeper.values() for number in numbers}
        for track in store.tracks.values():
            if track.number not in below:
                self._take(store, track, deeper.get(track.number, ()))
        for lane in self._lanes:
            process = store.processes.get(lane.track.process)
            if process is not None and lane.track.tid:
                seen = self._strips.get((process.pid, lane.track.tid), [])
                lane.seen = sorted(seen, key=lambda piece: int(piece.start[0]))
        lanes = (piece for lane in self._lanes for row in lane.rows for piece in row)
        told = {Where.LANES: lanes, Where.REQUESTS: self._pieces, Where.SAMPLER: self._sampled}
        self.looked = {where: sum(map(len, pieces)) for where, pieces in told.items()}
        """How many spans touch the range, by who tells of them."""
        self.spans = sum(self.looked.values())
        """How many they are together."""

    def _take(self, store: Store, track: Track, deeper: Sequence[int]) -> None:
        if track.kind in WORK_KINDS:
            rows = [row for number in (track.number, *deeper) for row in self._rows(store, number)]
            if any(rows):
                self._lanes.append(_Lane(track, rows))
        elif track.kind in (TrackKind.LANE, TrackKind.STATES):
            found = [piece for row in self._rows(store, track.number) for piece in row]
            if track.kind is TrackKind.LANE:
                self._pieces += found
            elif found:
                self._sampled += found
                # Thread ids are used again, by one thread after the other: their strips lie behind one another.
                self._strips.setdefault((track.pid, track.tid), []).extend(found)
        elif track.kind in (TrackKind.REQUESTS, TrackKind.HOST) and track.process:
            # These overlap and lie in the order in which they were told of: no search finds a time in them.
            for depth in store.depths(track.number):
                self._whole += store.slices(track.number, depth, -FOREVER, FOREVER)

    def _rows(self, store: Store, track: int) -> list[list[Slice]]:
        """The rows of a track by depth, with what goes on behind what has ended."""
        goes_on = self._unfinished.get(track, {})
        rows = []
        for depth in sorted({*store.depths(track), *goes_on}):
            row = store.slices(track, depth, self._first, self._last)
            last = goes_on.get(depth)
            if last is not None and last.start[0] <= self._last and last.end[0] >= self._first:
                row.append(last)
            rows.append(row)
        return rows

    def compute(self) -> Iterator[float | RangeStatistics]:
        """Yields the share (0 to 1) that is done, again and again, and the result at last."""
        work = _Work(self.begin, self.end)
        todo, done = max(1, self.spans), 0
        for lane in self._lanes:
            for count in work.lane(lane):
                done += count
                yield 0.8 * done / todo
        for where, pieces in ((Where.REQUESTS, self._pieces), (Where.SAMPLER, self._sampled)):
            for piece in pieces:
                work.piece(piece, where)
                done += len(piece)
                yield 0.8 * done / todo
        for piece in self._whole:
            work.whole(piece)
            yield 0.8
        yield from work.finish(self.looked)


class _Work:
    """What has been gathered so far."""

    def __init__(self, begin: int, end: int) -> None:
        self._begin, self._end = begin, end
        self._states = {where: Groups() for where in Where}
        self._names, self._unnamed = Groups(), Groups()
        self._lanes: dict[int, Figures] = {}
        self._stacks = CallStacks()
        self._requests: list[Array] = []
        self._in_range: list[Array] = []
        self._latencies: dict[Kind, list[Array]] = {kind: [] for kind in SIDES}
        self._failed = dict.fromkeys(SIDES, 0)
        self._abandoned = 0

    def lane(self, lane: _Lane) -> Iterator[int]:
        """Take in a lane, row by row from the innermost outwards (own time) and then inwards (stacks)."""
        inner: _Row | None = None
        rows = []
        for pieces in reversed(lane.rows):
            row = _Row(pieces, self._begin, self._end)
            own = row.length - inner.covered(row.start, row.end) if inner is not None else row.length
            # Where two spans inside one another overlap oddly, nobody has less than no time of his own.
            own = np.maximum(own, 0)
            named = row.name < UNNAMED
            self._names.add(row.name[named], row.length[named])
            self._unnamed.add(row.name[~named] - np.uint32(UNNAMED), row.length[~named])
            rows.append((row, own))
            inner = row
            yield len(row.start) // 2
        outer = rows[-1][0]
        busy = outer.length[outer.state != State.IDLE]
        if len(busy):
            self._lanes[lane.track.number] = figures_of(busy)
        stack = self._stacks.begin(lane.track.kind)
        nested = []
        for row, own in reversed(rows):
            nodes = stack.add(row.start, row.end, row.name, row.state, row.length, own)
            nested.append(Stretches(row.start, row.end, row.state, nodes))
            yield len(row.start) - len(row.start) // 2
        whole = flat(nested)
        if lane.seen:
            seen = _Row(lane.seen, self._begin, self._end)
            whole = overlaid(whole, Stretches(seen.start, seen.end, seen.state, np.zeros(len(seen.start), "<i8")))
        self._states[Where.LANES].add(whole.state, whole.length)
        stack.add_times(whole.tag, whole.state, whole.length)

    def piece(self, piece: Slice, where: Where) -> None:
        """Take in spans that have nothing inside them."""
        length = _cut(piece, self._begin, self._end)[2]
        self._states[where].add(piece.state, length)
        if where is Where.REQUESTS:
            self._requests.append(piece.request)
            self._in_range.append(length)

    def whole(self, piece: Slice) -> None:
        """Take in the records of whole requests that ended within the range."""
        within = (piece.end >= self._begin) & (piece.end <= self._end)
        for kind in SIDES:
            some = np.flatnonzero(within & (piece.kind == kind))
            if len(some):
                status = piece.argument[some] & U32
                waited = abandoned(status)
                self._abandoned += int(np.count_nonzero(waited))
                some, status = some[~waited], status[~waited]
                self._latencies[kind].append(piece.end[some] - piece.start[some])
                self._failed[kind] += int(np.count_nonzero(no_good_answer(status)))

    def finish(self, looked: dict[Where, int]) -> Iterator[float | RangeStatistics]:
        """Sort, which is what the figures cost most."""
        states = {}
        for where, groups in self._states.items():
            for state, figures in groups.figures().items():
                states[where, _state(state)] = figures
        yield 0.9
        names = self._names.figures()
        names |= {UNNAMED + kind: figures for kind, figures in self._unnamed.figures().items()}
        yield 0.95
        requests = many_groups(_joined(self._requests, "<u8"), _joined(self._in_range, "<i8"))
        requests = requests[requests["key"] > 0]
        # The load's own view is from the intended send on; requests from elsewhere only the server knows.
        side = SIDES[0] if self._latencies[SIDES[0]] else SIDES[1]
        latencies = np.sort(_joined(self._latencies[side], "<i8"))
        yield RangeStatistics(
            self._begin,
            self._end,
            looked,
            states,
            names,
            self._lanes,
            requests,
            self._stacks.root,
            latencies,
            self._failed[side],
            self._abandoned,
        )


class _Row:
    """The spans of a row as whole columns, cut to the range; they do not overlap and are in order."""

    def __init__(self, pieces: list[Slice], begin: int, end: int) -> None:
        cut = [_cut(piece, begin, end) for piece in pieces]
        self.start = _joined((one[0] for one in cut), "<i8")
        self.end = _joined((one[1] for one in cut), "<i8")
        self.length = _joined((one[2] for one in cut), "<i8")
        self.name = _joined(map(_named, pieces), "<u4")
        self.state = _joined((piece.state for piece in pieces), "u1")

    def covered(self, start: Array, end: Array) -> Array:
        """Of how much of the time from each `start` to each `end` this row has a span, ns."""
        if not len(self.start):
            return np.zeros(len(start), "<i8")
        sums = np.concatenate((np.zeros(1, "<i8"), np.cumsum(self.length)))
        covered: Array = self._until(end, sums) - self._until(start, sums)
        return covered

    def _until(self, times: Array, sums: Array) -> Array:
        """How much is covered before each time."""
        at = np.searchsorted(self.start, times, "right")
        last = np.maximum(at - 1, 0)
        within = np.clip(times - self.start[last], 0, self.length[last])
        found: Array = np.where(at > 0, sums[last] + within, 0)
        return found


def compute(snapshot: Snapshot) -> RangeStatistics:
    """The whole computation at once."""
    for step in snapshot.compute():
        if isinstance(step, RangeStatistics):
            return step
    raise AssertionError("the last step is the result")


def _unfinished(store: Store) -> dict[int, dict[int, Slice]]:
    """By track and depth what has begun and not ended, as a span that ends now."""
    found: dict[int, dict[int, Slice]] = {}
    for span in store.open_spans:
        chunk = Chunk(1)
        chunk.count = 1
        # The past of what lasts for long may be there already, as finished pieces.
        ended = store.last_end(span.track, span.depth)
        chunk.start[0] = start = span.start if ended is None else max(span.start, ended)
        chunk.end[0] = max(store.now, start)
        chunk.request[0], chunk.argument[0], chunk.name[0] = span.request, span.value, span.name
        chunk.kind[0], chunk.state[0] = span.kind, span.state
        found.setdefault(span.track, {})[span.depth] = Slice(chunk, 0, 1)
    return found


def _cut(piece: Slice, begin: int, end: int) -> tuple[Array, Array, Array]:
    """Start, end and length within the range."""
    start, stop = np.clip(piece.start, begin, end), np.clip(piece.end, begin, end)
    return start, stop, stop - start


def _named(piece: Slice) -> Array:
    names: Array = np.where(piece.name, piece.name, np.uint32(UNNAMED) + piece.kind)
    return names


def _joined(parts: Iterable[Array], dtype: str) -> Array:
    some = list(parts)
    return np.concatenate(some) if some else np.zeros(0, dtype)


def _state(number: int) -> State:
    """A recording may hold numbers of a later version."""
    try:
        return State(number)
    except ValueError:
        return State.UNKNOWN
