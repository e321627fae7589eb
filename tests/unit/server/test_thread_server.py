"""A server that gives each connection a thread, when there is not enough to make the thread a loop."""

import asyncio
import errno
import socket
from typing import Any

import pytest

from explorer.scenario import ServerKnobs
from explorer.server import tracing
from explorer.server.connections.threads import ThreadServer
from explorer.server.serving import uvicorn_config


def no_loop() -> asyncio.AbstractEventLoop:
    """As a loop's constructor without file descriptors."""
    raise OSError(errno.EMFILE, "Too many open files")


async def no_app(scope: Any, receive: Any, send: Any) -> None:
    """Is never called."""


@pytest.mark.expects_log("nothing can be started to serve it")
@pytest.mark.expects_log("Exceeded concurrency limit")
async def test_a_connection_without_a_loop_is_answered_with_503() -> None:
    config = uvicorn_config(no_app, ServerKnobs(), loop=no_loop, http=tracing.protocol("h11", None))
    config.lifespan = "off"
    started = asyncio.Event()
    server = ThreadServer(config, started.set)
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        await started.wait()

        answers = []
        for _ in range(2):
            reader, writer = await asyncio.open_connection(*listener.getsockname())
            writer.write(b"GET / HTTP/1.1\r\nhost: here\r\n\r\n")
            answers.append((await reader.read())[:12])
            writer.close()
            await writer.wait_closed()

        assert answers == [b"HTTP/1.1 503"] * 2
        assert server.open == server.running == set()
        server.stop()
        await serving
