"""What runs in a Dask worker: jobs, seen from inside, and the worker's clock.

A worker of the embedded cluster takes part in the run itself and writes its jobs into rings. One on another host
cannot: it keeps what it saw in an outbox, which its event loop sends off ten times a second to whoever reads the topic
of the run (`explorer.cluster.remote`). Times are the worker's own.

Standard library only, as all that travels to workers of others.
"""

import contextlib
import importlib
import os
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, Final, Protocol

try:
    from time import thread_time_ns
except ImportError:  # systems without a per-thread clock

    def thread_time_ns() -> int:
        """No time at all."""
        return 0


CLOCK: Final = "explorer_clock"
RECEIPT: Final = "_explorer_receipt"
"""Attribute of an exception that a job raised: its receipt."""
FLUSH_S: Final = 0.1
LOOK_S: Final = 1.0
MISSED_LOOKS: Final = 10
"""After so many looks in which its pledge was not there a holder is let go: its client has gone, killed perhaps."""
MOST_KEPT: Final = 20_000
"""Jobs an outbox keeps while nobody fetches them; what is beyond that is counted as lost."""

Receipt = tuple[str, int, int]
"""Which worker did a job, by its address, and when it began and ended (the worker's clock, ns)."""

Done = tuple[int, str, int, int, int, int]
"""A job that is over: native thread id, its name, request, start (ns), duration (ns), CPU time (ns)."""


class Observer(Protocol):
    """Writes the jobs of this process into the run's rings."""

    def run(self, name: str, request: int, function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        """Call `function(*args)` as a job of `request`."""
        ...


class Outbox:
    """What the worker saw of one run's jobs and has not sent yet. Written by its threads, read by its event loop."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._done: list[Done] = []
        self._running: dict[int, tuple[str, int, int]] = {}  # by native thread id: name, request, start
        self._lost = 0
        self._changed = False

    def run(self, name: str, request: int, function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        """Call `function(*args)` as a job of `request`, as `Observer` does."""
        thread, start, busy = threading.get_native_id(), time.perf_counter_ns(), thread_time_ns()
        with self._lock:
            self._running[thread] = (name, request, start)
            self._changed = True
        try:
            return function(*args)
        finally:
            cpu = thread_time_ns() - busy
            row = (thread, name, request, start, time.perf_counter_ns() - start, cpu)
            with self._lock:
                del self._running[thread]
                self._changed = True
                if len(self._done) < MOST_KEPT:
                    self._done.append(row)
                else:
                    self._lost += 1

    def take(self) -> dict[str, Any] | None:
        """What is new, in the form of an event: `done`, `running` (what runs now), `lost`; None when nothing is."""
        with self._lock:
            if not self._changed:
                return None
            self._changed = False
            done, self._done = self._done, []
            lost, self._lost = self._lost, 0
            running = [[thread, *what] for thread, what in self._running.items()]
        return {"done": [list(row) for row in done], "running": running, "lost": lost}


_aboard: dict[str, Any] = {}
"""In a worker: its "address", its "observer", "outbox TOPIC" for each run, the "holders" of these files with their
pledges, what is "watching" those. Tasks arrive
as functions and have nothing else to find them by."""


def begin(worker: Any, holder: str = "", pledge: str = "") -> None:
    """Take up work in this `distributed.Worker`; again is harmless. `holder` needs these files until it leaves.

    `pledge` is the key of data that its client has put into this worker: Dask removes it when that client has gone,
    however that came, and not while it is merely slow or paused. Without it the holder stays until it says so itself.
    """
    worker.handlers[CLOCK] = clock
    _aboard["address"] = worker.address
    hold(holder, pledge)
    if pledge and "watching" not in _aboard:
        from tornado.ioloop import PeriodicCallback

        missed: dict[str, int] = {}
        _aboard["watching"] = PeriodicCallback(lambda: look(worker, missed), LOOK_S * 1000)
        _aboard["watching"].start()


def hold(holder: str, pledge: str = "") -> None:
    """Keep these files in the worker until `holder` leaves."""
    _aboard.setdefault("holders", {})[holder] = pledge


def look(worker: Any, missed: dict[str, int]) -> None:
    """Let those holders leave whose pledge has been missed often enough; `missed` counts it. Runs on the loop."""
    for holder, pledge in list(_aboard["holders"].items()):
        missed[holder] = missed.get(holder, 0) + 1 if pledge and pledge not in worker.data else 0
        if missed[holder] >= MISSED_LOOKS:
            del missed[holder]
            leave(holder, worker)


def leave(holder: str, dask_worker: Any = None) -> None:
    """Send what is left for the topic `holder`, if it is one; with the last holder, the worker forgets these files.

    Runs on the worker's event loop. A worker of a run's own keeps them: they are not from an archive.
    """
    _stop_sending(holder)
    holders = _aboard.get("holders", {})
    holders.pop(holder, None)
    archives = [each for each in sys.path if _is_archive(each)]
    if holders or not archives:
        return
    if (watching := _aboard.pop("watching", None)) is not None:
        watching.stop()
    dask_worker.handlers.pop(CLOCK, None)
    sys.path[:] = [each for each in sys.path if each not in archives]
    for archive in archives:
        with contextlib.suppress(OSError):  # it may be read only now, or gone with the worker's folder
            os.unlink(archive)
    for module in [each for each in sys.modules if each.partition(".")[0] == "explorer"]:
        del sys.modules[module]
    importlib.invalidate_caches()


def _is_archive(path: str) -> bool:
    name = os.path.basename(path)
    return name.startswith("explorer-") and name.endswith(".zip")


def observe(observer: Observer) -> None:
    """Jobs of this process are written by `observer` from now on. To be said before the first can come."""
    _aboard["observer"] = observer


def observer() -> Observer | None:
    """What writes this process's jobs; None in a worker that somebody else started."""
    found: Observer | None = _aboard.get("observer")
    return found


async def clock() -> int:
    """The worker's clock now, in ns. Answered by its event loop itself, so that the answer waits for no thread."""
    return time.perf_counter_ns()


async def report(topic: str, dask_worker: Any = None) -> tuple[int, str]:
    """Send this worker's jobs of a run to `topic` from now on, until `leave`. Runs on the worker's event loop.

    Returns its process id and its Python.
    """
    from tornado.ioloop import PeriodicCallback

    box = Outbox()

    def flush() -> None:
        event = box.take()
        if event is not None:
            dask_worker.log_event(topic, event)

    _stop_sending(topic)
    sending = PeriodicCallback(flush, FLUSH_S * 1000)
    _aboard[f"outbox {topic}"] = (box, sending, flush)
    sending.start()
    version = ".".join(str(part) for part in sys.version_info[:3])
    return os.getpid(), f"{sys.implementation.name} {version}"


def _stop_sending(topic: str) -> None:
    _, sending, flush = _aboard.pop(f"outbox {topic}", (None, None, None))
    if sending is not None:
        sending.stop()
        flush()


def perform(
    topic: str, name: str, request: int, function: Callable[..., Any], args: tuple[Any, ...]
) -> tuple[Receipt, Any]:
    """The task: `function(*args)` as a job of `request`. Returns who did it when, and its result.

    An exception carries its receipt as the attribute `RECEIPT`.
    """
    seen_by = observer() or _aboard.get(f"outbox {topic}", (None,))[0]
    address, begun = str(_aboard.get("address", "")), time.perf_counter_ns()
    try:
        result = function(*args) if seen_by is None else seen_by.run(name, request, function, args)
    except BaseException as error:
        try:
            # It travels in the exception's own dictionary.
            setattr(error, RECEIPT, (address, begun, time.perf_counter_ns()))
        except AttributeError:
            pass
        raise
    return (address, begun, time.perf_counter_ns()), result
