"""The bands of a row: each shows the spans of one track. No Qt.

A lane has a band of bars and, where the sampler saw its thread, a strip of states at its foot; the row of a process's
GIL has a band of holders, and a lock's has one of who held it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from explorer.desktop.timeline.layout import Placed, bar_room, strip_room
from explorer.desktop.timeline.rows import RowKind


class Form(Enum):
    """How the spans of a band are painted."""

    BARS = auto()
    STRIP = auto()
    HOLDERS = auto()
    HELD = auto()


@dataclass(frozen=True, slots=True)
class Band:
    """Where the spans of `track` are painted: from `top` to `floor` (excluded, px in the content)."""

    placed: Placed
    track: int
    top: int
    floor: int
    form: Form


def bands_of(placed: Placed) -> Iterator[Band]:
    """The bands of a row, none for groups, folds and counters."""
    row = placed.row
    if row.kind in (RowKind.LANE, RowKind.REQUEST, RowKind.DEPTH):
        yield Band(placed, row.track, *bar_room(placed), Form.BARS)
        if row.strip:
            yield Band(placed, row.strip, *strip_room(placed), Form.STRIP)
    elif row.kind is RowKind.GIL:
        yield Band(placed, row.track, *bar_room(placed), Form.HOLDERS)
    elif row.kind is RowKind.LOCK:
        yield Band(placed, row.track, *bar_room(placed), Form.HELD)


def band_at(placed: Placed, y: float) -> Band | None:
    """The band at a height of the content; above a strip that of the bars, whatever its bars' heights."""
    bands = list(bands_of(placed))
    for band in bands[1:]:
        if y >= band.top - 1:
            return band
    return bands[0] if bands else None
