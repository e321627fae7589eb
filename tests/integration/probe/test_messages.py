"""Messages of WebSockets and events of streams as the probe records them, with real connections."""

import asyncio
import contextlib
import http.client
import itertools
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import uvloop
from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from fastapi.responses import StreamingResponse
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from explorer.probe.tracer import Tracer
from explorer.records.schema import TIME_UNIT_NS
from explorer.records.states import Flag, Kind
from tests.observed import Observed, Row

everywhere = pytest.mark.parametrize(("parser", "loop"), [("httptools", "asyncio"), ("h11", "uvloop")])

# libuv opens a pipe for signals with the first loop and keeps it for good.
uvloop.new_event_loop().close()


def make_app(gates: dict[str, asyncio.Event]) -> FastAPI:
    """Echoes; a message that ends with "wait" is answered when its gate in `gates` opens."""
    app = FastAPI()

    @app.websocket("/chat/{room}")
    async def chat(socket: WebSocket, room: str) -> None:
        await socket.accept()
        try:
            while True:
                text = await socket.receive_text()
                if text.endswith("wait"):
                    gate = gates[text] = asyncio.Event()
                    await asyncio.gather(gate.wait())
                if text.endswith("fail"):
                    raise RuntimeError("as asked")
                await socket.send_text(text)
        except WebSocketDisconnect:
            return

    @app.websocket("/impatient")
    async def impatient(socket: WebSocket) -> None:
        await socket.accept()
        for _ in range(8):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.001):
                    await socket.receive_text()
        await socket.send_text("patient")  # it asks for the next message in the same step
        await socket.send_text(await socket.receive_text())

    @app.websocket("/refused")
    async def refused(socket: WebSocket) -> None:
        await socket.close()

    return app


def talk(port: int, what: Callable[[ClientConnection], Awaitable[None]], path: str = "/chat/1", **headers: str) -> None:
    """Do something over a WebSocket."""

    async def go() -> None:
        async with connect(f"ws://127.0.0.1:{port}{path}", additional_headers=headers) as socket:
            await what(socket)

    asyncio.run(go())


def completed(observed: Observed, kind: Kind, number: int, wait_until: Callable[..., None]) -> list[Row]:
    """Records of a kind once there are so many; every message behind its begin."""
    wait_until(lambda: len(observed.of(kind)) >= number, what=f"{number} of {kind!r}")
    rows = observed.of(kind)
    if kind is Kind.MESSAGE:
        begun = {(row.request, row.start) for row in observed.of(kind, Flag.BEGIN)}
        assert {(row.request, row.start) for row in rows} == begun
    return rows


@everywhere
def test_a_message_is_a_request_with_the_number_that_it_brings(
    serve: Callable[..., Any],
    observed: Observed,
    tracer: Tracer,
    wait_until: Callable[..., None],
    parser: str,
    loop: str,
) -> None:
    port = serve(make_app({}), parser=parser, loop=loop, ws=True).port

    async def echo(socket: ClientConnection) -> None:
        for text in ("2000000000007-abcd hello", "2000000000008-guess hello", "2000000000009-abcd"):
            await socket.send(text)
            assert await socket.recv() == text
        await socket.send(["20000000", "0000a-ab", "cd in", " pieces"])
        assert await socket.recv() == "200000000000a-abcd in pieces"

    talk(port, echo, **{"x-explorer-request": "2000000000005-abcd"})

    async def nothing(socket: ClientConnection) -> None:
        await socket.ping()

    talk(port, nothing, "/chat/1")
    rows = completed(observed, Kind.MESSAGE, 4, wait_until)

    assert [row.name for row in rows] == ["WEBSOCKET /chat/{room}"] * 4
    assert {row.track for row in rows} == {"requests requests"}
    first, second, third, fourth = (row.request for row in rows)
    assert (first, fourth) == (0x2000000000007, 0x200000000000A)
    assert [one >> 40 for one in (second, third)] == [tracer.number] * 2, "no token, or no word of its own"
    assert all(one.end <= other.start for one, other in itertools.pairwise(rows)), "asked for one after the other"
    assert all(row.value * TIME_UNIT_NS <= row.duration for row in rows)
    upgrade, again = completed(observed, Kind.REQUEST, 2, wait_until)
    assert (again.request >> 40, again.value) == (tracer.number, 101)
    assert (upgrade.request, upgrade.name, upgrade.value) == (0x2000000000005, "WEBSOCKET /chat/{room}", 101)
    assert upgrade.end <= rows[0].start


@everywhere
def test_what_the_handler_does_belongs_to_its_message(
    serve: Callable[..., Any], observed: Observed, wait_until: Callable[..., None], parser: str, loop: str
) -> None:
    gates: dict[str, asyncio.Event] = {}
    server = serve(make_app(gates), parser=parser, loop=loop, ws=True)

    async def ask(socket: ClientConnection) -> None:
        await socket.send("2000000000007-abcd wait")
        await asyncio.to_thread(wait_until, lambda: "2000000000007-abcd wait" in gates)
        (begin,) = observed.of(Kind.MESSAGE, Flag.BEGIN)
        assert begin.request == 0x2000000000007
        assert begin.name == "WEBSOCKET /chat/{room}"
        assert observed.of(Kind.MESSAGE) == []
        server.call(gates["2000000000007-abcd wait"].set)
        assert await socket.recv() == "2000000000007-abcd wait"
        await socket.send("2000000000008-abcd")
        await socket.recv()

    talk(server.port, ask)
    message, _ = completed(observed, Kind.MESSAGE, 2, wait_until)

    steps = [row for row in observed.of(Kind.STEP) if row.request == message.request]
    names = {row.name.rsplit(".", 1)[-1] for row in steps}
    assert {"run_asgi", "wait"} <= names, "the children of gather too"
    assert all(message.start <= row.start for row in steps)
    between = [
        row for row in observed.of(Kind.STEP) if message.start < row.start < message.end and "run_asgi" in row.name
    ]
    assert {row.request for row in between} == {message.request}


def test_messages_that_come_together_wait_for_their_handler(
    serve: Callable[..., Any], observed: Observed, wait_until: Callable[..., None]
) -> None:
    gates: dict[str, asyncio.Event] = {}
    server = serve(make_app(gates), ws=True)
    texts = [f"200000000000{number}-abcd {'wait' if number == 1 else ''}" for number in (1, 2, 3)]

    async def ask(socket: ClientConnection) -> None:
        # One write: they arrive while the handler is at none of them.
        protocol, transport = socket.protocol, socket.transport
        for text in texts:
            protocol.send_text(text.encode())
        transport.write(b"".join(protocol.data_to_send()))
        await asyncio.to_thread(wait_until, lambda: len(observed.of(Kind.MESSAGE, Flag.BEGIN)) == 3 and gates)
        server.call(gates[texts[0]].set)
        assert [await socket.recv() for _ in texts] == texts

    talk(server.port, ask)
    first, second, third = completed(observed, Kind.MESSAGE, 3, wait_until)

    assert [row.request for row in (first, second, third)] == [0x2000000000001, 0x2000000000002, 0x2000000000003]
    assert first.end > third.start
    for earlier, later in ((first, second), (second, third)):
        taken = later.start + later.value * TIME_UNIT_NS
        assert earlier.end - TIME_UNIT_NS <= taken <= later.end


def test_a_handler_that_gave_up_waiting_works_for_nobody(
    serve: Callable[..., Any], observed: Observed, wait_until: Callable[..., None]
) -> None:
    server = serve(make_app({}), ws=True)

    async def ask(socket: ClientConnection) -> None:
        upgraded = await asyncio.to_thread(completed, observed, Kind.REQUEST, 1, wait_until)
        idle = upgraded[0].request
        await asyncio.to_thread(wait_until, lambda: sum(row.request == idle for row in observed.of(Kind.STEP)) > 5)
        assert await socket.recv() == "patient"
        await socket.send("2000000000007-abcd")
        assert await socket.recv() == "2000000000007-abcd"

    talk(server.port, ask, "/impatient")
    (message,) = completed(observed, Kind.MESSAGE, 1, wait_until)

    def mine() -> list[Row]:
        """The steps that worked for the message, as far as they have been read."""
        return [row for row in observed.of(Kind.STEP) if "run_asgi" in row.name and row.request == message.request]

    wait_until(mine)
    assert len(mine()) <= 2
    assert all(row.end >= message.start for row in mine())


@everywhere
@pytest.mark.expects_log("Exception in ASGI application")
def test_a_handler_that_ends_ends_its_message(
    serve: Callable[..., Any],
    observed: Observed,
    wait_until: Callable[..., None],
    caplog: pytest.LogCaptureFixture,
    parser: str,
    loop: str,
) -> None:
    port = serve(make_app({}), parser=parser, loop=loop, ws=True).port

    async def fail(socket: ClientConnection) -> None:
        await socket.send("fail")
        with pytest.raises(ConnectionClosed):
            await socket.recv()

    talk(port, fail)
    assert len(completed(observed, Kind.MESSAGE, 1, wait_until)) == 1
    caplog.clear()  # the traceback in it holds all that the server had, its rings too


@everywhere
def test_an_upgrade_that_is_refused_says_so(
    serve: Callable[..., Any], observed: Observed, wait_until: Callable[..., None], parser: str, loop: str
) -> None:
    port = serve(make_app({}), parser=parser, loop=loop, ws=True).port

    async def nothing(socket: ClientConnection) -> None:
        raise AssertionError("accepted")

    for path in ("/refused", "/nowhere", "/refused"):
        with pytest.raises(InvalidStatus):
            talk(port, nothing, path)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    headers = {"connection": "upgrade", "upgrade": "websocket", "sec-websocket-version": "7"}
    connection.request("GET", "/chat/1", headers=headers)
    status = connection.getresponse().status
    connection.close()

    rows = completed(observed, Kind.REQUEST, 4, wait_until)
    assert [(row.name, row.value) for row in rows] == [
        ("WEBSOCKET /refused", 403),
        ("WEBSOCKET other", 403),
        ("WEBSOCKET /refused", 403),
        ("WEBSOCKET other", status),
    ]
    assert status >= 400
    (begin,) = observed.of(Kind.REQUEST, Flag.BEGIN)
    assert (begin.request, begin.name) == (rows[2].request, "WEBSOCKET /refused"), "known beforehand the second time"
    assert observed.of(Kind.MESSAGE) == []


@everywhere
def test_every_event_of_a_stream_is_a_push_of_its_request(
    serve: Callable[..., Any], observed: Observed, wait_until: Callable[..., None], parser: str, loop: str
) -> None:
    app = FastAPI()

    async def events() -> Any:
        yield b"data: 1\nid: 1\n\n"
        await asyncio.sleep(0)
        yield b": still there\n\n"
        yield b"event: x\ndata: 2\n\n"

    async def lines() -> Any:
        yield b"data: 1\n\n"

    @app.get("/events")
    async def stream() -> StreamingResponse:
        return StreamingResponse(events(), media_type="text/event-stream")

    @app.get("/plain")
    async def plain() -> StreamingResponse:
        return StreamingResponse(lines(), media_type="text/plain")

    port = serve(app, parser=parser, loop=loop).port
    for path in ("/events", "/plain", "/events"):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", path)
        assert b"data: 1" in connection.getresponse().read()
        connection.close()
    first, plain_one, last = completed(observed, Kind.REQUEST, 3, wait_until)

    pushes = observed.of(Kind.PUSH)
    assert [(row.request, row.value, row.name) for row in pushes] == [
        (first.request, 1, "GET /events"),
        (first.request, 2, "GET /events"),
        (last.request, 1, "GET /events"),
        (last.request, 2, "GET /events"),
    ]
    assert plain_one.value == 200
    for push in pushes:
        assert (push.track, push.depth) == ("loop server", 1)
        inside = [row for row in observed.of(Kind.STEP) if row.start <= push.start and push.end <= row.end]
        assert [row.request for row in inside] == [push.request], "in the step that wrote it"
