"""Spans of many rows as columns, so that one call of NumPy works on all of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from explorer.collect.source import Array, OpenSpan
from explorer.records.schema import U32
from explorer.store.rows import Slice

ROW_SHIFT: Final = 48
"""Bits of a time within a row's stretch of the common axis: three days of nanoseconds."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What is gathered of one row: its number, finished spans, those that are open, and up to when (ns) the finished
    ones are shown.
    """

    row: int
    pieces: Sequence[Slice]
    opened: Sequence[OpenSpan]
    limit: int


@dataclass(frozen=True, slots=True)
class Gathered:
    """Spans in order of row and start; within a row they do not overlap. `start`, `end` are i8 ns, `row` i8, `value`
    the kind's own (i8), `state` and `kind` u1, `name` u4, `request` u8.
    """

    row: Array
    start: Array
    end: Array
    state: Array
    kind: Array
    value: Array
    name: Array
    request: Array

    def __len__(self) -> int:
        return len(self.start)

    def some(self, which: Array) -> "Gathered":
        """Those at the indices `which`."""
        return Gathered(*(getattr(self, field)[which] for field in self.__slots__))


def gather(rows: Iterable[Rows], now: int) -> Gathered:
    """The spans of `rows`, ascending by row; what is open reaches to `now` (ns)."""
    slices: list[Slice] = []
    owners: list[int] = []
    limits: list[int] = []
    opened: list[tuple[int, OpenSpan]] = []
    for one in rows:
        for piece in one.pieces:
            slices.append(piece)
            owners.append(one.row)
            limits.append(one.limit)
        opened += [(one.row, span) for span in one.opened if span.start < now]
    counts = [len(piece) for piece in slices]
    limit = np.repeat(np.array(limits, "<i8"), counts)
    going = [span for _, span in opened]
    found = Gathered(
        np.concatenate((np.repeat(np.array(owners, "<i8"), counts), np.array([row for row, _ in opened], "<i8"))),
        _joined([piece.start for piece in slices], [span.start for span in going], "<i8"),
        np.concatenate((np.minimum(_joined([piece.end for piece in slices], [], "<i8"), limit), [now] * len(going))),
        _joined([piece.state for piece in slices], [span.state for span in going], "u1"),
        _joined([piece.kind for piece in slices], [span.kind for span in going], "u1"),
        _joined([(piece.argument & U32).astype("<i8") for piece in slices], [span.value for span in going], "<i8"),
        _joined([piece.name for piece in slices], [span.name for span in going], "<u4"),
        _joined([piece.request for piece in slices], [span.request for span in going], "<u8"),
    )
    lasting = np.flatnonzero(found.end > found.start)
    if not opened:
        return found if len(lasting) == len(found) else found.some(lasting)
    return found.some(lasting[np.lexsort((found.start[lasting], found.row[lasting]))])


def on_axis(row: Array, time: Array, origin: int) -> Array:
    """Times (ns) of rows on one axis, on which every row has a stretch of its own."""
    within = np.clip(time - origin, -(1 << ROW_SHIFT - 1), (1 << ROW_SHIFT - 1) - 1) + (1 << ROW_SHIFT - 1)
    placed: Array = (row << ROW_SHIFT) + within
    return placed


def _joined(finished: list[Array], opened: list[int], form: str) -> Array:
    return np.concatenate([*finished, np.array(opened, form)])
