"""Numbers that the timeline draws over time: the length of a queue, lost updates, how late a timer was."""

from explorer.probe.tracer import Tracer
from explorer.records.states import TrackKind


class Counter:
    """One number of this process; without a tracer nobody hears of it. May be set from any thread."""

    def __init__(self, tracer: Tracer | None, name: str, unit: str) -> None:
        self._tracer = tracer
        self._track = tracer.declare(TrackKind.COUNTER, name, unit=unit) if tracer is not None else 0

    def set(self, value: float) -> None:
        """It is `value` from now on."""
        if self._tracer is not None:
            self._tracer.thread_ring().sample(self._track, value)
