"""The slow upstream: a small server in a process of its own that workloads call.

`GET /slow?seconds=S` answers after S seconds. It is observed like the server, so that a request which goes on to it can
be followed there. It listens on loopback only, at a port of its own.
"""

import asyncio
import importlib
import socket
from typing import Annotated, Any, Final

from explorer.child.channel import Channel
from explorer.records.states import Role
from explorer.server import tracing

HOST: Final = "127.0.0.1"
BACKLOG: Final = 1024
LONGEST_S: Final = 60.0


def prepare() -> str:
    """Import what it needs."""
    importlib.import_module("fastapi")
    importlib.import_module("explorer.server.serving")
    return "FastAPI imported"


def main(channel: Channel, config: dict[str, Any]) -> None:
    """Answer until the channel says stop."""
    from explorer.scenario import ServerKnobs
    from explorer.server.serving import STOP_WITHIN_S, Server, uvicorn_config

    tracing.log_everything()
    tracer = tracing.join(Role.UPSTREAM, "a slow server that the workload calls")
    knobs = ServerKnobs()
    listener = _listen()
    host, port = listener.getsockname()
    uvicorn = uvicorn_config(
        _app(),
        knobs,
        loop=tracing.loop_factory("asyncio", tracer),
        http=tracing.protocol(knobs.http, tracer),
    )
    server = Server(uvicorn, lambda: channel.ready(address=f"{host}:{port}"))
    channel.on("stop", lambda message: server.stop(float(message.get("within", STOP_WITHIN_S))))
    try:
        server.run(sockets=[listener])
    finally:
        listener.close()
        if tracer is not None:
            tracer.close()


def _listen() -> socket.socket:
    # The protocol is named, or asyncio would leave Nagle's algorithm on.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind((HOST, 0))
    listener.listen(BACKLOG)
    return listener


def _app() -> Any:
    from fastapi import FastAPI, Query

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/slow", response_model=None)
    async def slow(seconds: Annotated[float, Query(ge=0, le=LONGEST_S)]) -> dict[str, str]:
        await asyncio.sleep(seconds)
        return {"answer": "at last"}

    return app
