"""One row of the timeline in memory: the finished spans of one (track, depth), as columns in chunks.

Within a row spans do not overlap, so the order in which they arrive (by end) is also the order of their starts: nothing
is sorted on append and both ends of a time range are found by binary search.

A row begins with a small chunk and takes larger ones as it fills, because a run can have a thousand threads that live
for milliseconds beside a loop that writes a hundred thousand spans a second.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

import numpy as np

from explorer.collect.source import Array
from explorer.records.lock_owners import LOCKS
from explorer.records.schema import CPU_NOT_TAKEN, TIME_UNIT_NS, U32
from explorer.records.states import Kind, State
from explorer.store import chunks as sizes
from explorer.store.chunks import Chunk, Columns, in_usual_size
from explorer.store.pyramid import finest_bits, worth_it

# A recording may hold numbers of a later version, or none that make sense.
_KINDS: Final = {int(kind): kind for kind in Kind}
_STATES: Final = {int(state): state for state in State}


@dataclass(frozen=True, slots=True)
class Span:
    """One finished span. Times are ns; `name`, `track` and `request` are run-wide numbers."""

    track: int
    depth: int
    start: int
    end: int
    name: int
    request: int
    argument: int
    kind: Kind
    state: State
    flags: int

    @property
    def duration(self) -> int:
        """Length in ns."""
        return self.end - self.start

    @property
    def cpu_ns(self) -> int | None:
        """CPU time in ns, or None if it was not taken."""
        units = self.argument >> 32
        return None if units == CPU_NOT_TAKEN or self.kind in LOCKS else units * TIME_UNIT_NS

    @property
    def value(self) -> int:
        """The kind's own value (the low half of `argument`, see `records.states.Kind`)."""
        return self.argument & U32


class Slice:
    """Neighbouring spans of one chunk: `start`, `end` (ns), `name`, `request`, `argument`, `kind`, `state`, `flags`.

    The columns are views of shape (len(self),) into the store, made when asked for; they hold until the next append.
    """

    __slots__ = ("_from", "_to", "chunk")

    def __init__(self, chunk: Chunk, first: int, last: int) -> None:
        self.chunk = chunk
        self._from = first
        self._to = last

    def __len__(self) -> int:
        return self._to - self._from

    @property
    def start(self) -> Array:
        """Starts, i8."""
        return self.chunk.start[self._from : self._to]

    @property
    def end(self) -> Array:
        """Ends, i8."""
        return self.chunk.end[self._from : self._to]

    @property
    def name(self) -> Array:
        """Run-wide name numbers, u4."""
        return self.chunk.name[self._from : self._to]

    @property
    def request(self) -> Array:
        """Run-wide request numbers, u8, 0 = none."""
        return self.chunk.request[self._from : self._to]

    @property
    def argument(self) -> Array:
        """Arguments as in `records.schema`, u8."""
        return self.chunk.argument[self._from : self._to]

    @property
    def kind(self) -> Array:
        """`Kind`s, u1."""
        return self.chunk.kind[self._from : self._to]

    @property
    def state(self) -> Array:
        """`State`s, u1."""
        return self.chunk.state[self._from : self._to]

    @property
    def flags(self) -> Array:
        """`Flag`s, u1."""
        return self.chunk.flags[self._from : self._to]


class Row:
    """The spans of one (track, depth), in order of end.

    Not so if `ordered` is False: spans that overlap anyway (the requests of a process, which no lane shows) are kept as
    they come; then only `of_request` makes sense.
    """

    __slots__ = ("_before", "_ends", "_filled", "_next_size", "chunks", "depth", "last_end", "ordered", "track")

    def __init__(
        self, track: int, depth: int, *, ordered: bool = True, filled: Callable[["Chunk"], None] | None = None
    ) -> None:
        """`filled` is told of every chunk to which nothing more will be added."""
        self.ordered = ordered
        self._filled = filled if filled is not None else _nobody
        self.track = track
        self.depth = depth
        self.chunks: list[Chunk] = []
        self.last_end = -(1 << 63)
        self._next_size = sizes.SMALLEST_CHUNK
        # Of every chunk its last end and the spans before it (since the row's first): plain numbers, which every frame
        # searches for every row, and which cost a tenth of what asking the chunks would.
        self._ends: list[int] = []
        self._before: list[int] = []

    def append(self, spans: Columns, first: int, last: int, first_end: int, last_end: int) -> int:
        """Add the spans from `first` up to `last`, in order of end, and return by how many bytes the memory grew.

        `first_end` and `last_end` are the ends of the first and the last, which the caller has at hand for all rows.
        """
        grown = 0
        if first_end < self.last_end and self.ordered:
            late = int(np.searchsorted(spans.end[first:last], self.last_end, "left"))
            grown = self._insert(spans.part(first, first + late))
            first += late
            if first == last:
                return grown
        self.last_end = max(self.last_end, last_end)
        chunks = self.chunks
        while True:
            if chunks:
                chunk = chunks[-1]
                room = chunk.capacity - chunk.count
                if room >= last - first:
                    chunk.put(spans, first, last)
                    self._ends[-1] = last_end
                    if chunk.full:
                        self._filled(chunk)
                    return grown
                if room:
                    chunk.put(spans, first, first + room)
                    self._ends[-1] = chunk.last_end
                    self._filled(chunk)
                    first += room
            self._before.append(self._before[-1] + chunks[-1].count if chunks else 0)
            self._ends.append(self.last_end)
            chunk = Chunk(self._next_size)
            chunks.append(chunk)
            self._next_size = min(self._next_size * sizes.GROWTH, sizes.LARGEST_CHUNK)
            grown += chunk.memory

    def slices(self, t0: int, t1: int) -> Iterator[Slice]:
        """The spans that touch the closed range from `t0` to `t1` (ns), oldest first."""
        chunks, ends = self.chunks, self._ends
        begin = bisect_left(ends, t0)
        for at in range(begin, len(chunks)):
            chunk = chunks[at]
            last = count = chunk.count
            first = int(chunk.end[:count].searchsorted(t0, "left")) if at == begin else 0
            if ends[at] > t1:
                last = int(chunk.start[:count].searchsorted(t1, "right"))
            if last > first:
                yield Slice(chunk, first, last)
            if last < count:
                return

    def count(self, t0: int, t1: int) -> int:
        """How many spans touch the closed range from `t0` to `t1` (ns)."""
        chunks, ends, before = self.chunks, self._ends, self._before
        at = bisect_left(ends, t0)
        if at == len(chunks):
            return 0
        chunk = chunks[at]
        first = before[at] + int(chunk.end[: chunk.count].searchsorted(t0, "left"))
        at = bisect_right(ends, t1, at)
        if at == len(chunks):
            return before[-1] + chunks[-1].count - first
        chunk = chunks[at]
        return max(0, before[at] + int(chunk.start[: chunk.count].searchsorted(t1, "right")) - first)

    def drop_oldest(self) -> Chunk:
        """Take the first chunk away."""
        del self._ends[0], self._before[0]
        chunk = self.chunks.pop(0)
        chunk.kept = False
        return chunk

    @property
    def oldest_end(self) -> int:
        """When the last span of the first chunk ended, ns."""
        return self._ends[0]

    def add_coverage(self, covered: Array, t0: int, t1: int, bits: int) -> list[Slice]:
        """Add the coverage of full chunks to `covered` (STATES, columns of `1 << bits` ns from `t0` on, f4 ns).

        Returns the spans from `t0` to `t1` (ns) that are still to be added.
        """
        rest: list[Slice] = []
        for piece in self.slices(t0, t1):
            pyramid = piece.chunk.seen_from_afar
            if pyramid is None or bits < pyramid.bits:
                rest.append(piece)
            else:
                pyramid.add_to(covered, t0, bits, inner=self.depth > 0)
        return rest

    def without_pyramid(self, t0: int, t1: int, bits: int) -> Chunk | None:
        """The first chunk that bins of `1 << bits` ns from `t0` to `t1` (ns) need a pyramid of, and that has none."""
        chunks = self.chunks
        last = min(bisect_right(self._ends, t1) + 1, len(chunks))
        for at in range(bisect_left(self._ends, t0), last):
            chunk = chunks[at]
            if chunk.seen_from_afar is None and worth_it(chunk) and bits >= finest_bits(chunk):
                return chunk
        return None

    def find(self, time: int) -> Span | None:
        """The span that covers `time`; where two meet, the later one."""
        at, place = self._after(time)
        if at < len(self.chunks) and self.chunks[at].start[place] <= time:
            return self._span(at, place)
        before = self._step(at, place, -1)
        return before if before is not None and before.end == time else None

    def after(self, time: int) -> Span | None:
        """The first span that ends after `time` (ns)."""
        at, place = self._after(time)
        return self._span(at, place) if at < len(self.chunks) else None

    def before(self, time: int) -> Span | None:
        """The last span that ends before `time` (ns)."""
        return self._step(*self._after(time - 1), -1)

    def previous(self, span: Span) -> Span | None:
        """The span before `span`, which must be of this row."""
        return self._step(*self._place(span), -1)

    def next(self, span: Span) -> Span | None:
        """The span after `span`, which must be of this row."""
        return self._step(*self._place(span), 1)

    def of_request(self, number: int) -> Iterator[Span]:
        """All spans of a request."""
        for at, chunk in enumerate(self.chunks):
            if not chunk.may_have(number):
                continue
            for place in np.flatnonzero(chunk.request[: chunk.count] == number).tolist():
                yield self._span(at, place)

    def _insert(self, spans: Columns) -> int:
        """Put late spans where their ends belong, chunk by chunk, and return the growth in bytes."""
        grown = done = 0
        ends = spans.end
        at = bisect_left(self._ends, int(ends[0]))
        while done < len(spans):
            chunk = self.chunks[at]
            stop = int(np.searchsorted(ends, chunk.last_end, "right"))
            if stop > done:
                parts = in_usual_size(chunk.merged(spans.part(done, stop)))
                grown += sum(part.memory for part in parts) - chunk.memory
                chunk.kept = False
                self.chunks[at : at + 1] = parts
                for part in parts:
                    if part.full:
                        self._filled(part)
                at += len(parts) - 1
                done = stop
            at += 1
        self._ends = [chunk.last_end for chunk in self.chunks]
        self._before = list(accumulate([chunk.count for chunk in self.chunks[:-1]], initial=0))
        return grown

    def _after(self, time: int) -> tuple[int, int]:
        """Chunk and place of the first span that ends after `time`; (number of chunks, 0) if there is none."""
        at = bisect_left(self._ends, time + 1)
        if at == len(self.chunks):
            return at, 0
        chunk = self.chunks[at]
        return at, int(chunk.end[: chunk.count].searchsorted(time, "right"))

    def _place(self, span: Span) -> tuple[int, int]:
        """Chunk and place of `span`, or of the first that ends after it if it is no longer there."""
        at = bisect_left(self._ends, span.end)
        while at < len(self.chunks):
            chunk = self.chunks[at]
            count = chunk.count
            place = int(chunk.end[:count].searchsorted(span.end, "left"))
            while place < count and chunk.end[place] == span.end:
                if self._span(at, place) == span:
                    return at, place
                place += 1
            if place < count:
                return at, place
            at += 1
        return at, 0

    def _step(self, at: int, place: int, step: int) -> Span | None:
        place += step
        if place < 0:
            at -= 1
            if at < 0:
                return None
            place = self.chunks[at].count - 1
        elif at < len(self.chunks) and place >= self.chunks[at].count:
            at, place = at + 1, 0
        return self._span(at, place) if at < len(self.chunks) else None

    def _span(self, at: int, place: int) -> Span:
        chunk = self.chunks[at]
        return Span(
            self.track,
            self.depth,
            int(chunk.start[place]),
            int(chunk.end[place]),
            int(chunk.name[place]),
            int(chunk.request[place]),
            int(chunk.argument[place]),
            _KINDS.get(int(chunk.kind[place]), Kind.NONE),
            _STATES.get(int(chunk.state[place]), State.UNKNOWN),
            int(chunk.flags[place]),
        )


def _nobody(chunk: Chunk) -> None:
    """For a row whose full chunks are of no interest."""
