"""A hello-world of FastAPI under uvicorn: `python -m tests.bench._hello [asyncio|uvloop] [httptools|h11]`.

With a run in its environment it is observed exactly as the product's servers are, without one it is plain uvicorn. It
prints its port, then serves until its standard input ends.
"""

import socket
import sys
import threading
from collections.abc import Mapping
from typing import Any

import uvicorn
from fastapi import FastAPI

from explorer.records.states import Role, State
from explorer.server import tracing

CALLS: Mapping[str, State] = {"time.sleep": State.BLOCKED, "os.fsync": State.BLOCKED}


def make_app() -> FastAPI:
    """One route that does nothing."""
    app = FastAPI()

    @app.get("/")
    async def hello() -> dict[str, str]:
        return {"hello": "world"}

    return app


def main(loop: str = "asyncio", parser: str = "httptools") -> None:
    """Serve until standard input ends."""
    tracer = tracing.join(Role.SERVER)
    tracing.watch(CALLS, tracer)
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    factory: Any = tracing.loop_factory(loop, tracer)  # uvicorn's type wants a name, uvicorn takes what can be called
    protocol: Any = tracing.protocol(parser, tracer)
    config = uvicorn.Config(
        make_app(),
        loop=factory,
        http=protocol,
        log_level="warning",
        access_log=False,
    )
    server = uvicorn.Server(config)

    def wait() -> None:
        sys.stdin.read()
        server.should_exit = True

    threading.Thread(target=wait, daemon=True).start()
    print(listener.getsockname()[1], flush=True)
    server.run(sockets=[listener])
    if tracer is not None:
        tracer.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
