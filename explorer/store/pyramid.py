"""What a full chunk of spans looks like from afar: coverage by state, in bins twice as wide from level to level.

The finest level has a few spans a bin; nearer than that the spans themselves are few. Levels are anchored to absolute
time, so that chunks of a row, and rows of a track, simply add up. A value is the share of the bin in 32,768ths, rounded
up: bins of up to 33 µs are exact, and nowhere does anything disappear.
"""

from typing import Final

import numpy as np

from explorer.collect.source import Array
from explorer.records.states import State
from explorer.store.chunks import Chunk
from explorer.store.coverage import STATES, cover

SPANS_A_BIN: Final = 3
"""At least, on average, and less than twice as many."""
WHOLE_BITS: Final = 15
FEWEST_BINS: Final = 16
"""A level with no more bins is the last: wider ones are summed from it."""
FEWEST_SPANS: Final = 2_000
"""Fewer are counted anew sooner than their levels are made."""


class Pyramid:
    """The levels of one chunk. `bits`: the finest level's bins are `1 << bits` ns wide."""

    __slots__ = ("_firsts", "_levels", "_states", "bits")

    def __init__(self, chunk: Chunk) -> None:
        """Counts the spans of a chunk that is full; about 0.1 µs a span."""
        start, end = chunk.start[: chunk.count], chunk.end[: chunk.count]
        first, last = _extent(chunk)
        self.bits = finest_bits(chunk)
        at = first >> self.bits
        bins = (last - 1 >> self.bits) + 1 - at
        states = np.flatnonzero(np.bincount(chunk.state[: chunk.count], minlength=256))
        slots = np.zeros(256, "<i8")
        slots[states] = np.arange(len(states))
        slot = slots[chunk.state[: chunk.count]]
        level = cover(start, end, slot, len(states), at << self.bits, self.bits, bins)
        self._states = np.minimum(states, STATES - 1)  # a recording may hold numbers of a later version
        self._firsts: list[int] = []
        self._levels: list[Array] = []
        for bits in range(self.bits, 64):
            self._firsts.append(at)
            self._levels.append(_rounded(level, bits))
            if level.shape[1] <= FEWEST_BINS:
                break
            left, right = at & 1, (at + level.shape[1]) & 1
            padded = np.zeros((len(level), left + level.shape[1] + right))  # np.pad takes four times as long
            padded[:, left : left + level.shape[1]] = level
            level, at = padded[:, ::2] + padded[:, 1::2], at >> 1

    @property
    def memory(self) -> int:
        """Bytes of the levels."""
        return sum(level.nbytes for level in self._levels)

    def add_to(self, covered: Array, origin: int, bits: int, *, inner: bool) -> None:
        """Add what falls into the bins of `1 << bits` ns (`bits` at least the finest level's) from `origin` (ns) on.

        `covered` is (STATES, columns) of f4 ns. `inner`: the spans lie within others, and take their time from RUNNING.
        """
        columns = covered.shape[1]
        depth = min(bits - self.bits, len(self._levels) - 1)
        level, beyond = self._levels[depth], bits - self.bits - depth
        place = self._firsts[depth] - (origin >> bits << beyond)
        low, high = max(0, -place), min(level.shape[1], (columns << beyond) - place)
        if high <= low:
            return
        ns = level[:, low:high] * np.float32(2.0 ** max(0, self.bits + depth - WHOLE_BITS))
        left, right = place + low >> beyond, (place + high - 1 >> beyond) + 1
        if beyond:
            edges = np.flatnonzero(np.diff(np.arange(place + low, place + high) >> beyond)) + 1
            ns = np.add.reduceat(ns, np.concatenate(([0], edges)), axis=1)
        for state, row in zip(self._states.tolist(), ns, strict=True):
            covered[state, left:right] += row
        if inner:
            covered[State.RUNNING, left:right] -= ns.sum(axis=0)


def worth_it(chunk: Chunk) -> bool:
    """Whether a chunk gets a pyramid: nothing more will be added, and it has enough spans."""
    return chunk.full and chunk.count >= FEWEST_SPANS


def finest_bits(chunk: Chunk) -> int:
    """The `bits` of the pyramid that a full chunk has, or would have."""
    first, last = _extent(chunk)
    return max(0, ((last - first) * SPANS_A_BIN // chunk.count).bit_length())


def _extent(chunk: Chunk) -> tuple[int, int]:
    """From when to when (ns, excluded) the spans of a chunk last; they are in order of end, and do not overlap."""
    last = chunk.count - 1
    return int(chunk.start[0]), max(int(chunk.end[last]), int(chunk.start[last]) + 1)


def _rounded(level: Array, bits: int) -> Array:
    """Coverage (ns) in units of a 32,768th of a bin of `1 << bits` ns, or of 1 ns in bins of fewer."""
    found: Array = np.ceil(np.minimum(level * 2.0 ** -max(0, bits - WHOLE_BITS), 65_535)).astype("<u2")
    return found
