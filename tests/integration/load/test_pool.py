"""A pool of connections against a server that closes them when it likes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve

from explorer.load.connection import Connection
from explorer.load.pool import Pool
from explorer.load.request import Request
from explorer.load.routes import Route
from tests.integration.load.stage import Stage

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
HALF_A_STREAM = HEAD + b"16\r\nretry: 10\ndata: one\n\n\n\r\n"
REST = HEAD + b"b\r\ndata: two\n\n\r\n0\r\n\r\n"


class Held:
    """An HTTP server that answers nobody before `let_go` is set. `most` counts the connections at once."""

    def __init__(self) -> None:
        self.let_go = asyncio.Event()
        self.now = self.most = 0

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            while True:
                await reader.readuntil(b"\r\n\r\n")
                await self.let_go.wait()
                writer.write(OK)
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            self.now -= 1
            writer.close()


@asynccontextmanager
async def listening(handler: Any) -> AsyncIterator[int]:
    """A server of bytes; its port."""
    async with await asyncio.start_server(handler, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


async def echo(connection: ServerConnection) -> None:
    async for message in connection:
        await connection.send(message)


async def test_connections_that_the_server_closed_while_idle_make_no_room() -> None:
    """Two WebSockets lie idle and are closed; more requests of HTTP than the limit still open no more than it."""
    held = Held()
    async with serve(echo, "127.0.0.1", 0) as first:
        port = next(iter(first.sockets)).getsockname()[1]
        async with Stage(port, "/echo", speaks="websocket", users=0) as stage:
            client = stage.driver.client
            pool = Pool(client, 2)
            for _ in range(2):
                client.issue(pool, client.clock())
            await stage.until(lambda: stage.tally.ok == 2 and len(pool._open) == 2, "two idle WebSockets")
            first.close()
            await stage.until(lambda: not pool._open and not client.parting, "the WebSockets' end")
            async with listening(held.handle) as client.port:
                route = Route("/job", "127.0.0.1", client.port, "70ken")
                for _ in range(5):
                    client.issue(pool, client.clock(), None, route)
                    assert len(pool._open) + len(pool._opening) <= 2
                await stage.until(lambda: held.now == 2, "connections of HTTP")
                held.let_go.set()
                await stage.until(lambda: stage.tally.ok == 7)
                pool.close()
            assert held.most == 2
            assert stage.tally.failed == 0


async def test_a_stream_outlives_a_new_connection_that_is_closed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second connection is closed before the pool can use it: the stream is taken up again on a third."""
    answers = [HALF_A_STREAM, b"", REST]
    opened: list[Connection] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if answer := answers.pop(0):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
        writer.close()

    loop = asyncio.get_running_loop()
    connect = loop.create_connection

    async def slow(*words: Any) -> Any:
        """A loop so busy that a connection's end comes before the news of its beginning."""
        transport, connection = await connect(*words)
        opened.append(connection)
        if len(opened) == 2:
            await stage.until(lambda: not connection.usable, "the end of the second connection")
        return transport, connection

    monkeypatch.setattr(loop, "create_connection", slow)
    ended: list[Request] = []
    async with listening(handle) as port, Stage(port, "/events", speaks="sse", users=0) as stage:
        client = stage.driver.client
        pool = Pool(client, 1)
        client.issue(pool, client.clock(), lambda request, _: ended.append(request))
        await stage.until(lambda: ended, "the stream's end")
        pool.close()
        assert len(opened) == 3
        assert (ended[0].status, ended[0].failure) == (200, "")
        assert (stage.tally.events, stage.tally.resumed, stage.tally.failed) == (2, 1, 0)
