"""The unit tests' run folder, and a server inside the test's own process."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest
import uvicorn

from explorer.probe.loop import traced_loop_factory
from explorer.probe.requests import http_protocol
from explorer.probe.tracer import Tracer
from explorer.server.tracing import websocket_protocol
from tests.unit.probe.conftest import observed, run, tracer
from tests.waiting import wait_until as wait

__all__ = ["observed", "run", "serve", "tracer"]


class Server:
    """uvicorn on a thread, with a traced loop and watched requests."""

    def __init__(self, tracer: Tracer, app: Any, *, parser: str, loop: str, ws: bool) -> None:
        # Without `ws` uvicorn's own WebSocket class serves, unobserved.
        self.config = uvicorn.Config(
            app,
            host="127.0.0.1",
            port=0,
            http=http_protocol(tracer, parser),
            ws=cast("type[asyncio.Protocol]", websocket_protocol(tracer)) if ws else "auto",
            log_level="error",
            lifespan="on",
            timeout_graceful_shutdown=1,
        )
        self.server = uvicorn.Server(self.config)
        factory = traced_loop_factory(tracer, loop)

        def serve() -> None:
            with asyncio.Runner(loop_factory=factory) as runner:
                runner.run(self.server.serve())

        self.thread = threading.Thread(target=serve, name="server")
        self.thread.start()
        wait(lambda: self.server.started, what="the server to start")

    @property
    def port(self) -> int:
        port: int = self.server.servers[0].sockets[0].getsockname()[1]
        return port

    def call(self, what: Callable[[], None]) -> None:
        """Call something on the server's loop."""
        self.server.servers[0].get_loop().call_soon_threadsafe(what)

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(10)
        assert not self.thread.is_alive()


@pytest.fixture
def serve(tracer: Tracer) -> Iterator[Callable[..., Server]]:
    """Start a server for an ASGI application; stopped at the end of the test."""
    servers: list[Server] = []

    def start(app: Any, *, parser: str = "httptools", loop: str = "asyncio", ws: bool = False) -> Server:
        servers.append(Server(tracer, app, parser=parser, loop=loop, ws=ws))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()
