"""Stretches of a lane in one state: spans inside one another made flat, and what the sampler saw laid over them.

The probes know when work began and ended, not that its thread stood still in between; the sampler knows, if only at
moments. As in the lanes' own picture, waits for the GIL or for a core go over everything, since no probe can see them;
being blocked, or waiting for a lock, only over running work, as the probes may know better.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from explorer.collect.source import Array
from explorer.records.states import State

OVER: Final = (State.WAITING_GIL, State.RUNNABLE)
"""What only the sampler can see."""
UNDER: Final = (State.BLOCKED, State.WAITING_LOCK)
"""What the probe may know better."""
_FIRST, _LAST = np.iinfo("<i8").min, np.iinfo("<i8").max


@dataclass(frozen=True, slots=True)
class Stretches:
    """Columns (n,) of stretches that do not overlap, in order: `start`, `end` (i8, ns), `state` (u1), and `tag` (i8),
    which says whose they are.
    """

    start: Array
    end: Array
    state: Array
    tag: Array

    @property
    def length(self) -> Array:
        """Their lengths, ns."""
        found: Array = self.end - self.start
        return found

    def some(self, which: Array) -> "Stretches":
        """Those that `which` (places, or a mask) chooses."""
        return Stretches(self.start[which], self.end[which], self.state[which], self.tag[which])

    def longer_than_nothing(self) -> "Stretches":
        """Those that have a length."""
        empty = self.end <= self.start
        return self.some(~empty) if empty.any() else self

    def within(self, other: "Stretches") -> tuple["Stretches", Array]:
        """The parts that lie within those of `other`, and which of these that is."""
        first = np.searchsorted(other.end, self.start, "right")
        counts = np.maximum(np.searchsorted(other.start, self.end, "left") - first, 0)
        mine = np.repeat(np.arange(len(counts)), counts)
        its = np.arange(len(mine)) - np.repeat(np.cumsum(counts) - counts, counts) + first[mine]
        start = np.maximum(self.start[mine], other.start[its])
        end = np.minimum(self.end[mine], other.end[its])
        return Stretches(start, end, self.state[mine], self.tag[mine]), its

    def without(self, other: "Stretches") -> "Stretches":
        """The parts that lie in none of those of `other`."""
        if not len(other.start):
            return self
        start, end = np.concatenate(([_FIRST], other.end)), np.concatenate((other.start, [_LAST]))
        none = np.zeros(len(start), "<i8")
        return self.within(Stretches(start, end, none, none).longer_than_nothing())[0]


def joined(*parts: Stretches) -> Stretches:
    """Stretches of several kinds, in order."""
    columns = [[getattr(part, name) for part in parts] for name in ("start", "end", "state", "tag")]
    start, end, state, tag = (np.concatenate(column) for column in columns)
    order = np.argsort(start, kind="stable")
    return Stretches(start.take(order), end.take(order), state.take(order), tag.take(order))


def flat(rows: list[Stretches]) -> Stretches:
    """What is innermost at each moment, of rows from the outermost inwards."""
    found = rows[0].longer_than_nothing()
    for row in rows[1:]:
        inner = row.longer_than_nothing()
        if len(inner.start):
            found = joined(found.without(inner), inner)
    return found


def overlaid(work: Stretches, seen: Stretches) -> Stretches:
    """`work` with the states that the sampler has `seen` of its thread in place of its own."""
    seen = seen.longer_than_nothing()
    over, under = (seen.some(np.isin(seen.state, states)) for states in (OVER, UNDER))
    parts = [work]
    if len(over.start):
        waits, its = work.within(over)
        parts = [work.without(over), Stretches(waits.start, waits.end, over.state[its], waits.tag)]
    if len(under.start):
        running = parts[0].state == State.RUNNING
        stands, its = parts[0].some(running).within(under)
        parts += [
            parts[0].some(running).without(under),
            Stretches(stands.start, stands.end, under.state[its], stands.tag),
        ]
        parts[0] = parts[0].some(~running)
    return joined(*parts) if len(parts) > 1 else work
