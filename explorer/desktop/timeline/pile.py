"""Spans of many rows in one heap, to be counted together: what counting costs is mostly the price of its bins, be the
spans one or a thousand. No Qt.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from explorer.collect.source import Array
from explorer.store.rows import Slice
from explorer.store.store import Appended

LEFT_OUT = -1
"""The side of rows that do not count."""


@dataclass(frozen=True, slots=True)
class Spans:
    """Columns of (n,): `start`, `end` (i8 ns), `state` (u1), `depth` and `side` (i8)."""

    start: Array
    end: Array
    state: Array
    depth: Array
    side: Array

    def __len__(self) -> int:
        return len(self.start)

    def part(self, first: int, last: int) -> "Spans":
        """Those from `first` up to `last`."""
        some = slice(first, last)
        return Spans(self.start[some], self.end[some], self.state[some], self.depth[some], self.side[some])


class Pile:
    """Grows until it is taken away. `spans`: how many there are."""

    def __init__(self) -> None:
        self.spans = 0
        self._parts: list[Spans] = []

    def add_piece(self, piece: Slice, depth: int, side: int) -> None:
        """Add a piece of one row."""
        count = len(piece)
        level, where = np.full(count, depth, "<i8"), np.full(count, side, "<i8")
        self._add(Spans(piece.start, piece.end, piece.state, level, where))

    def add_batch(self, some: Appended, sides: Sequence[int]) -> None:
        """Add what a batch brought, but for the rows whose side is `LEFT_OUT`."""
        counts = np.diff(some.bounds)
        side = np.repeat(np.array(sides, "<i8"), counts)
        depth = np.repeat(np.array([depth for _, depth in some.keys], "<i8"), counts)
        at = np.flatnonzero(side != LEFT_OUT)
        if len(at):
            self._add(Spans(some.start[at], some.end[at], some.state[at], depth[at], side[at]))

    def take(self) -> Spans:
        """All of it; nothing is left."""
        parts, self._parts, self.spans = self._parts, [], 0
        if len(parts) == 1:
            return parts[0]
        columns = zip(*((one.start, one.end, one.state, one.depth, one.side) for one in parts), strict=True)
        return Spans(*(np.concatenate(column) for column in columns))

    def _add(self, spans: Spans) -> None:
        self._parts.append(spans)
        self.spans += len(spans)
