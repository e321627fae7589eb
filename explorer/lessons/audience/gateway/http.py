"""A small HTTP/1.1 server that trusts nobody: bounded heads, bodies, connections and times; every answer is at once.

h11 parses, since it is strict. A handler answers a whole request with a `Response`; one with `stream` goes on for as
long as the phone listens, and gets its bytes through a `Stream`. What is no HTTP, too long or too slow is cut off
without a word. Nothing is logged.
"""

import asyncio
import socket
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import h11

MOST_HEAD: Final = 8_192
MOST_BODY: Final = 1_024
MOST_UNSENT: Final = 256 * 1_024
"""Bytes that may wait for a phone that reads slowly: more than the whole page."""
WHOLE_S: Final = 5.0
"""From its first moment a request has this long to be here as a whole; an answer has as long to be read."""
IDLE_S: Final = 20.0
"""A connection may rest for this long between two requests."""
GONE_MS: Final = 10_000
"""So long what was sent may be without the other system's word that it has come."""
SWEEP_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class Request:
    """A whole request. `address` is whose it is."""

    method: str
    path: str
    query: str
    body: bytes
    address: str


@dataclass(frozen=True, slots=True)
class Response:
    """An answer. `stream` is called with where further bytes go; then `body` is only the beginning."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    stream: "Callable[[Stream], None] | None" = None


NOTHING: Final = Response(404)
"""What there is to say to everybody who is not of the room."""

Handler = Callable[[Request], Response]


class Stream:
    """Where the bytes of an answer go that does not end. `ended` is called once, by whichever side ended it."""

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self.ended: Callable[[], None] = lambda: None

    def send(self, data: bytes) -> None:
        """Send; whoever does not read is cut off."""
        self._connection.push(data)

    def close(self) -> None:
        """This was all."""
        self._connection.finish()


class Connections:
    """The connections there are: at most `most`, and at most `most_each` of one address. Cuts off what is too slow."""

    def __init__(self, handler: Handler, most: int, most_each: int) -> None:
        self.handler = handler
        self._most, self._most_each = most, most_each
        self._open: set[Connection] = set()
        self._each: Counter[str] = Counter()
        self._loop = asyncio.get_running_loop()
        self._sweeping = self._loop.call_later(SWEEP_S, self._sweep)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._open)

    def make(self) -> "Connection":
        """For asyncio: the protocol of a connection that was just accepted."""
        return Connection(self)

    def enter(self, connection: "Connection") -> bool:
        """Whether there is room for one more; `leave` must follow if so."""
        if len(self._open) >= self._most or self._each[connection.address] >= self._most_each:
            return False
        self._open.add(connection)
        self._each[connection.address] += 1
        return True

    def leave(self, connection: "Connection") -> None:
        """It is gone."""
        self._open.discard(connection)
        self._each[connection.address] -= 1
        if self._each[connection.address] <= 0:
            del self._each[connection.address]

    def close(self) -> None:
        """Cut off all."""
        self._sweeping.cancel()
        for connection in list(self._open):
            connection.abort()

    def _sweep(self) -> None:
        now = self._loop.time()
        for connection in list(self._open):
            if connection.due < now:
                connection.abort()
        self._sweeping = self._loop.call_later(SWEEP_S, self._sweep)


class Connection(asyncio.Protocol):
    """One connection. `due` is when (s of the loop's clock) it is cut off unless something happens."""

    def __init__(self, all_: Connections) -> None:
        self._all = all_
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=MOST_HEAD)
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._head: h11.Request | None = None
        self._body = b""
        self._stream: Stream | None = None
        self._inside = self._resting = False
        self.address = ""
        self.due = self._loop.time() + WHOLE_S

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody is there."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        name = transport.get_extra_info("peername")
        self.address = str(name[0]) if name else ""
        self._inside = self._all.enter(self)
        if not self._inside:
            transport.abort()
            return
        if hasattr(socket, "TCP_USER_TIMEOUT"):  # a phone that has left the room says nothing of it
            options = transport.get_extra_info("socket")
            options.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, GONE_MS)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is there any more."""
        self._transport = None
        if self._inside:
            self._all.leave(self)
        self._end_stream()

    def data_received(self, data: bytes) -> None:
        """Some of a request, or of several."""
        if self._stream is not None:  # there is nothing to say while one listens
            self.abort()
            return
        if self._resting:  # from its first byte on, and no longer with the next ones
            self._resting, self.due = False, self._loop.time() + WHOLE_S
        try:
            self._http.receive_data(data)
            while self._take():
                continue
        except h11.RemoteProtocolError:
            self.abort()

    def resume_writing(self) -> None:
        """What was waiting has been read."""
        self._rest()

    # What the rest of the gateway asks for

    def push(self, data: bytes) -> None:
        """Send bytes of a stream, in a chunk of their own."""
        transport = self._transport
        if transport is None or self._stream is None:
            return
        if transport.get_write_buffer_size() > MOST_UNSENT:
            self.abort()
            return
        transport.write(self._http.send(h11.Data(data=data)) or b"")

    def finish(self) -> None:
        """End a stream as its reader expects it, and then the connection."""
        if self._transport is not None and self._stream is not None:
            self._transport.write(self._http.send(h11.EndOfMessage()) or b"")
            self._transport.close()
            self.due = self._loop.time() + WHOLE_S
        self._end_stream()

    def abort(self) -> None:
        """Cut off."""
        if self._transport is not None:
            self._transport.abort()

    def _end_stream(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.ended()

    def _take(self) -> bool:
        """Take in what has been parsed next; whether there may be more."""
        if self._transport is None:
            return False
        event = self._http.next_event()
        if event is h11.NEED_DATA or event is h11.PAUSED or isinstance(event, h11.ConnectionClosed):
            if isinstance(event, h11.ConnectionClosed):
                self.abort()
            return False
        if isinstance(event, h11.Request):
            self._head, self._body = event, b""
        elif isinstance(event, h11.Data):
            self._body += bytes(event.data)
            if len(self._body) > MOST_BODY:
                self.abort()
                return False
        elif isinstance(event, h11.EndOfMessage) and self._head is not None:
            return self._answer(self._head)
        return True

    def _answer(self, head: h11.Request) -> bool:
        path, _, query = head.target.decode("latin-1").partition("?")
        request = Request(head.method.decode("latin-1"), path, query, self._body, self.address)
        response = self._all.handler(request)
        stays = response.stream is not None
        headers = dict(response.headers) | ({} if stays else {"content-length": str(len(response.body))})
        if not stays and response.status == NOTHING.status:
            headers["connection"] = "close"  # who is not of the room is not to stay
        told = h11.Response(status_code=response.status, headers=list(headers.items()))
        data = self._http.send(told) or b""
        if response.body:
            data += self._http.send(h11.Data(data=response.body)) or b""
        if not stays:
            data += self._http.send(h11.EndOfMessage()) or b""
        assert self._transport is not None
        self._transport.write(data)
        if self._transport.get_write_buffer_size() > MOST_UNSENT:  # who asks and asks and never reads
            self.abort()
            return False
        if response.stream is not None:
            self._begin_stream(response.stream)
            return False
        return self._go_on()

    def _begin_stream(self, begin: Callable[[Stream], None]) -> None:
        self._stream = stream = Stream(self)
        self.due = float("inf")
        begin(stream)

    def _go_on(self) -> bool:
        """After an answer: wait for the next request, or for the end."""
        self._head = None
        if self._http.our_state is h11.DONE and self._http.their_state is h11.DONE:
            self._http.start_next_cycle()
            self._rest()
            return True
        assert self._transport is not None
        self._transport.close()
        self.due = self._loop.time() + WHOLE_S
        return False

    def _rest(self) -> None:
        if self._stream is None and self._transport is not None:
            unread = self._transport.get_write_buffer_size()
            self._resting = True
            self.due = self._loop.time() + (WHOLE_S if unread else IDLE_S)
