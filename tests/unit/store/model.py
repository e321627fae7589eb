"""A naive store, plain lists and no tricks, that the real one is compared with; and batches to feed both."""

from dataclasses import dataclass, field

import numpy as np
from hypothesis import strategies as st

from explorer.collect.source import SPAN, Array
from explorer.records.states import Flag, Kind, State
from explorer.store.rows import Span


def spans(rows: list[Span]) -> Array:
    """The spans as an array of SPAN."""
    found = np.zeros(len(rows), SPAN)
    for at, row in enumerate(rows):
        found[at] = (
            *(row.start, row.end, row.request, row.argument, row.name, row.track, 0),
            *(row.kind, row.state, row.depth, row.flags),
        )
    return found


@dataclass
class NaiveStore:
    """All spans in one list, sorted for every question."""

    all: list[Span] = field(default_factory=list)

    def row(self, track: int, depth: int) -> list[Span]:
        """The spans of a row in order of end; equal ends in order of arrival."""
        return sorted((s for s in self.all if (s.track, s.depth) == (track, depth)), key=lambda s: s.end)

    def touching(self, track: int, depth: int, t0: int, t1: int) -> list[Span]:
        """What `Store.slices` must give."""
        return [s for s in self.row(track, depth) if s.end >= t0 and s.start <= t1]

    def find(self, track: int, depth: int, time: int) -> Span | None:
        """What `Store.find` must give."""
        covering = [s for s in self.row(track, depth) if s.start <= time <= s.end]
        return covering[-1] if covering else None


@st.composite
def histories(draw: st.DrawFn) -> list[list[Span]]:
    """Batches of spans that do not overlap within a row, roughly in order of end, some late."""
    everything: list[tuple[int, int, Span]] = []
    for track in range(1, draw(st.integers(1, 4)) + 1):
        for depth in range(draw(st.integers(1, 2))):
            time = draw(st.integers(0, 50))
            lengths = draw(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 9)), max_size=60))
            for number, (gap, length) in enumerate(lengths):
                start, time = time + gap, time + gap + length
                late = draw(st.sampled_from([0, 0, 0, 40]))
                request = draw(st.sampled_from([0, 1, 2, 5 << 40 | 1]))
                span = Span(
                    *(track, depth, start, time, number % 7, request, number),
                    *(Kind.STEP, State(1 + number % 9), Flag.COMPLETE),
                )
                everything.append((time + late, len(everything), span))
    ordered = [span for _, _, span in sorted(everything, key=lambda each: each[:2])]
    size = draw(st.integers(1, 80))
    return [ordered[at : at + size] for at in range(0, len(ordered), size)]
