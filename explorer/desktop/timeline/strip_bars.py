"""The sampler's spans of one band as pixels. No Qt.

A sampler sees a thread at moments. Between two moments at which it saw the same, the state is taken to have lasted; a
state seen once lasted an unknown time. So where a period is wider than a tick, what was seen once is a tick at its
moment, and the rest of it is unknown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from explorer.collect.source import Array, OpenSpan
from explorer.desktop.timeline.viewport import Viewport
from explorer.records.schema import U32
from explorer.records.states import Kind, State
from explorer.store.rows import Slice

TICK: Final = 2
"""Width of a tick, px."""
ONCE: Final = 1.5
"""Periods below which a state cannot have been seen twice."""


@dataclass(slots=True)
class StripBars:
    """`left`, `right` (i4 px, right excluded), `state` (u1), `value` (u4, the kind's own) and `name` of each."""

    left: Array
    right: Array
    state: Array
    value: Array
    name: Array

    def __len__(self) -> int:
        return len(self.left)


def strip_bars(
    view: Viewport, pieces: Sequence[Slice], opened: Sequence[OpenSpan], horizon: int, shown: int, now: int
) -> StripBars:
    """The finished spans up to `horizon` (or to `shown`, if they were drawn that far when open), the open ones to `now`
    (all ns).
    """
    limit = max(horizon, shown)
    start = [piece.start for piece in pieces]
    end = [np.minimum(piece.end, limit) for piece in pieces]
    state = [piece.state for piece in pieces]
    value = [(piece.argument & U32).astype("<u4") for piece in pieces]
    name = [piece.name for piece in pieces]
    kind = [piece.kind for piece in pieces]
    for span in opened:
        if span.start < min(view.end, now):
            start.append(np.array([span.start]))
            end.append(np.array([now]))
            state.append(np.array([span.state], "u1"))
            value.append(np.array([span.value], "<u4"))
            name.append(np.array([span.name], "<u4"))
            kind.append(np.array([span.kind], "u1"))
    if not start:
        none = np.zeros(0, "<i4")
        return StripBars(none, none, none, none, none)
    starts, ends = np.concatenate(start), np.concatenate(end)
    bars = StripBars(
        np.rint(view.xs(starts)).astype("<i4"),
        np.rint(view.xs(ends)).astype("<i4"),
        np.concatenate(state),
        np.concatenate(value),
        np.concatenate(name),
    )
    seen = ends > starts
    bars.right = np.maximum(bars.right, bars.left + 1)
    period = bars.value.astype("<i8") * 1000
    once = (np.concatenate(kind) == Kind.THREAD_STATE) & (ends - starts < period * ONCE)
    once &= bars.right - bars.left > 2 * TICK
    return _with_ticks(bars, np.flatnonzero(seen & once), np.flatnonzero(seen & ~once))


def _with_ticks(bars: StripBars, once: Array, rest: Array) -> StripBars:
    """The bars at `rest` as they are, those at `once` as a tick and what is unknown behind it."""
    ticks = bars.left[once] + TICK
    unknown = np.full(len(once), State.UNKNOWN, "u1")
    return StripBars(
        np.concatenate((bars.left[rest], bars.left[once], ticks)),
        np.concatenate((bars.right[rest], ticks, bars.right[once])),
        np.concatenate((bars.state[rest], bars.state[once], unknown)),
        np.concatenate((bars.value[rest], bars.value[once], bars.value[once])),
        np.concatenate((bars.name[rest], bars.name[once], bars.name[once])),
    )
