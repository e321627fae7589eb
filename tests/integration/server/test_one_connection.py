"""One connection on a loop of its own, with uvicorn's own protocol classes, WebSockets among them."""

import asyncio
import socket
from typing import Any

import pytest
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.sync.client import connect

from explorer.server.connections.one import ConnectionState, serve
from explorer.server.connections.threads import ThreadServer


class App:
    """Echoes, also over HTTP; has the hook that the models call."""

    def __init__(self) -> None:
        self.state = self
        self.begun = 0

    async def begin_loop(self) -> None:
        self.begun += 1

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            for kind in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{kind}.complete"})
        elif scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
            await send({"type": "http.response.body", "body": b"ok"})
        else:
            await receive()
            await send({"type": "websocket.accept"})
            while (message := await receive())["type"] == "websocket.receive":
                await send({"type": "websocket.send", "text": message["text"]})


def configuration(app: App, http: type) -> uvicorn.Config:
    """uvicorn's configuration for it."""
    by_itself: dict[str, Any] = {"loop": asyncio.new_event_loop, "http": http, "ws": WebSocketsSansIOProtocol}
    return uvicorn.Config(app, **by_itself, lifespan="on", log_config=None, timeout_graceful_shutdown=1)


@pytest.mark.parametrize("http", [HttpToolsProtocol, H11Protocol])
async def test_an_upgrade_is_not_the_end_of_the_connection_but_its_close_is(http: type) -> None:
    config = configuration(App(), http)
    config.load()
    state = ConnectionState(ServerState())
    ours, theirs = socket.socketpair()
    serving = asyncio.create_task(serve(config, ours, state, {}))

    def talk() -> list[str]:
        answers = []
        with connect("ws://here/", sock=theirs) as client:
            for word in ("one", "two"):
                client.send(word)
                answers.append(str(client.recv()))
        return answers

    assert await asyncio.to_thread(talk) == ["one", "two"]
    await asyncio.wait_for(serving, 20)
    assert state.over.done()
    assert not state.connections
    assert not state.tasks


@pytest.mark.parametrize("http", [HttpToolsProtocol, H11Protocol])
async def test_threads_serve_websockets_and_requests_and_stop_gracefully(http: type) -> None:
    app = App()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        host, port = listener.getsockname()[:2]
        server = ThreadServer(configuration(app, http))
        serving = asyncio.create_task(server._serve([listener]))

        def talk() -> list[str]:
            with connect(f"ws://{host}:{port}/") as one, connect(f"ws://{host}:{port}/") as two:
                for client in (one, two):
                    client.send("hello")
                answers = [str(two.recv()), str(one.recv())]
                server.stop(1.0)
                return answers

        assert await asyncio.to_thread(talk) == ["hello", "hello"]
        await asyncio.wait_for(serving, 20)
    assert app.begun == 2
    assert not server.open
