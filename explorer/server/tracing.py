"""Where the server meets the probe: everything that is different in an observed server, in one place.

Without a run (`tracer` is None) every function gives what plain uvicorn would use, so that an observed and a plain
server differ by nothing else.
"""

import asyncio
import logging
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor

from explorer.probe.tracer import Tracer
from explorer.records.states import Role, State

LoopFactory = Callable[[], asyncio.AbstractEventLoop]


def join(role: Role, label: str = "") -> Tracer | None:
    """Join the run that the environment names; None when there is none."""
    return Tracer.join(role, label)


def log_everything() -> None:
    """Let uvicorn, asyncio and the probe write to the process's log."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s")


def loop_factory(kind: str, tracer: Tracer | None) -> LoopFactory:
    """What makes the event loop: `kind` is "asyncio" or "uvloop"."""
    if kind == "uvloop":
        import uvloop

        plain: LoopFactory = uvloop.new_event_loop
    elif sys.platform == "win32":
        plain = asyncio.ProactorEventLoop
    else:
        plain = asyncio.SelectorEventLoop
    return plain


def protocol(kind: str, tracer: Tracer | None) -> Callable[..., asyncio.Protocol]:
    """The class of an HTTP connection: `kind` is "httptools" or "h11"."""
    if kind == "httptools":
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

        return HttpToolsProtocol
    from uvicorn.protocols.http.h11_impl import H11Protocol

    return H11Protocol


def executor(tracer: Tracer | None) -> Callable[..., ProcessPoolExecutor]:
    """What makes a process pool: `ProcessPoolExecutor`, or its traced form with the same arguments."""
    return ProcessPoolExecutor


def watch(calls: Mapping[str, State], tracer: Tracer | None) -> None:
    """Show hand-overs to worker threads, and these library calls, as spans of their own."""
