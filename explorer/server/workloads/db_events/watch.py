"""Makes a record of each report that a loop takes: when, for which request, and how long it lay ready."""

from collections.abc import Callable
from time import perf_counter_ns

from explorer.probe.tracer import Tracer
from explorer.records.schema import TIME_UNIT_NS, U32, span_argument
from explorer.records.states import Flag, Kind, State
from explorer.server.workloads.db_events.changes import Waiter

DEPTH = 1


def watch(tracer: Tracer) -> Callable[[], None]:
    """Record the reports of this process from now on. Returns what undoes it."""
    real = Waiter.take
    name = tracer.name("database reports a change")

    def take(waiter: Waiter, told_ns: int) -> None:
        ring = tracer.thread_ring()
        start = perf_counter_ns()
        real(waiter, told_ns)
        waited = min((start - told_ns) // TIME_UNIT_NS, U32)
        duration = perf_counter_ns() - start
        request = getattr(waiter.task, "request", 0)
        argument = span_argument(waited)
        ring.write(
            start, duration, request, argument, name, ring.track, Kind.NOTIFICATION, State.RUNNING, DEPTH, Flag.COMPLETE
        )

    Waiter.take = take  # type: ignore[assignment, method-assign]  # for as long as it is watched

    def undo() -> None:
        Waiter.take = real  # type: ignore[method-assign]  # as it was

    return undo
