"""What the whole run looks like from afar: the nanoseconds of each state in about a thousand bins, summed over lanes.

A run of ten million spans is counted once, a few thousand spans at a go, and then only what is new; so a frame gives it
a millisecond and no thread is needed. Bins are a power of two ns wide, anchored to absolute time; when the run outgrows
them two become one. What the sampler saw of threads stands in for work, in sum as it does in each lane
(`analysis.divided`). No Qt.
"""

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np

from explorer.analysis.divided import share_out
from explorer.collect.source import Array, Track
from explorer.desktop.timeline.coverage import stack
from explorer.desktop.timeline.rows import CLOSED_ROLES
from explorer.records.states import WORK_KINDS, State, TrackKind
from explorer.store.coverage import STATES, cover_states
from explorer.store.rows import Slice
from explorer.store.store import Store

COLUMNS: Final = 2_048
SPANS_AT_ONCE: Final = 4_096
"""Spans that are counted in one go: about a third of a millisecond."""
FOREVER: Final = 1 << 62
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
        self.late = store.tally.late
        self._covered = np.zeros((2, STATES, COLUMNS), "<f4")
        self._counted: dict[tuple[int, int], int] = {}
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
            self._turn = self._count_rows()
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

    def _count_rows(self) -> Iterator[None]:
        store = self.store
        for track in list(store.tracks.values()):
            side = self._side(track)
            if side is None:
                continue
            for depth in tuple(store.depths(track.number)):
                after = self._counted.get((track.number, depth), -FOREVER)
                for piece in store.slices(track.number, depth, after + 1, FOREVER):
                    yield from self._count(piece, (track.number, depth), self._covered_of(side))

    def _covered_of(self, side: int) -> Callable[[], Array]:
        return lambda: self._covered[side]

    def _count(self, piece: Slice, row: tuple[int, int], covered: Callable[[], Array]) -> Iterator[None]:
        """Count a piece of a row, in one go if its chunk's pyramid is there."""
        start, end, state, depth = piece.start, piece.end, piece.state, row[1]
        pyramid = piece.chunk.seen_from_afar
        self._fit(int(end[-1]))
        if pyramid is not None and len(piece) == piece.chunk.capacity and self.bits >= pyramid.bits:
            pyramid.add_to(covered(), self.first << self.bits, self.bits, inner=depth > 0)
            self._done(row, len(piece), int(end[-1]))
            yield
            return
        for at in range(0, len(piece), SPANS_AT_ONCE):
            some = slice(at, at + SPANS_AT_ONCE)
            count = len(start[some])
            where, none = np.full(count, depth), np.zeros(count, "<i8")
            self._fit(int(end[-1]))
            found = cover_states(
                *(start[some], end[some], np.minimum(state[some], STATES - 1).astype("<i8"), where, none, 1),
                *(self.first << self.bits, self.bits, COLUMNS),
            )
            covered()[:] += found[0]
            self._done(row, count, int(end[some][-1]))
            yield

    def _done(self, row: tuple[int, int], count: int, until: int) -> None:
        self._counted[row] = until
        self.spans += count

    def _side(self, track: Track) -> int | None:
        """Load, sampler and window are closed groups in the lanes, and left out here; None for what is left out."""
        process = self.store.processes.get(track.process)
        if track.kind is TrackKind.STATES:
            owner = next((one for one in self.store.processes.values() if one.pid == track.pid), None)
            return None if owner is not None and owner.role in CLOSED_ROLES else SEEN
        if track.kind not in WORK_KINDS or (process is not None and process.role in CLOSED_ROLES):
            return None
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
