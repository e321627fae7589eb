"""Serving with one event loop in this process's main thread."""

import asyncio
import os
import threading
import time
from collections.abc import Callable
from typing import Any

import uvicorn

from explorer.option_error import OptionError
from explorer.server import tracing
from explorer.server.app import make_app
from explorer.server.context import ServerContext
from explorer.server.live import Live
from explorer.server.own.begin import begin
from explorer.server.serving import STOP_WITHIN_S, Server, uvicorn_config

MakeServer = Callable[[uvicorn.Config, Callable[[], None]], Server]
"""Makes the server from its configuration and what it calls when it has started."""


def serve_one_loop(context: ServerContext, make: MakeServer = Server, loop: tracing.LoopFactory | None = None) -> None:
    """Build the app, serve it, say `ready`, obey `set` and `stop`; return when it has stopped.

    What `make` makes decides how connections are served. `loop` makes the event loop in place of the one that
    `server.loop` names.
    """
    channel, knobs = context.channel, context.scenario.server
    began = time.perf_counter()

    def died(pid: int, exitcode: int | None) -> None:
        signal = -exitcode if exitcode is not None and exitcode < 0 else None
        channel.event("died", pid=pid, role="pool", signal=signal, status=exitcode)

    own = begin(context) if context.scenario.own else None
    app = own.app if own is not None else make_app(context.scenario, context.catalog, context.surroundings, died)
    channel.step("App built" if own is None else "App imported", time.perf_counter() - began)
    began = time.perf_counter()
    live = Live(app, context.catalog, context.scenario)

    thread = threading.get_ident()

    def stop(message: dict[str, Any]) -> None:
        server.stop(float(message.get("within", STOP_WITHIN_S)))
        if own is not None and loops:
            own.stop(loops[0], thread)

    loops: list[asyncio.AbstractEventLoop] = []

    def started() -> None:
        loops.append(asyncio.get_running_loop())
        live.started(loops[0])
        if own is not None:
            own.started()
        channel.step("Waiting for the first answer", time.perf_counter() - began)
        channel.ready(pids=[os.getpid()], url=context.url)

    config = uvicorn_config(
        app,
        knobs,
        loop=loop or tracing.loop_factory(knobs.loop, context.tracer),
        http=tracing.protocol(knobs.http, context.tracer),
        ws=tracing.websocket_protocol(context.tracer) if context.speaks("websocket") else None,
        # As uvicorn by itself: an app may do without a lifespan, ours do not.
        lifespan="on" if own is None else "auto",
    )
    server = make(config, started)

    def change(message: dict[str, Any]) -> None:
        knob = str(message["knob"])
        echo = {"serial": message["serial"]} if "serial" in message else {}
        live.set(
            knob,
            message["value"],
            done=lambda: channel.applied(knob, [os.getpid()], **echo),
            failed=lambda sentence: channel.error(sentence, knob, **echo),
        )

    channel.on("set", change)
    channel.on("stop", stop)
    try:
        server.run(sockets=[] if context.listener is None else [context.listener])
    except SystemExit:  # uvicorn's way of saying that the app's lifespan failed
        failure = app.state.failure
        if isinstance(failure, OptionError):  # a sentence already, with the knob at fault
            raise failure from None
        what = f"{type(failure).__name__}: {failure}" if failure is not None else "its log says why"
        raise OptionError(f"The server could not start ({what}).", "dispatch") from failure
    finally:
        if own is not None:
            own.ended()
