"""A job handed to a pool: its wait is recorded here, its run there, and both lengths are true.

The job travels wrapped; what comes back is the result and the moment it began to run, so that the wait can be written
with its true length, also when the job failed.
"""

from collections.abc import Callable
from concurrent.futures import Future
from time import perf_counter_ns
from typing import Any, Final

from explorer.probe.tasks import current_request
from explorer.probe.tracer import Tracer
from explorer.records.schema import span_argument
from explorer.records.states import Flag, Kind, State

_BEGUN: Final = "_explorer_begun_ns"

Stamped = tuple[int, Any]
"""When a job began (ns), and its result."""


def hand_over(
    tracer: Tracer,
    name: int,
    waiting: int,
    submit: "Callable[[int], Future[Stamped]]",
    kind: Kind = Kind.POOL_WAIT,
) -> "Future[Any]":
    """Submit a job for the request of the running task; `submit` is told that request and gives a `stamped` future.

    `name` is what the wait is called, `waiting` how many jobs are ahead, `kind` says for what it waits. Raises what
    `submit` raises.
    """
    request = current_request()
    track = tracer.requests_track
    start = perf_counter_ns()
    tracer.thread_ring().begin(start, request, name, track, kind, State.QUEUED, value=waiting)
    outer: Future[Any] = Future()
    argument = span_argument(waiting)

    def ended(waited: int) -> None:
        tracer.thread_ring().write(start, waited, request, argument, name, track, kind, State.QUEUED, 0, Flag.COMPLETE)

    def finished(inner: "Future[Stamped]") -> None:
        begun, error, value = 0, None, None
        if inner.cancelled():
            outer.cancel()
        elif error := inner.exception():
            begun = getattr(error, _BEGUN, 0)
        else:
            begun, value = inner.result()
        ended((begun or perf_counter_ns()) - start)
        if not outer.set_running_or_notify_cancel():
            return
        if error is None:
            outer.set_result(value)
        else:
            outer.set_exception(error)

    try:
        inner = submit(request)
    except BaseException:
        ended(perf_counter_ns() - start)
        raise
    outer.add_done_callback(lambda future: inner.cancel() if future.cancelled() else None)
    inner.add_done_callback(finished)
    return outer


def stamped(job: Callable[[], Any]) -> Stamped:
    """Where the job runs: run it, and say when it began; an exception takes that along."""
    begun = perf_counter_ns()
    try:
        return begun, job()
    except BaseException as error:
        try:
            setattr(error, _BEGUN, begun)  # travels in the exception's own dictionary
        except AttributeError:
            pass
        raise
