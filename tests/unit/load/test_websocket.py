"""A WebSocket connection of the load without a network: however the bytes are cut, the same messages come out."""

import asyncio
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode
from websockets.http11 import Request as Handshake
from websockets.server import ServerProtocol

from explorer.load.request import Request
from explorer.load.routes import Route
from explorer.load.websocket import WebSocketConnection
from tests.unit.load.test_event_stream import PLACES, cut


class Wire:
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        self.written = bytearray()
        self.closed = False

    def write(self, data: bytes) -> None:
        self.written += data

    def close(self) -> None:
        self.closed = True

    abort = close

    def get_write_buffer_size(self) -> int:
        return 0

    def take(self) -> bytes:
        data, self.written = bytes(self.written), bytearray()
        return data


class Pool:
    """A pool and its client at once, which note what they are told."""

    message_bytes = 100

    def __init__(self) -> None:
        self.client = self
        self.loop = self
        self.said: list[tuple[Any, ...]] = []
        self.parting: set[object] = set()

    def call_later(self, seconds: float, callback: Any) -> "Pool":
        return self

    def cancel(self) -> None:
        return

    def connected(self, request: Request, started: int) -> None:
        self.said.append(("connected", request.number, started))

    def sent(self, request: Request) -> None:
        """The service begins: of no interest here."""

    def received(self, events: int) -> None:
        self.said.append(("received",))

    def answered(self, connection: object, request: Request, status: int, keep_alive: bool) -> None:
        self.said.append(("answered", request.number, status))

    def lost(self, connection: object, request: Request | None, sentence: str, *, stale: bool) -> None:
        self.said.append(("lost", request and request.number, sentence, stale))


def opened() -> tuple[WebSocketConnection, Wire, Pool, ServerProtocol]:
    """A connection after its handshake, with the first message under way."""
    pool, wire, server = Pool(), Wire(), ServerProtocol()
    connection = WebSocketConnection(cast(Any, pool), "websocket /job")
    connection.connection_made(cast(asyncio.Transport, wire))
    route = Route("/job", "127.0.0.1", 80, "70ken", speaks="websocket")
    connection.begin(Request(0xA1, route, 0, None), 5)
    server.receive_data(wire.take())
    (handshake,) = server.events_received()
    assert isinstance(handshake, Handshake)
    assert handshake.path == "/job"
    assert handshake.headers["x-explorer-request"] == "a1-70ken"
    server.send_response(server.accept(handshake))
    connection.data_received(b"".join(server.data_to_send()))
    assert pool.said.pop(0) == ("connected", 0xA1, 5)
    server.receive_data(wire.take())
    (message,) = server.events_received()
    assert isinstance(message, Frame)
    assert bytes(message.data) == b"a1-70ken " + (b"abcdefghijklmnopqrstuvwxyz" * 4)[: 100 - 9]
    return connection, wire, pool, server


def frames(opcode: Opcode, data: bytes, places: list[int], pings: bool) -> bytes:
    """A message in as many fragments as there are pieces, with pings between them."""
    pieces = cut(data, places)
    found = bytearray()
    for number, piece in enumerate(pieces):
        frame = Frame(Opcode.CONT if number else opcode, piece, number == len(pieces) - 1)
        found += frame.serialize(mask=False)
        if pings:
            found += Frame(Opcode.PING, b"%d" % number).serialize(mask=False)
    return bytes(found)


OTHERS = st.lists(st.binary(max_size=300), max_size=4)


@given(OTHERS, OTHERS, st.booleans(), st.booleans(), PLACES, PLACES)
def test_the_answer_is_found_among_what_others_say_however_all_is_cut(
    before: list[bytes], after: list[bytes], text: bool, pings: bool, fragments: list[int], places: list[int]
) -> None:
    connection, wire, pool, server = opened()
    answer = b"a1-70ken and more" + b"x" * 70_000
    stream = b"".join(frames(Opcode.BINARY, other, fragments[:3], pings) for other in before)
    stream += frames(Opcode.TEXT if text else Opcode.BINARY, answer, fragments, pings)
    stream += b"".join(frames(Opcode.BINARY, other, [], pings) for other in after)
    for piece in cut(stream, places):
        if piece:
            connection.data_received(piece)
    assert pool.said == [("received",)] * len(before) + [("answered", 0xA1, 101)] + [("received",)] * len(after)
    assert connection.usable
    server.receive_data(wire.take())
    pongs = [event for event in server.events_received() if isinstance(event, Frame)]
    assert all(pong.opcode is Opcode.PONG for pong in pongs)
    assert bool(pongs) == pings


@given(PLACES)
def test_an_answer_with_a_close_right_behind_it_is_an_answer(places: list[int]) -> None:
    connection, wire, pool, server = opened()
    server.send_text(b"a1-70ken")
    server.send_close(1012)
    for piece in cut(b"".join(server.data_to_send()), places):
        if piece:
            connection.data_received(piece)
    assert pool.said == [("answered", 0xA1, 101), ("lost", None, "connection closed before the answer", True)]
    assert not connection.usable
    assert connection in pool.parting
    server.receive_data(wire.take())  # our half of the closing handshake
    assert server.close_rcvd is not None
    assert server.close_rcvd.code == 1012
    connection.connection_lost(None)
    assert not pool.parting


def test_what_comes_after_the_handshake_in_the_same_bytes_is_read() -> None:
    pool, wire, server = Pool(), Wire(), ServerProtocol()
    connection = WebSocketConnection(cast(Any, pool), "websocket /job")
    connection.connection_made(cast(asyncio.Transport, wire))
    route = Route("/job", "127.0.0.1", 80, "70ken", speaks="websocket")
    connection.begin(Request(1, route, 0, None), 5)
    server.receive_data(wire.take())
    (handshake,) = server.events_received()
    assert isinstance(handshake, Handshake)
    server.send_response(server.accept(handshake))
    server.send_text(b"welcome")
    connection.data_received(b"".join(server.data_to_send()))
    assert pool.said == [("connected", 1, 5), ("received",)]
