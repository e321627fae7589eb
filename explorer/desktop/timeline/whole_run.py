"""What the whole run looks like from afar: the nanoseconds of each state in about a thousand bins, summed over lanes.

A run of ten million spans is counted once, a few thousand spans at a go, and then only what is new; so a frame gives it
a millisecond and no thread is needed. Two rules keep that true where each request has a process of its own, and a
second brings a hundred new rows of a few spans each: a go counts spans of many rows together, and what is new is taken
from the store's newest batches, as long as they are at hand, instead of being looked for in all rows there ever were.
In its batch also what comes out of order is met, behind what was counted of its row.

Bins are a power of two ns wide, anchored to absolute time; when the run outgrows them two become one. What the sampler
saw of threads stands in for work, in sum as it does in each lane (`analysis.divided`). No Qt.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import numpy as np

from explorer.analysis.divided import share_out
from explorer.collect.source import Array, Process
from explorer.desktop.timeline.coverage import stack
from explorer.desktop.timeline.pile import LEFT_OUT, Pile
from explorer.desktop.timeline.rows import CLOSED_ROLES
from explorer.records.states import WORK_KINDS, State, TrackKind
from explorer.store.coverage import STATES, cover_states
from explorer.store.rows import Slice
from explorer.store.store import Appended, Store

COLUMNS: Final = 2_048
SPANS_AT_ONCE: Final = 4_096
"""Spans that are counted in one go: about a third of a millisecond."""
ROWS_AT_ONCE: Final = 256
"""Rows that are looked into in one go: no longer than that."""
FOREVER: Final = 1 << 62
NEVER: Final = (-FOREVER, 0)
WORK, SEEN = 0, 1
"""What the probes tell of lanes, and what the sampler saw of their threads."""


class WholeRun:
    """The coverage of one store. `bits`: bins are `1 << bits` ns wide; `first`: number of the first one."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.bits = 0
        self.first = 0
        self.spans = 0
        """How many have been counted."""
        self.missed = False
        """Whether something was left out that can only be found by counting anew."""
        self._covered = np.zeros((2, STATES, COLUMNS), "<f4")
        self._counted: dict[tuple[int, int], tuple[int, int]] = {}
        """By row: the end of the last span that was counted, and the number of the last batch (`Store.appended`)."""
        self._pile = Pile()
        self._since = -1
        """All batches up to this one were counted; before the first turn -1."""
        self._late = 0
        self._undeclared: set[int] = set()
        """Tracks of which the store had spans, and did not know what they are."""
        self._turn: Iterator[None] | None = None

    @property
    def extent(self) -> tuple[int, int]:
        """The history there is, ns."""
        store = self.store
        first = store.first if store.first is not None else store.now
        return max(first, store.begin or first), max(store.end or store.now, first + 1)

    @property
    def busy(self) -> bool:
        """Whether a turn through the rows has been left half-way."""
        return self._turn is not None

    def update(self, allowed: Callable[[], bool]) -> bool:
        """Count what is new, as far as `allowed` lets it, going on where it was left; True if all rows are done."""
        if self._turn is None:
            self._turn = self._count_new()
        # The first go is never refused: where all else takes too long, it would never be finished.
        for _ in self._turn:
            if not allowed():
                return False
        self._turn = None
        return True

    def shares(self, most: int) -> tuple[Array, int, int]:
        """(STATES, columns) of f4 ns of the history in at most `most` columns, which is at least 1, the time (ns) at
        which the first begins, and the `bits` of each.
        """
        begin, end = self.extent
        bits = self.bits
        while (end >> bits) - (begin >> bits) >= most:
            bits += 1
        low, high = begin >> bits, (end >> bits) + 1
        factor = 1 << (bits - self.bits)
        summed = np.zeros((2, STATES, high - low), "<f4")
        # Of what has been counted: before the first turn bins are a nanosecond wide, and a run is seconds long.
        start, stop = max(self.first, low * factor), min(self.first + COLUMNS, high * factor)
        if stop > start:
            place = np.arange(start, stop) // factor - low
            firsts = np.flatnonzero(np.diff(place, prepend=-1))
            part = self._covered[:, :, start - self.first : stop - self.first]
            summed[:, :, place[firsts]] = np.add.reduceat(part, firsts, axis=2)
        return share_out(summed[WORK][None], summed[SEEN][None])[0], low << bits, bits

    def picture(self, most: int, height: int, palette: Array) -> tuple[Array, int, int]:
        """(height, columns) of u4 of stacked shares, at the busiest moment as high as there is room; the time (ns) at
        which the first column begins, and the `bits` of each. `palette` as in `coverage.stack`.
        """
        shares, begin, bits = self.shares(most)
        shares = np.maximum(shares, 0)
        shares[[State.NONE, State.IDLE]] = 0
        busiest = float(shares.sum(axis=0).max(initial=0))
        if busiest:
            shares *= np.float32((1 << bits) / busiest)
        return stack(shares[None], bits, height, palette)[0], begin, bits

    def _count_new(self) -> Iterator[None]:
        """One turn: what has come since the one before began, and was not counted by that already."""
        store, began, late = self.store, self.store.appended, self.store.tally.late
        if any(track in store.tracks for track in self._undeclared):
            self.missed = True
        newest = None if self._since < 0 else store.newest(self._since)
        if newest is not None:
            yield from self._look_into_batches(newest)
        else:
            # What lies behind the last span that was counted of its row is not found there.
            self.missed = self.missed or (self._since >= 0 and late != self._late)
            yield from self._look_into_rows()
        yield from self._count_pile()
        self._since, self._late = began, late

    def _look_into_batches(self, newest: Sequence[Appended]) -> Iterator[None]:
        owners, known = self._owners(), dict[int, int]()
        for number, some in enumerate(newest, self._since + 1):
            for track in {track for track, _ in some.keys} - known.keys():
                known[track] = self._side_of(track, owners)
            sides = [known[track] for track, _ in some.keys]
            for at, (row, end) in enumerate(zip(some.keys, some.ends, strict=True)):
                last, counted = self._counted.get(row, NEVER)
                if counted >= number:  # the row was looked into when the batch had come
                    sides[at] = LEFT_OUT
                elif sides[at] != LEFT_OUT:
                    self._counted[row] = max(last, end), number
            self._pile.add_batch(some, sides)
            yield from self._count_pile(SPANS_AT_ONCE)
            yield

    def _look_into_rows(self) -> Iterator[None]:
        store, owners = self.store, self._owners()
        self._undeclared |= {row.track for row in store.rows()} - store.tracks.keys()
        looked = 0
        for track in list(store.tracks):
            side = self._side_of(track, owners)
            for depth in () if side == LEFT_OUT else tuple(store.depths(track)):
                looked += 1
                if looked % ROWS_AT_ONCE == 0:
                    yield
                row = track, depth
                (after, _), last = self._counted.get(row, NEVER), store.last_end(*row)
                if last is not None:
                    self._counted[row] = max(last, after), store.appended
                    for piece in store.slices(*row, after + 1, FOREVER) if last > after else ():
                        yield from self._take(piece, row, side)

    def _take(self, piece: Slice, row: tuple[int, int], side: int) -> Iterator[None]:
        """Count a piece of a row at once if its chunk's pyramid is there; else it goes to the pile."""
        pyramid = piece.chunk.seen_from_afar
        if pyramid is not None and len(piece) == piece.chunk.capacity:
            self._fit(int(piece.end[-1]))
            if self.bits >= pyramid.bits:
                pyramid.add_to(self._covered[side], self.first << self.bits, self.bits, inner=row[1] > 0)
                self.spans += len(piece)
                yield
                return
        self._pile.add_piece(piece, row[1], side)
        yield from self._count_pile(SPANS_AT_ONCE)

    def _count_pile(self, least: int = 1) -> Iterator[None]:
        """Count what lies on the pile, if it is at least so many spans."""
        if self._pile.spans < least:
            return
        spans = self._pile.take()
        for at in range(0, len(spans), SPANS_AT_ONCE):
            some = spans.part(at, at + SPANS_AT_ONCE)
            self._fit(int(some.end.max()))
            self._covered += cover_states(
                *(some.start, some.end, np.minimum(some.state, STATES - 1).astype("<i8"), some.depth, some.side),
                *(len(self._covered), self.first << self.bits, self.bits, COLUMNS),
            )
            self.spans += len(some)
            yield

    def _owners(self) -> dict[int, Process]:
        """The processes by pid; of several with the same one the first."""
        return {process.pid: process for process in reversed(self.store.processes.values())}

    def _side_of(self, number: int, owners: Mapping[int, Process]) -> int:
        """Load, sampler and window are closed groups in the lanes, and left out here, as is what is not declared."""
        track = self.store.tracks.get(number)
        if track is None:
            self._undeclared.add(number)
            return LEFT_OUT
        if track.kind is TrackKind.STATES:
            owner = owners.get(track.pid)
            return LEFT_OUT if owner is not None and owner.role in CLOSED_ROLES else SEEN
        process = self.store.processes.get(track.process)
        if track.kind not in WORK_KINDS or (process is not None and process.role in CLOSED_ROLES):
            return LEFT_OUT
        return WORK

    def _fit(self, end: int) -> None:
        """Make room for what lasts from the beginning of the history to `end` (ns)."""
        low, high = self.extent
        high = max(high, end)
        if not self.spans:
            while (high >> self.bits) - (low >> self.bits) >= COLUMNS:
                self.bits += 1
            self.first = low >> self.bits
            return
        while (high >> self.bits) - (low >> self.bits) >= COLUMNS:
            self._halve()
        if not self.first <= low >> self.bits or (high >> self.bits) - self.first >= COLUMNS:
            self._shift(low >> self.bits)

    def _halve(self) -> None:
        odd = self.first & 1
        padded = np.pad(self._covered, ((0, 0), (0, 0), (odd, odd)))
        halves = padded[:, :, ::2] + padded[:, :, 1::2]
        self._covered = np.zeros_like(self._covered)
        self._covered[:, :, : halves.shape[2]] = halves
        self.first >>= 1
        self.bits += 1

    def _shift(self, first: int) -> None:
        moved = np.zeros_like(self._covered)
        by = first - self.first
        low, high = max(0, by), min(COLUMNS, COLUMNS + by)
        if high > low:
            moved[:, :, low - by : high - by] = self._covered[:, :, low:high]
        self._covered, self.first = moved, first
