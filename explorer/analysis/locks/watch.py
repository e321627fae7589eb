"""Looks for deadlocks while a run goes on, batch by batch, and afterwards in a recording."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from explorer.analysis.locks.graph import Cycle, WaitForGraph
from explorer.analysis.locks.history import circles
from explorer.analysis.locks.owners import Owner
from explorer.analysis.locks.trace import LockTrace
from explorer.collect.source import Batch
from explorer.records.clock import Clock, now_ns

FEW: Final = 2_000
"""Records of locks that are looked through within a tick of a run that goes on."""
MOST_LOOKED: Final = 50_000
"""And of one that is over; circles that last are found live, this is for those that were over at once."""
NOTED: Final = "deadlock"
"""The type of the event that `noted` makes."""


@dataclass(frozen=True, slots=True)
class Deadlock:
    """A circle that was found at `found` (ns); `ended` is when it was gone again, None while it lasts."""

    cycle: Cycle
    found: int
    ended: int | None = None

    @property
    def found_after_ms(self) -> float:
        """How long after it closed it was found."""
        return (self.found - self.cycle.closed) / 1e6


def noted(deadlock: Deadlock) -> dict[str, Any]:
    """An event for the run's log (`Session.annotate`), so that its recording knows when the circle was found."""
    cycle = deadlock.cycle
    return {"type": NOTED, "time": deadlock.found, "closed": cycle.closed, "sentence": cycle.sentence}


class LockWatch:
    """A consumer of a run's batches. `told` is called with every deadlock when it is found, and when it has ended.

    Batches come on the collector's thread, and so do the calls.
    """

    def __init__(self, told: Callable[[Deadlock], None] = lambda deadlock: None, clock: Clock = now_ns) -> None:
        self.trace = LockTrace()
        self.deadlocks: list[Deadlock] = []
        """All that were found, in order; the last one may still last."""
        self._noted: dict[int, int] = {}
        self._looked = 0
        self._told = told
        self._clock = clock

    def __call__(self, batch: Batch) -> None:
        """Take in a batch."""
        self.trace.feed(batch)
        for event in batch.events:
            if (
                event.get("type") == NOTED
                and isinstance(event.get("closed"), int)
                and isinstance(event.get("time"), int)
            ):
                self._noted[event["closed"]] = event["time"]
        if batch.locks is not None:
            self._look()

    def look_back_once(self, *, over: bool) -> None:
        """`look_back`, if nothing was found live and what there was has not been looked through since; live, at most
        the newest locks are: see `FEW`.
        """
        parts = self.trace.kept
        if self.deadlocks or parts == self._looked or (not over and parts > FEW):
            return
        self._looked = parts
        if parts <= MOST_LOOKED:
            self.look_back()

    def look_back(self) -> None:
        """Find what no batch has shown: in a recording, whose batches are seconds long, and what was over at once.

        To be called when a recording has been read, or a run is over. When such a circle was found is told by its note
        (see `noted`); without one it counts as found when it was over.
        """
        known = {_parts(deadlock.cycle) for deadlock in self.deadlocks}
        for past in circles(self.trace):
            if _parts(past.cycle) not in known:
                over = self.trace.until if past.ended is None else past.ended
                self.deadlocks.append(Deadlock(past.cycle, self._noted.get(past.cycle.closed, over), past.ended))
        self.deadlocks.sort(key=lambda deadlock: deadlock.cycle.closed)

    @property
    def deadlock(self) -> Deadlock | None:
        """The one that lasts now."""
        last = self.deadlocks[-1] if self.deadlocks else None
        return last if last is not None and last.ended is None else None

    def _look(self) -> None:
        cycle = WaitForGraph.now(self.trace).cycle()
        known = self.deadlock
        if known is not None and (cycle is None or _parts(cycle) != _parts(known.cycle)):
            self.deadlocks[-1] = Deadlock(known.cycle, known.found, self._clock())
            self._told(self.deadlocks[-1])
            known = None
        if cycle is not None and known is None:
            self.deadlocks.append(Deadlock(cycle, self._noted.get(cycle.closed, self._clock())))
            self._told(self.deadlocks[-1])


def _parts(cycle: Cycle) -> frozenset[tuple[Owner, int, int]]:
    """What makes a circle the one it is, whether its waits are known to have ended or not."""
    return frozenset((wait.owner, wait.lock, wait.start) for wait in cycle.waits)
