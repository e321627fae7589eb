"""The unit tests' run folder, and a server inside the test's own process."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import uvicorn

from explorer.probe.loop import traced_loop_factory
from explorer.probe.requests import http_protocol
from explorer.probe.tracer import Tracer
from tests.unit.probe.conftest import observed, run, tracer
from tests.waiting import wait_until as wait

__all__ = ["observed", "run", "serve", "tracer"]


class Server:
    """uvicorn on a thread, with a traced loop and watched requests."""

    def __init__(self, tracer: Tracer, app: Any, *, parser: str, loop: str) -> None:
        self.config = uvicorn.Config(
            app,
            host="127.0.0.1",
            port=0,
            http=http_protocol(tracer, parser),
            log_level="error",
            lifespan="on",
            timeout_graceful_shutdown=1,
        )
        self.server = uvicorn.Server(self.config)
        factory = traced_loop_factory(tracer, loop)

        def serve() -> None:
            import asyncio

            with asyncio.Runner(loop_factory=factory) as runner:
                runner.run(self.server.serve())

        self.thread = threading.Thread(target=serve, name="server")
        self.thread.start()
        wait(lambda: self.server.started, what="the server to start")

    @property
    def port(self) -> int:
        port: int = self.server.servers[0].sockets[0].getsockname()[1]
        return port

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(10)
        assert not self.thread.is_alive()


@pytest.fixture
def serve(tracer: Tracer) -> Iterator[Callable[..., Server]]:
    """Start a server for an ASGI application; stopped at the end of the test."""
    servers: list[Server] = []

    def start(app: Any, *, parser: str = "httptools", loop: str = "asyncio") -> Server:
        servers.append(Server(tracer, app, parser=parser, loop=loop))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()
