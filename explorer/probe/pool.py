"""A process pool whose jobs are seen on both sides: waiting here, running there.

The function travels wrapped, with its request; what comes back is the result and the moment it began to run, so that
the wait can be written with its true length. A pool process joins the run by itself when it starts, under
`Role.POOL`.
"""

import multiprocessing
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from time import perf_counter_ns
from typing import Any, Final

from explorer.probe import calls
from explorer.probe.gc_runs import CollectorWatch
from explorer.probe.jobs import run_job
from explorer.probe.more import attach
from explorer.probe.naming import callable_name
from explorer.probe.tasks import current_request
from explorer.probe.tracer import Tracer
from explorer.records.schema import span_argument
from explorer.records.states import Flag, Kind, Role, State

_BEGUN: Final = "_explorer_begun_ns"

_joined: list[tuple[Tracer, CollectorWatch]] = []
"""In a pool process: its tracer and the watch over its garbage collector. Jobs arrive as functions and have nothing
else to find them by."""


class TracedProcessPool(ProcessPoolExecutor):
    """A `ProcessPoolExecutor` (spawned processes) that records every job. Shut it down when the application ends."""

    def __init__(
        self,
        tracer: Tracer | None,
        max_workers: int,
        *,
        traced_calls: Mapping[str, State] | None = None,
        upstream: str = "",
        probes: Sequence[str] = (),
        initializer: Callable[[], None] | None = None,
    ) -> None:
        """Without `tracer` nothing is recorded.

        `traced_calls` as in `explorer.probe.calls.wrap`, `upstream` as in `explorer.probe.outgoing`, `probes` as
        in `explorer.probe.more.attach`; `initializer` runs in every process before it joins the run.
        """
        super().__init__(
            max_workers,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_enter,
            initargs=(dict(traced_calls or {}), upstream, tuple(probes), initializer),
        )
        self._tracer = tracer

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        """As the stdlib's; the job belongs to the request of the running task."""
        tracer = self._tracer
        if tracer is None:
            return super().submit(fn, *args, **kwargs)
        request = current_request()
        name = tracer.name(callable_name(fn))
        track = tracer.requests_track
        waiting = len(self._pending_work_items)
        start = perf_counter_ns()
        tracer.thread_ring().begin(start, request, name, track, Kind.POOL_WAIT, State.QUEUED, value=waiting)
        outer: Future[Any] = Future()
        argument = span_argument(waiting)

        def ended(waited: int) -> None:
            tracer.thread_ring().write(
                start, waited, request, argument, name, track, Kind.POOL_WAIT, State.QUEUED, 0, Flag.COMPLETE
            )

        def finished(inner: "Future[tuple[int, Any]]") -> None:
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
            inner = super().submit(_run, request, fn, args, kwargs)
        except BaseException:
            ended(perf_counter_ns() - start)
            raise
        outer.add_done_callback(lambda future: inner.cancel() if future.cancelled() else None)
        inner.add_done_callback(finished)
        return outer


def _enter(
    traced_calls: dict[str, State], upstream: str, probes: tuple[str, ...], initializer: Callable[[], None] | None
) -> None:
    """Begin a pool process: the initializer first (it may tie this process's life to its parent's), then the run."""
    if initializer is not None:
        initializer()
    tracer = Tracer.join(Role.POOL)
    if tracer is not None:
        _joined.append((tracer, CollectorWatch(tracer)))
        calls.wrap(tracer, traced_calls)
        attach(tracer, probes)
        if upstream:
            from explorer.probe.outgoing import trace_outgoing  # few pools need it, and it takes 20 ms

            trace_outgoing(tracer, upstream)


def _run(request: int, fn: Callable[..., Any], args: Any, kwargs: Any) -> tuple[int, Any]:
    """In the pool process: run the job. Returns when it began, and its result."""
    begun = perf_counter_ns()
    try:
        if not _joined:
            return begun, fn(*args, **kwargs)
        tracer, garbage = _joined[0]
        ring = tracer.thread_ring()
        try:
            return begun, run_job(ring, tracer.name(callable_name(fn)), request, fn, *args, **kwargs)
        finally:
            garbage.drain(ring)
    except BaseException as error:
        try:
            setattr(error, _BEGUN, begun)  # travels in the exception's own dictionary
        except AttributeError:
            pass
        raise
