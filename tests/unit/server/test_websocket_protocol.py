"""uvicorn's WebSocket class as we end it, against the client half of `websockets` and a transport that is none."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest
import uvicorn
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.server import ServerState
from websockets.client import ClientProtocol
from websockets.frames import Frame
from websockets.uri import parse_uri

from explorer.server.websocket_protocol import RESTART, WebSocket


class Transport(asyncio.Transport):
    """Keeps what is written; closing it is only noted."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.closed = False
        self.aborted = False
        self.paused = False

    def write(self, data: Any) -> None:
        """Keep it."""
        self.written += data

    def close(self) -> None:
        """Note it."""
        self.closed = True

    def abort(self) -> None:
        """Note it."""
        self.aborted = True

    def is_closing(self) -> bool:
        """Whether it was closed."""
        return self.closed

    def pause_reading(self) -> None:
        """Note it."""
        self.paused = True

    def resume_reading(self) -> None:
        """Note it."""
        self.paused = False


class Talk:
    """An accepted WebSocket between a server's protocol and a client's."""

    def __init__(self, app: Any, **knobs: Any) -> None:
        config = uvicorn.Config(app, lifespan="off", log_config=None, **knobs)
        config.load()
        self.transport = Transport()
        self.state = ServerState()
        self.server = WebSocket(config=config, server_state=self.state, app_state={})
        self.server.connection_made(self.transport)
        self.client = ClientProtocol(parse_uri("ws://localhost/job"))
        self.client.send_request(self.client.connect())
        self.pass_on()

    def pass_on(self) -> list[Frame]:
        """Bring what the client has said to the server; returns what the server has said since, whole frames."""
        for data in self.client.data_to_send():
            if data:
                self.server.data_received(data)
        said, self.transport.written = self.transport.written, b""
        self.client.receive_data(said)
        return [event for event in self.client.events_received() if isinstance(event, Frame)]

    async def heard(self, what: Callable[[], object]) -> None:
        """Let the server go on until something is so."""
        async with asyncio.timeout(10):
            while not what():
                await asyncio.sleep(0.001)


class App:
    """Echoes each message once `go` is set; notes how it ended."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.ended_with = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one connection."""
        await receive()
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] == "websocket.receive":
            await self.go.wait()
            await send({"type": "websocket.send", "text": message["text"]})
        self.ended_with = message["code"]


@pytest.fixture
async def app() -> App:
    """One application."""
    return App()


async def accepted(app: App) -> Talk:
    """A connection whose handler waits for its first message."""
    talk = Talk(app)
    await talk.heard(lambda: talk.transport.written)
    talk.pass_on()
    await talk.heard(lambda: talk.server.waits)
    return talk


def close_code(frames: list[Frame]) -> int:
    """The code of the close frame that is the last of these."""
    return int.from_bytes(bytes(frames[-1].data[:2]), "big")


async def test_an_idle_connection_is_closed_at_once_and_waits_for_the_answer(app: App) -> None:
    talk = await accepted(app)
    talk.server.shutdown()
    talk.server.shutdown()
    assert close_code(talk.pass_on()) == RESTART
    await talk.heard(lambda: app.ended_with)
    await talk.heard(lambda: not talk.state.tasks)
    assert app.ended_with == RESTART
    assert not talk.transport.closed, "the client's close frame is still to come"
    talk.pass_on()
    assert talk.transport.closed
    talk.server.connection_lost(None)


async def test_what_has_come_is_answered_first(app: App) -> None:
    talk = await accepted(app)
    talk.client.send_text(b"one")
    talk.client.send_text(b"two")
    talk.pass_on()
    talk.server.shutdown()
    assert talk.pass_on() == []
    app.go.set()
    await talk.heard(lambda: app.ended_with)
    *answers, _ = frames = talk.pass_on()
    assert [bytes(frame.data) for frame in answers] == [b"one", b"two"]
    assert close_code(frames) == RESTART
    assert not talk.transport.paused, "or the client's close frame is never read"
    talk.server.connection_lost(None)


async def test_a_message_that_has_just_come_is_answered_too(app: App) -> None:
    talk = await accepted(app)
    app.go.set()
    talk.client.send_text(b"one")
    talk.pass_on()
    talk.server.shutdown()  # the handler has not even run
    await talk.heard(lambda: app.ended_with)
    frames = talk.pass_on()
    assert bytes(frames[0].data) == b"one"
    assert close_code(frames) == RESTART
    talk.server.connection_lost(None)


async def test_what_comes_behind_the_close_frame_is_dropped(app: App) -> None:
    talk = await accepted(app)
    app.go.set()
    talk.client.send_text(b"crossed it on the way")
    talk.server.shutdown()
    assert close_code(talk.pass_on()) == RESTART
    await talk.heard(lambda: app.ended_with)
    assert talk.transport.written == b""
    talk.server.connection_lost(None)


async def test_a_client_that_never_answers_the_close_frame_is_let_go(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("explorer.server.websocket_protocol.CLOSING_S", 0.001)
    talk = await accepted(app)
    talk.server.shutdown()
    await talk.heard(lambda: talk.transport.closed)
    talk.server.connection_lost(None)


async def test_a_close_does_not_wait_for_a_client_that_does_not_read(app: App) -> None:
    talk = await accepted(app)
    talk.server.pause_writing()
    waiting = asyncio.create_task(talk.server.send({"type": "websocket.send", "text": "one"}))
    async with asyncio.timeout(10):
        await talk.server.send({"type": "websocket.close", "code": 1013})
    assert talk.transport.aborted
    talk.server.connection_lost(None)
    with pytest.raises(ClientDisconnected):
        await waiting
    assert talk.pass_on() == []
    await talk.heard(lambda: app.ended_with)


async def test_a_close_tells_a_client_that_reads_why(app: App) -> None:
    talk = await accepted(app)
    await talk.server.send({"type": "websocket.close", "code": 1013})
    assert close_code(talk.pass_on()) == 1013
    assert not talk.transport.aborted
    await talk.heard(lambda: app.ended_with)
    talk.server.connection_lost(None)


async def test_beyond_the_limit_the_upgrade_is_refused(app: App) -> None:
    talk = Talk(app, limit_concurrency=0)
    talk.pass_on()
    assert isinstance(talk.client.handshake_exc, Exception)
    assert "503" in str(talk.client.handshake_exc)
    assert talk.transport.closed
    assert not talk.state.tasks
    talk.server.connection_lost(cast(Exception, None))
