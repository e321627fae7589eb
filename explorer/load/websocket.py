"""WebSocket (RFC 6455): each message is a request, the message that begins with the same word is its answer.

Frames, masks and the closing handshake are those of the `websockets` package, of which only the half without input
and output is used: at 3 µs a message it costs less than the rest of a request. No extension is offered, so that sizes
on the wire are those of the messages.

A message of the load is text: the request's number and the run's token, as in the header of an HTTP request, a space,
and filling. The first word tells the server which request it is, and tells the answer from what others have said. A
connection that was lost between two messages is opened anew, like one of HTTP.
"""

import asyncio
from typing import TYPE_CHECKING, Final, cast

from websockets.client import ClientProtocol
from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Response
from websockets.protocol import State
from websockets.uri import parse_uri

from explorer.load import failures
from explorer.load.connection import Connection
from explorer.load.request import Request
from explorer.load.routes import REQUEST_HEADER

if TYPE_CHECKING:
    from explorer.load.pool import Pool

SWITCHED: Final = 101
"""The status of a message that was answered: there is no other than that of the handshake."""
CLOSE_WITHIN_S: Final = 1.0
"""So long the server may take for its half of the closing handshake."""
PASSING: Final = frozenset(
    (CloseCode.NORMAL_CLOSURE, CloseCode.GOING_AWAY, CloseCode.NO_STATUS_RCVD, CloseCode.SERVICE_RESTART)
)
"""Codes of a server that goes or restarts, not of one that complains: what was asked may be asked again."""


class WebSocketConnection(Connection):
    """A connection that carries messages of one path."""

    __slots__ = ("_limit", "_midway", "_parts", "_protocol", "_started", "_text", "_word")

    def __init__(self, pool: "Pool", kind: str) -> None:
        """A connection that is being opened for `pool`."""
        super().__init__(pool, kind)
        self._protocol: ClientProtocol | None = None
        self._started = 0
        self._word = b""  # with which the answer begins
        self._text = False  # the message that comes in is one of text
        self._parts: list[bytes] = []  # what has come of it
        self._midway = False  # bytes have come that are no whole frame
        self._limit: asyncio.TimerHandle | None = None  # of the server's half of the closing handshake

    # What the pool asks for

    def begin(self, request: Request, started: int) -> None:
        """Ask for the switch to WebSocket; the request's message follows when the server has agreed."""
        self.request = request
        self._started = started
        route = request.route
        # A server may answer with more than it was sent: the size of what comes is not limited.
        self._protocol = protocol = ClientProtocol(parse_uri(f"ws://{route.authority}{route.path}"), max_size=None)
        handshake = protocol.connect()
        handshake.headers.update(route.headers)
        handshake.headers[REQUEST_HEADER] = route.word(request.number).decode()
        protocol.send_request(handshake)
        self._flush(protocol)

    def send(self, request: Request) -> None:
        """Write a message; the connection must be usable and without a request."""
        self.request = request
        self._midway = False
        self._word = word = request.route.word(request.number)
        protocol = cast(ClientProtocol, self._protocol)
        protocol.send_text(word + request.route.filling(self._pool.client.message_bytes - len(word)))
        self._flush(protocol)

    def leave(self) -> None:
        """Close with the closing handshake; the server has `CLOSE_WITHIN_S` for its half."""
        protocol = self._protocol
        if protocol is None or protocol.state is not State.OPEN:
            self.retire()
            return
        protocol.send_close(CloseCode.NORMAL_CLOSURE)
        self._flush(protocol)
        self._await_end()

    def retire(self) -> None:
        """Close at once. The server is told so, unless what was written before has not gone out yet."""
        self._forget()
        protocol, transport = self._protocol, self._transport
        if transport is None:
            return
        if protocol is None or protocol.state is State.CONNECTING or transport.get_write_buffer_size():
            transport.abort()
            return
        if protocol.state is State.OPEN:
            protocol.send_close(CloseCode.GOING_AWAY)
            self._flush(protocol)
        transport.close()

    # What asyncio calls

    def data_received(self, data: bytes) -> None:
        """Bytes of the answer to the handshake, of messages, or of the closing handshake."""
        protocol = self._protocol
        if protocol is None:  # nobody asked
            self._end(failures.NOT_HTTP)
            return
        protocol.receive_data(data)
        self._flush(protocol)  # pongs, the answer to a close
        # Known before the messages are looked at: behind an answer there may be a close already.
        self.usable = protocol.state is State.OPEN
        events = protocol.events_received()
        self._midway = not events
        for event in events:
            if isinstance(event, Frame):
                self._take_frame(protocol, event)
            elif isinstance(event, Response):
                self._take_answer(protocol, event)
        if protocol.parser_exc is not None:
            self._closed(failures.NOT_WEBSOCKET, stale=False)
        elif protocol.handshake_exc is not None and self.request is not None:
            self._end(failures.NOT_HTTP)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone, for whatever reason."""
        request, begun = self.request, bool(self._parts) or self._midway
        self._forget()
        self._transport = None
        self._pool.lost(self, request, failures.of_loss(exc, begun), stale=self.answers > 0 and not begun)

    # What the protocol brings

    def _take_answer(self, protocol: ClientProtocol, response: Response) -> None:
        """The server has agreed to the handshake or not."""
        request = self.request
        if request is None:
            return
        if protocol.state is State.OPEN:
            self._pool.client.connected(request, self._started)
            self.send(request)
            self._pool.client.sent(request)  # what was written before was the handshake, a part of connecting
        elif response.status_code >= 400:
            self.retire()
            self._pool.answered(self, request, response.status_code, False)
        else:
            self._end(failures.NO_SWITCH)

    def _take_frame(self, protocol: ClientProtocol, frame: Frame) -> None:
        opcode = frame.opcode
        if opcode is Opcode.CLOSE:
            code = protocol.close_rcvd.code if protocol.close_rcvd is not None else CloseCode.NO_STATUS_RCVD
            passing = code in PASSING
            sentence = failures.NO_ANSWER if passing else failures.of_close(code)
            self._closed(sentence, stale=passing and self.answers > 0)
            return
        if opcode is Opcode.PING or opcode is Opcode.PONG:
            return
        data = cast(bytes, frame.data)
        if opcode is not Opcode.CONT:
            self._text = opcode is Opcode.TEXT
        if self._parts or not frame.fin:
            self._parts.append(data)
            if not frame.fin:
                return
            data = b"".join(self._parts)
            self._parts.clear()
        self._take_message(protocol, data)

    def _take_message(self, protocol: ClientProtocol, data: bytes) -> None:
        if self._text:
            try:
                data.decode()
            except UnicodeDecodeError:
                protocol.fail(CloseCode.INVALID_DATA)
                self._flush(protocol)
                self._closed(failures.NOT_WEBSOCKET, stale=False)
                return
        request = self.request
        if request is not None and data.startswith(self._word):
            self.request = None
            self.answers += 1
            self._pool.answered(self, request, SWITCHED, True)
        else:
            self._pool.client.received(1)

    # Ends

    def _closed(self, sentence: str, *, stale: bool) -> None:
        """Nothing more will be heard from the server but the end of the connection."""
        if self._limit is None:  # if not, we said so first
            request = self.request
            self._await_end()
            self._pool.lost(self, request, sentence, stale=stale)

    def _end(self, sentence: str) -> None:
        """The connection is of no use."""
        request = self.request
        self.retire()
        self._pool.lost(self, request, sentence, stale=False)

    def _await_end(self) -> None:
        """A close frame was sent; the server closes the connection, or else we do."""
        self._forget()
        client = self._pool.client
        client.parting.add(self)
        self._limit = client.loop.call_later(CLOSE_WITHIN_S, self.retire)

    def _forget(self) -> None:
        self.usable = False
        self.request = None
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None
            self._pool.client.parting.discard(self)

    def _flush(self, protocol: ClientProtocol) -> None:
        data = b"".join(protocol.data_to_send())
        if data and self._transport is not None:
            self._transport.write(data)
