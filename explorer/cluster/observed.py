"""Processes of the embedded cluster as the run sees them: their event loops, and the jobs of a worker's threads."""

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from distributed.diagnostics.plugin import WorkerPlugin

from explorer.cluster import aboard
from explorer.probe import calls
from explorer.probe.jobs import run_job
from explorer.probe.loop import traced_loop_factory
from explorer.probe.more import attach
from explorer.probe.tracer import Tracer
from explorer.records.states import State, TrackKind
from explorer.ring.pool import SizeClass

THREAD: Final = "task thread"

logger: Final = logging.getLogger(__name__)


def observed_loop(tracer: Tracer | None) -> Callable[[], asyncio.AbstractEventLoop]:
    """What makes the process's event loop. A loop that cannot be observed is logged, and a plain one."""
    if tracer is None:
        return asyncio.new_event_loop
    try:
        return traced_loop_factory(tracer)
    except Exception as error:
        logger.warning("The event loop is not observed: %s: %s", type(error).__name__, error)
        return asyncio.new_event_loop


class RingObserver:
    """Writes a worker's jobs into the rings of its threads; see `explorer.cluster.aboard.Observer`."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._known = threading.local()
        self._watched: set[str] = set()

    def run(self, name: str, request: int, function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        """Call `function(*args)` as a job of `request`."""
        tracer = self._tracer
        if not hasattr(self._known, "bound"):
            self._known.bound = True
            tracer.bind_thread(SizeClass.POOL, tracer.lane(TrackKind.THREAD, THREAD, SizeClass.POOL))
        return run_job(tracer.thread_ring(), tracer.name(name), request, function, *args)

    def watch(self, traced: Mapping[str, State], upstream: str, probes: Sequence[str]) -> None:
        """Show these library calls inside the jobs as well, as in a process of a pool; those that are not shown yet."""
        calls.wrap(self._tracer, {name: state for name, state in traced.items() if name not in self._watched})
        attach(self._tracer, [name for name in probes if name not in self._watched])
        if upstream and upstream not in self._watched:
            from explorer.probe.outgoing import trace_outgoing

            trace_outgoing(self._tracer, upstream)
        self._watched |= {*traced, *probes, upstream}


class Watch(WorkerPlugin):
    """Has every worker of the embedded cluster, present or to come, show what `RingObserver.watch` is given."""

    idempotent = True

    def __init__(self, traced: Mapping[str, State], upstream: str, probes: Sequence[str]) -> None:
        self._what = dict(traced), upstream, tuple(probes)
        self.name = f"explorer {self._what}"

    def setup(self, worker: object) -> None:
        """In a worker."""
        observer = aboard.observer()
        if isinstance(observer, RingObserver):
            observer.watch(*self._what)
