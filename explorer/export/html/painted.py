"""What a lane of a report is painted with: its own spans, and what the sampler saw of its thread put into them.

It is divided as in the window's lanes (`explorer.analysis.divided`), from near span by span and from afar in columns:
a job that waited for the GIL is not painted as if it had run all the while.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from explorer.analysis.divided import divide, share_out
from explorer.analysis.gathered import Rows, gather
from explorer.analysis.stretches import OVER
from explorer.collect.source import Array
from explorer.export.html.lanes import Lane
from explorer.records.schema import U32
from explorer.records.states import State
from explorer.store.coverage import STATES, cover_states
from explorer.store.rows import Slice
from explorer.store.store import Store

FOREVER: Final = 1 << 62
MOST_HOLDERS: Final = 255


@dataclass(frozen=True, slots=True)
class Layer:
    """Spans that do not overlap, columns (n,) in order; layers lie over one another. `start` and `end` are i8 ns,
    `state` u1 below STATES, or in a row of holders the place among these, from 1 on, 0 for others; `name` u4, `request`
    u8. `seen`: they are what the sampler saw of the work below them, told of in a lane of their own too.
    """

    start: Array
    end: Array
    state: Array
    name: Array
    request: Array
    seen: bool = False


def layers(store: Store, lane: Lane, begin: int, end: int) -> Iterator[Layer]:
    """What is painted of a lane from `begin` to `end` (ns), the lowest first."""
    own = [(depth, store.slices(lane.track, depth, begin, end)) for depth in store.depths(lane.track)]
    under, over = _seen(store, lane, own[0][1] if own and not own[0][0] else [], begin, end)
    for depth, pieces in own:
        if pieces:
            yield _own(pieces, lane)
        if not depth and under is not None:
            yield under
    if over is not None:
        yield over


def columns(store: Store, lane: Lane, begin: int, end: int, bits: int, count: int) -> Array:
    """How long (ns) each state is painted in each of `count` columns of `1 << bits` ns from `begin` on:
    (STATES, count); of a row of holders how long any of them held it, as RUNNING.
    """
    covered = _covered(store, lane.track, begin, end, bits, count)
    if lane.holders is not None:
        held = np.zeros_like(covered)
        held[State.RUNNING] = covered.sum(axis=0)
        return held
    if not lane.seen:
        return covered
    seen = _covered(store, lane.seen, begin, end, bits, count)
    return _fitting(share_out(covered[None], seen[None])[0], 1 << bits)


def _own(pieces: Sequence[Slice], lane: Lane) -> Layer:
    start, end, state, name, request, argument = (
        np.concatenate([getattr(piece, field) for piece in pieces])
        for field in ("start", "end", "state", "name", "request", "argument")
    )
    return Layer(start, end, _known(state) if lane.holders is None else _places(argument, lane), name, request)


def _places(argument: Array, lane: Lane) -> Array:
    """Where each holder stands among the lane's, from 1 on; 0: it is none of them."""
    places = {holder.tid: place for place, holder in enumerate((lane.holders or ())[:MOST_HOLDERS], 1)}
    tids, which = np.unique(argument & U32, return_inverse=True)
    found: Array = np.array([places.get(tid, 0) for tid in tids.tolist()], "u1")[which]
    return found


def _seen(store: Store, lane: Lane, work: Sequence[Slice], begin: int, end: int) -> tuple[Layer | None, Layer | None]:
    """What the sampler saw of a lane's thread, to be painted under its inner spans, and over everything."""
    seen = store.slices(lane.seen, 0, begin, end) if lane.seen else []
    if not seen:
        return None, None
    parts = divide(*(gather([Rows(0, pieces, (), FOREVER)], FOREVER) for pieces in (work, seen)))
    under, over = (
        Layer(part.start, part.end, part.state, np.zeros(len(part), "<u4"), part.request, seen=True)
        if len(part)
        else None
        for part in parts
    )
    return under, over


def _covered(store: Store, track: int, begin: int, end: int, bits: int, count: int) -> Array:
    parts = [
        (piece.start, piece.end, piece.state, np.full(len(piece), depth))
        for depth in store.depths(track)
        for piece in store.slices(track, depth, begin, end)
    ]
    if not parts:
        return np.zeros((STATES, count), "<f4")
    start, last, state, depth = (np.concatenate(column) for column in zip(*parts, strict=True))
    row = np.zeros(len(start), np.int64)
    covered: Array = cover_states(start, last, _known(state).astype(np.int64), depth, row, 1, begin, bits, count)[0]
    return covered


def _fitting(shared: Array, width: int) -> Array:
    """Where both know of more than a column has time for, what the sampler's waits lie over gives way to them."""
    over = np.isin(np.arange(STATES), OVER)
    below = ~over
    below[State.IDLE] = False  # a line, and not in the stack
    stacked = np.maximum(shared, 0)
    covered, room = stacked[below].sum(axis=0), np.maximum(width - stacked[over].sum(axis=0), 0)
    scale = np.where(covered > room, room / np.maximum(covered, 1), 1)
    fitting: Array = np.where(below[:, None], stacked * scale, stacked)
    return fitting


def _known(state: Array) -> Array:
    """A recording may hold numbers of a later version."""
    known: Array = np.where(state < STATES, state, np.uint8(State.UNKNOWN))
    return known
