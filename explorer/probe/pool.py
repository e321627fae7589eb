"""A process pool whose jobs are seen on both sides: waiting here, running there.

The function travels wrapped, with its request (see `explorer.probe.handover`). A pool process joins the run by itself
when it starts, under `Role.POOL`.
"""

import functools
import multiprocessing
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from typing import Any

from explorer.probe import calls
from explorer.probe.gc_runs import CollectorWatch
from explorer.probe.handover import Stamped, hand_over, stamped
from explorer.probe.jobs import run_job
from explorer.probe.more import attach
from explorer.probe.naming import callable_name
from explorer.probe.tracer import Tracer
from explorer.records.states import Role, State

_joined: list[tuple[Tracer, CollectorWatch]] = []
"""In a pool process: its tracer and the watch over its garbage collector. Jobs arrive as functions and have nothing
else to find them by."""


class TracedProcessPool(ProcessPoolExecutor):
    """A `ProcessPoolExecutor` that records every job. Shut it down when the application ends."""

    def __init__(
        self,
        tracer: Tracer | None,
        max_workers: int,
        *,
        traced_calls: Mapping[str, State] | None = None,
        upstream: str = "",
        probes: Sequence[str] = (),
        initializer: Callable[[], None] | None = None,
        start_method: str = "spawn",
    ) -> None:
        """Without `tracer` nothing is recorded.

        `traced_calls` as in `explorer.probe.calls.wrap`, `upstream` as in `explorer.probe.outgoing`, `probes` as
        in `explorer.probe.more.attach`; `initializer` runs in every process before it joins the run. `start_method` is
        `multiprocessing`'s: a process with threads, as a server is, had better not fork.
        """
        forks = start_method == "fork"
        super().__init__(
            max_workers,
            mp_context=multiprocessing.get_context(start_method),
            initializer=_enter,
            initargs=(
                dict(traced_calls or {}),
                upstream,
                (*probes, *(tracer.pool_probes if tracer is not None else ())),
                initializer,
                # Only what is forked can be given the tracer itself: it has joined the run by then.
                tracer if forks else None,
            ),
        )
        self._tracer = tracer

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        """As the stdlib's; the job belongs to the request of the running task."""
        tracer = self._tracer
        if tracer is None:
            return super().submit(fn, *args, **kwargs)
        name = tracer.name(callable_name(fn))
        return hand_over(
            tracer,
            name,
            len(self._pending_work_items),
            lambda request: super(TracedProcessPool, self).submit(_run, request, fn, args, kwargs),
        )


def _enter(
    traced_calls: dict[str, State],
    upstream: str,
    probes: tuple[str, ...],
    initializer: Callable[[], None] | None,
    forked: Tracer | None,
) -> None:
    """Begin a pool process: the initializer first (it may tie this process's life to its parent's), then the run.

    A `forked` tracer has joined it by itself, and its parent's calls are wrapped already.
    """
    if initializer is not None:
        initializer()
    if forked is not None:
        forked.become(Role.POOL, str(Role.POOL))
        _joined[:] = [(forked, CollectorWatch(forked))]
        return
    tracer = Tracer.join(Role.POOL)
    if tracer is not None:
        _joined.append((tracer, CollectorWatch(tracer)))
        calls.wrap(tracer, traced_calls)
        attach(tracer, probes)
        if upstream:
            from explorer.probe.outgoing import trace_outgoing  # few pools need it, and it takes 20 ms

            trace_outgoing(tracer, upstream)


def _run(request: int, fn: Callable[..., Any], args: Any, kwargs: Any) -> Stamped:
    """In the pool process: run the job. Returns when it began, and its result."""
    return stamped(functools.partial(_job, request, fn, args, kwargs))


def _job(request: int, fn: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    if not _joined:
        return fn(*args, **kwargs)
    tracer, garbage = _joined[0]
    ring = tracer.thread_ring()
    try:
        return run_job(ring, tracer.name(callable_name(fn)), request, fn, *args, **kwargs)
    finally:
        garbage.drain(ring)
