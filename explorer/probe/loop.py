"""Event loops for an observed process: traced where that works, plain where it does not."""

import asyncio
import functools
import logging
import sys
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from explorer.probe.gc_runs import CollectorWatch
from explorer.probe.loop_check import loop_problem
from explorer.probe.traced_loop import TracedLoop
from explorer.probe.tracer import Tracer
from explorer.probe.watchdog import Watchdog
from explorer.records.states import TrackKind
from explorer.ring.columns import Columns
from explorer.ring.mapped import RingError
from explorer.ring.pool import SizeClass

logger: Final = logging.getLogger(__name__)

MAIN_LOOP: Final = "event loop"
"""What the main thread's loop is called; others are called after their thread."""
LoopFactory = Callable[[], asyncio.AbstractEventLoop]


class LoopRecorder:
    """Ties one traced loop to the tracer: its track, its ring in columns, and its thread's ring of records."""

    def __init__(self, tracer: Tracer, watch: CollectorWatch, *, watched: bool = False) -> None:
        """For one loop; the thread that runs it calls `attach`. `watched`: see `traced_loop_factory`."""
        self._watched = watched
        self._tracer = tracer
        self._watch = watch
        self.pending: deque[Any] = watch.pending
        self._watchdog: Watchdog | None = None

    def name(self, text: str) -> int:
        """See `Tracer.name`."""
        return self._tracer.name(text)

    def attach(self) -> Columns | None:
        """Declare the loop's track and take its rings. Without space: None, logged."""
        track = bind_loop_thread(self._tracer)
        try:
            columns = self._tracer.lease_columns(track)
        except RingError as error:
            logger.warning("The event loop is not observed. %s", error)
            columns = None
        if self._watched and threading.current_thread() is threading.main_thread():
            self._watchdog = Watchdog(self._tracer, columns)
            self._watchdog.start()
            self._tracer.at_close(self._watchdog.stop)
        return columns

    def detach(self, columns: Columns) -> None:
        """The loop is closed; its thread is an ordinary one again."""
        if self._watchdog is not None:
            self._watchdog.stop()
        self._tracer.give_back_fixed(columns)
        self._tracer.unbind_thread()

    def drain(self) -> None:
        """Write the pending runs of the garbage collector."""
        self._watch.drain(self._tracer.thread_ring())


def bind_loop_thread(tracer: Tracer) -> int:
    """Make the calling thread an event loop's: what it writes goes to a LOOP track, whose number is returned."""
    thread = threading.current_thread()
    is_main = thread is threading.main_thread()
    size = tracer.loop_size if is_main else SizeClass.CONNECTION
    track = tracer.lane(TrackKind.LOOP, MAIN_LOOP if is_main else thread.name, size)
    tracer.bind_thread(size, track)
    return track


def traced_loop_factory(tracer: Tracer, kind: str = "asyncio", *, watched: bool = False) -> LoopFactory:
    """A factory of event loops for `asyncio.Runner` and uvicorn. `kind` is `asyncio` or `uvloop`.

    `watched`: a thread looks where the main thread's loop stands when it is blocked (`explorer.probe.watchdog`).

    All loops of a process should come from one factory: it also watches the garbage collector. Where the traced loop
    does not work it is said once, in the log, and the loops are the stdlib's.
    """
    if kind == "uvloop":
        from explorer.probe.uvloop_steps import traced_uvloop

        return functools.partial(traced_uvloop, tracer)
    if sys.platform == "win32":
        from explorer.probe.proactor import TracedProactorLoop

        return functools.partial(TracedProactorLoop, tracer)
    problem = loop_problem()
    if problem:
        logger.warning("The event loop is not observed, because this Python's differs from the known ones: %s", problem)
        return asyncio.SelectorEventLoop
    watch = CollectorWatch(tracer)
    tracer.at_close(watch.stop)
    return lambda: TracedLoop(LoopRecorder(tracer, watch, watched=watched))
