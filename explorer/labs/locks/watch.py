"""Looks for deadlocks while a run goes on, batch by batch, and afterwards in a recording."""

from collections.abc import Callable
from dataclasses import dataclass

from explorer.collect.source import Batch
from explorer.labs.locks.graph import Cycle, WaitForGraph
from explorer.labs.locks.trace import LockTrace
from explorer.records.clock import Clock, now_ns


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


class LockWatch:
    """A consumer of a run's batches. `told` is called with every deadlock when it is found, and when it has ended.

    Batches come on the collector's thread, and so do the calls.
    """

    def __init__(self, told: Callable[[Deadlock], None] = lambda deadlock: None, clock: Clock = now_ns) -> None:
        self.trace = LockTrace()
        self.deadlocks: list[Deadlock] = []
        """All that were found, in order; the last one may still last."""
        self._told = told
        self._clock = clock

    def __call__(self, batch: Batch) -> None:
        """Take in a batch."""
        self.trace.feed(batch)
        if batch.locks is not None:
            self._look()

    @property
    def deadlock(self) -> Deadlock | None:
        """The one that lasts now."""
        last = self.deadlocks[-1] if self.deadlocks else None
        return last if last is not None and last.ended is None else None

    def _look(self) -> None:
        cycle = WaitForGraph.now(self.trace).cycle()
        known = self.deadlock
        if known is not None and (cycle is None or set(cycle.waits) != set(known.cycle.waits)):
            self.deadlocks[-1] = Deadlock(known.cycle, known.found, self._clock())
            self._told(self.deadlocks[-1])
            known = None
        if cycle is not None and known is None:
            self.deadlocks.append(Deadlock(cycle, self._clock()))
            self._told(self.deadlocks[-1])
