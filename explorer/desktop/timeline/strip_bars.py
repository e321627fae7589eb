"""The sampler's spans as pixels. No Qt.

A sampler sees a thread at moments. Between two moments at which it saw the same, the state is taken to have lasted; a
state seen once lasted an unknown time. So where a period is wider than a tick, what was seen once is a tick at its
moment, and the rest of it is unknown.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from explorer.analysis.gathered import Gathered
from explorer.collect.source import Array
from explorer.desktop.timeline.near import Bars, pixels
from explorer.desktop.timeline.viewport import Viewport
from explorer.records.states import Kind, State

TICK: Final = 2
"""Width of a tick, px."""
ONCE: Final = 1.5
"""Periods below which a state cannot have been seen twice."""


@dataclass(slots=True)
class StripBars:
    """`left`, `right` (i4 px, right excluded), `row`, `state` and `value` (the kind's own) of each."""

    left: Array
    right: Array
    row: Array
    state: Array
    value: Array

    def __len__(self) -> int:
        return len(self.left)


def strip_bars(view: Viewport, seen: Gathered) -> StripBars:
    """The bars and ticks of what was `seen`; they meet without a gap."""
    left = np.rint(view.xs(seen.start)).astype("<i4")
    right = np.maximum(np.rint(view.xs(seen.end)).astype("<i4"), left + 1)
    wide = right - left > 2 * TICK
    once = (seen.kind == Kind.THREAD_STATE) & wide & (seen.end - seen.start < seen.value * (1000 * ONCE))
    at = np.flatnonzero(once)
    if not len(at):
        return StripBars(left, right, seen.row, seen.state, seen.value)
    ticks = left[at] + TICK
    ends = right[at]
    right[at] = ticks
    return StripBars(
        np.concatenate((left, ticks)),
        np.concatenate((right, ends)),
        np.concatenate((seen.row, seen.row[at])),
        np.concatenate((seen.state, np.full(len(at), State.UNKNOWN, "u1"))),
        np.concatenate((seen.value, seen.value[at])),
    )


def bars_of(view: Viewport, spans: Gathered) -> Bars:
    """Bars of what was seen in the bars of work (`explorer.analysis.divided`), without names."""
    left, right = pixels(view, spans.start, spans.end)
    names = np.zeros(len(spans), "<u4")
    return Bars(left, right, spans.row.astype("<i4"), spans.state, names, spans.request)
