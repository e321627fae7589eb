"""Where the server meets the probe: everything that is different in an observed server, in one place.

Without a run (`tracer` is None) every function gives what plain uvicorn would use, so that an observed and a plain
server differ by nothing else. A probe that fails is logged, and the server goes on without that part of it.
"""

import asyncio
import functools
import logging
import multiprocessing
import os
import sys
import sysconfig
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING, Any, Final, TypeVar

from explorer.child.channel import Channel
from explorer.probe.counters import Counter
from explorer.probe.tracer import RUN, Tracer
from explorer.records.states import Role, State
from explorer.scenario import Scenario
from explorer.server.interpreters import Interpreters, PlainInterpreters, make_executor, make_queue

if TYPE_CHECKING:
    from explorer.server.operations import Attached

LoopFactory = Callable[[], asyncio.AbstractEventLoop]
MakeExecutor = Callable[[int, Callable[[], None]], ProcessPoolExecutor]
T = TypeVar("T")

LINE: Final = "%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"
"""A line of the log."""
NO_SCENARIO: Final[Mapping[str, Any]] = {}

logger: Final = logging.getLogger(__name__)


def log_everything(scenario: Mapping[str, Any] = NO_SCENARIO) -> None:
    """Let uvicorn, asyncio and the probe write to the process's log.

    The root logger is left to an app of the user's own, which `scenario` (plain data) may name: while it has a handler
    the app's `logging.basicConfig` would do nothing.
    """
    if not scenario.get("app", {}).get("target"):
        logging.basicConfig(level=logging.INFO, format=LINE)
        return
    handler, fallback = logging.StreamHandler(), logging.StreamHandler()
    fallback.addFilter(lambda record: not logging.getLogger().handlers)
    for each in (handler, fallback):
        each.setFormatter(logging.Formatter(LINE))
    for name in ("uvicorn", "explorer"):
        ours = logging.getLogger(name)
        if not ours.handlers:  # a forked process has them
            ours.addHandler(handler)
        ours.setLevel(logging.INFO)
        ours.propagate = False  # as uvicorn by itself has it
    loop = logging.getLogger("asyncio")
    if not loop.handlers:
        loop.addHandler(fallback)  # the app may want to hear of its loop as well, and then writes it down itself


def join(role: Role, label: str = "") -> Tracer | None:
    """Join the run that the environment names; None when there is none."""
    return _or_plain(lambda: Tracer.join(role, label), lambda: None, "The run cannot be joined")


def tell_if_unobserved(tracer: Tracer | None, channel: Channel) -> None:
    """Report that this process takes no part in the run although there is one: figures lack what it does."""
    if tracer is None and os.environ.get(RUN):
        channel.event("unobserved", pid=os.getpid())


def label(loop: str, workers: int = 0) -> str:
    """What this process is, in the words of its row: a server on a `loop`, or one that leaves serving to `workers`."""
    what = f"uvicorn, which watches its workers ({workers})" if workers else f"FastAPI under uvicorn, {loop} loop"
    threads = " free-threaded" if free_threaded() else ""
    return f"{what}, Python {sys.version_info.major}.{sys.version_info.minor}{threads}"


def free_threaded() -> bool:
    """Whether this Python was built to run without a GIL (it may have one nevertheless)."""
    return bool(sysconfig.get_config_var("Py_GIL_DISABLED"))


def loop_factory(kind: str, tracer: Tracer | None) -> LoopFactory:
    """What makes the event loop: `kind` is "asyncio" or "uvloop"."""
    if tracer is None:
        return _plain_loop(kind)

    def traced() -> LoopFactory:
        from explorer.probe.loop import traced_loop_factory

        return traced_loop_factory(tracer, kind, watched=True)

    return _or_plain(traced, lambda: _plain_loop(kind), "The event loop is not observed")


def protocol(kind: str, tracer: Tracer | None) -> Callable[..., asyncio.Protocol]:
    """The class of an HTTP connection: `kind` is "httptools" or "h11"."""
    if tracer is None:
        return _plain_protocol(kind)

    def traced() -> Callable[..., asyncio.Protocol]:
        from explorer.probe.requests import http_protocol

        return http_protocol(tracer, kind)

    return _or_plain(traced, lambda: _plain_protocol(kind), "Requests are not observed")


def websocket_protocol(tracer: Tracer | None) -> Callable[..., asyncio.Protocol]:
    """The class of a WebSocket's connection: uvicorn's sans-I/O one. Needs the package `websockets`."""
    from explorer.server.websocket_protocol import WebSocket

    if tracer is None:
        return WebSocket

    def traced() -> Callable[..., asyncio.Protocol]:
        from explorer.probe.websocket_messages import watched_websocket

        return watched_websocket(WebSocket, tracer)

    return _or_plain(traced, lambda: WebSocket, "Messages of WebSockets are not observed")


def executor(
    tracer: Tracer | None,
    calls: Mapping[str, State],
    upstream: str = "",
    probes: Sequence[str] = (),
    start_method: str = "spawn",
) -> MakeExecutor:
    """What makes a process pool of a size, each process of which first runs a function; the rest as for `watch`.

    `start_method` is how its processes are started.
    """
    plain: MakeExecutor = functools.partial(_plain_executor, start_method)
    if tracer is None:
        return plain

    def traced() -> MakeExecutor:
        from explorer.probe.pool import TracedProcessPool

        return lambda size, begin: TracedProcessPool(
            tracer,
            size,
            traced_calls=calls,
            upstream=upstream,
            probes=probes,
            initializer=begin,
            start_method=start_method,
        )

    return _or_plain(traced, lambda: plain, "The process pool is not observed")


def interpreters(tracer: Tracer | None, size: int, calls: Mapping[str, State], upstream: str = "") -> Interpreters:
    """A pool of sub-interpreters (Python 3.14); its parameters as for `watch`."""
    if tracer is None:
        return PlainInterpreters(size)

    def traced() -> Interpreters:
        from explorer.probe.interpreters import TracedInterpreters

        return TracedInterpreters(tracer, size, make_executor, make_queue, traced_calls=calls, upstream=upstream)

    return _or_plain(traced, lambda: PlainInterpreters(size), "The interpreter pool is not observed")


def watch(
    calls: Mapping[str, State], tracer: Tracer | None, upstream: str = "", probes: Sequence[str] = ()
) -> Callable[[], None]:
    """Show hand-overs to worker threads, and these library calls, as spans of their own. Returns what undoes it.

    What is sent to the server at `upstream`, "host:port", carries the number of the request that it is sent for.
    `probes` are probes of workloads, see `explorer.catalog.Feature`.
    """
    if tracer is None:
        return _nothing

    def traced() -> Callable[[], None]:
        from explorer.probe.calls import wrap
        from explorer.probe.more import attach
        from explorer.probe.threads import trace_threads

        undo = [trace_threads(tracer), wrap(tracer, calls), attach(tracer, probes)]
        if upstream:
            from explorer.probe.outgoing import trace_outgoing

            undo.append(trace_outgoing(tracer, upstream))
        return lambda: [step() for step in reversed(undo)].clear()

    return _or_plain(traced, lambda: _nothing, "Worker threads and calls are not observed")


def operations(tracer: Tracer | None, apps: Sequence[Any]) -> "Attached | None":
    """Show what these FastAPI apps do for each request; None when that is not observed."""
    if tracer is None:
        return None

    def traced() -> "Attached | None":
        from explorer.server.operations import attach

        return attach(tracer, apps)

    return _or_plain(traced, lambda: None, "Operations are not observed")


def queue(tracer: Tracer | None, name: str, maxsize: int) -> "asyncio.Queue[Any]":
    """An asyncio.Queue whose length and waits are shown; `maxsize` 0 sets no bound."""
    if tracer is None:
        return asyncio.Queue(maxsize)
    from explorer.probe.queues import TracedQueue

    return TracedQueue(tracer, name, maxsize)


def counter(tracer: Tracer | None, name: str, unit: str) -> Counter:
    """A number of this process that the timeline draws over time."""
    return Counter(tracer, name, unit)


def locks(tracer: Tracer | None, scenario: Scenario, channel: Channel) -> None:
    """Trace the locks that the app makes from now on, if the scenario wants it; to be called before it is imported."""
    if tracer is None or not scenario.server.locks:
        return

    def traced() -> None:
        from explorer.server.locks import trace_locks

        trace_locks(tracer, scenario, channel)

    _or_plain(traced, _nothing, "Locks are not observed")


def name_lock(lock: object, name: str) -> None:
    """Call a lock `name` in the window; without a probe this does nothing."""
    install = sys.modules.get("explorer.probe.locks.install")
    if install is not None:
        install.name_lock(lock, name)


def _or_plain(traced: Callable[[], T], plain: Callable[[], T], complaint: str) -> T:
    try:
        return traced()
    except Exception as error:
        logger.warning("%s: %s: %s", complaint, type(error).__name__, error)
        return plain()


def _plain_loop(kind: str) -> LoopFactory:
    if kind == "uvloop":
        import uvloop

        factory: LoopFactory = uvloop.new_event_loop
        return factory
    if sys.platform == "win32":
        return asyncio.ProactorEventLoop
    return asyncio.SelectorEventLoop


def _plain_protocol(kind: str) -> Callable[..., asyncio.Protocol]:
    if kind == "httptools":
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

        return HttpToolsProtocol
    from uvicorn.protocols.http.h11_impl import H11Protocol

    return H11Protocol


def _plain_executor(start_method: str, size: int, begin: Callable[[], None]) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(size, multiprocessing.get_context(start_method), initializer=begin)


def _nothing() -> None:
    """Undoes nothing."""
