"""Circles that were once there, found in what a trace has kept: in a recording, or those too short for a live look."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from explorer.analysis.locks.graph import Cycle, WaitForGraph
from explorer.analysis.locks.owners import Owner
from explorer.analysis.locks.trace import Hold, LockTrace, Wait

# At equal times who gives back comes before who takes.
_END: Final = 0
_BEGIN: Final = 1
Event = tuple[int, int, Hold | Wait]


@dataclass(frozen=True, slots=True)
class Past:
    """A circle, and when it opened again (ns); None if it lasts."""

    cycle: Cycle
    ended: int | None


def circles(trace: LockTrace) -> list[Past]:
    """All circles in the order in which they closed."""
    holds: dict[int, list[Hold]] = defaultdict(list)
    waits: dict[Owner, list[Wait]] = defaultdict(list)
    found: list[Past] = []
    for _, what, thing in sorted(_events(trace), key=lambda event: event[:2]):
        if isinstance(thing, Hold):
            if what == _BEGIN:
                holds[thing.lock].append(thing)
            else:
                holds[thing.lock].remove(thing)
        elif what == _END:
            waits[thing.owner].remove(thing)
        else:
            waits[thing.owner].append(thing)
            if any(waits[hold.owner] for hold in holds[thing.lock]):
                found += _closed_by(trace, thing, holds, waits)
    return found


def _closed_by(
    trace: LockTrace, last: Wait, holds: dict[int, list[Hold]], waits: dict[Owner, list[Wait]]
) -> Iterator[Past]:
    """The circle that this wait has closed, if it has."""
    held = (hold for each in holds.values() for hold in each)
    awaited = (wait for each in waits.values() for wait in each)
    cycle = WaitForGraph(trace.locks, held, awaited, trace.owners.label).cycle()
    if cycle is not None and last in cycle.waits:
        parts: list[Hold | Wait] = [*cycle.waits, *cycle.holds]
        ends = [part.end for part in parts if part.end is not None]
        yield Past(cycle, min(ends, default=None))


def _events(trace: LockTrace) -> Iterator[Event]:
    for number in trace.locks:
        things: list[Hold | Wait] = [*trace.holds(number), *trace.waits(number)]
        for thing in things:
            if thing.end is not None and thing.end <= thing.start:
                continue  # over as soon as begun, by a coarse clock
            yield thing.start, _BEGIN, thing
            if thing.end is not None:
                yield thing.end, _END, thing
