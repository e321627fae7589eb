"""Building SPAN rows by hand."""

import numpy as np

from explorer.collect.source import SPAN, Array
from explorer.records.schema import span_argument
from explorer.records.states import Flag, Kind, State

Row = tuple[int, int, int, int, int, int, int, int, int, int, int]


def row(
    kind: Kind,
    start: int,
    end: int,
    *,
    request: int = 0,
    name: int = 0,
    track: int = 1,
    state: State = State.NONE,
    flags: Flag = Flag.COMPLETE,
    depth: int = 0,
    value: int = 0,
) -> Row:
    """One row; `value` is the low half of the argument."""
    return (start, end, request, span_argument(value), name, track, 0, kind, state, depth, flags)


def begin(kind: Kind, start: int, *, request: int, name: int = 0, track: int = 1) -> Row:
    """The row that says that something has begun."""
    return row(kind, start, start, request=request, name=name, track=track, flags=Flag.BEGIN)


def spans(*rows: Row) -> Array:
    """The rows as an array, sorted by end as the collector releases them."""
    return np.array(sorted(rows, key=lambda one: one[1]), SPAN)
