"""Connections, at most so many at once, and the requests that wait for one.

The requests of a rate or a burst share one pool. Each user has a pool of its own: a hundred users are a hundred
connections, or more if they speak several ways, since a connection takes only requests of its kind. Where the limit
leaves no room a spare one of another kind makes way. Which request goes first is decided by the order of asking; the
connection used last is used next, so that spare ones grow old and are closed by the server.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from explorer.load import failures
from explorer.load.connection import Connection
from explorer.load.event_source import EventSource, Stream
from explorer.load.http import HttpConnection
from explorer.load.request import Request
from explorer.load.websocket import WebSocketConnection

if TYPE_CHECKING:
    from explorer.load.client import Client


SPEAKERS: Final[Mapping[str, type[Connection]]] = {
    "http": HttpConnection,
    "sse": EventSource,
    "websocket": WebSocketConnection,
}
"""By what a route speaks."""


class Pool:
    """Sends requests over at most `limit` connections; the rest wait in the client, and their waiting counts."""

    __slots__ = ("_closed", "_free", "_open", "_opening", "_waiting", "client", "limit")

    def __init__(self, client: "Client", limit: int) -> None:
        """An empty pool: connections are opened when they are needed."""
        self.client = client
        self.limit = limit
        # By kind, the one used last at the end. Any of thousands may be closed by the server while it lies there.
        self._free: dict[str, OrderedDict[Connection, None]] = {}
        self._open: set[Connection] = set()
        self._opening: dict[asyncio.Task[None], Request] = {}
        self._waiting: deque[Request] = deque()
        self._closed = False

    def submit(self, request: Request) -> None:
        """Send `request` over a free connection, over a new one, or later."""
        free = self._free.get(request.route.kind)
        while free:
            connection, _ = free.popitem()
            if connection.usable:
                self._send(connection, request)
                return
        self._queue_or_open(request)

    def waiting(self) -> list[Request]:
        """The requests that wait for a connection."""
        return [request for request in self._waiting if not request.over]

    def resize(self, limit: int) -> None:
        """Allow more or fewer connections. Surplus ones are closed when their request is answered."""
        self.limit = limit
        self._serve_waiting()

    def close(self) -> None:
        """Close all connections. Requests under way hear nothing more: end them first."""
        self._closed = True
        self._waiting.clear()
        self._free.clear()
        for task in self._opening:
            task.cancel()
        carrying = [connection for connection in self._open if connection.request is not None]
        for connection in carrying:
            connection.retire()
        for connection in self._open.difference(carrying):
            connection.leave()
        self._open.clear()

    def drop(self, request: Request) -> None:
        """Let go of a request that has ended otherwise (timed out): close what carries it."""
        connection, request.connection = request.connection, None
        if request.stream is not None:
            request.stream.cancel()
        if connection is not None:
            connection.retire()
            self._gone(connection)
        else:
            for task, carried in self._opening.items():
                if carried is request:
                    task.cancel()
        # One that waits stays in the queue, marked `over`, and is passed by when its turn comes.

    # What a connection tells

    def answered(self, connection: Connection, request: Request, status: int, keep_alive: bool) -> None:
        """`connection` has brought the whole answer."""
        request.connection = None
        client = self.client
        if keep_alive and client.keep_alive and not self._closed and len(self._open) <= self.limit:
            free = self._free.get(connection.kind)
            if free is None:
                free = self._free[connection.kind] = OrderedDict()
            free[connection] = None
            if self._waiting:
                self._serve_waiting()
        else:
            connection.leave()
            self._gone(connection)
        client.answered(request, status)

    def lost(self, connection: Connection, request: Request | None, sentence: str, *, stale: bool) -> None:
        """`connection` is gone; `request` is what it carried. `stale`: it was reused and closed before any answer."""
        self._gone(connection)
        if request is None or request.over:
            return
        request.connection = None
        if stale and not request.again and not self._closed:
            # The server closed an idle connection while the request was under way to it. Every client asks again.
            request.again = True
            self.client.retried()
            self._queue_or_open(request)
        else:
            self.client.failed(request, sentence)

    def resume(self, connection: Connection | None, request: Request, stream: Stream) -> None:
        """`connection` is gone in the middle of a stream of events, or none could be opened to take it up again."""
        if connection is not None:
            self._gone(connection)
        request.connection = None
        if not request.over and not self._closed:
            stream.later(self.client.loop, lambda: self.submit(request))

    def _queue_or_open(self, request: Request) -> None:
        if len(self._open) + len(self._opening) < self.limit or self._make_room():
            task = self.client.loop.create_task(self._connect(request))
            self._opening[task] = request
            task.add_done_callback(self._opening_done)
        else:
            request.waited = True
            self._waiting.append(request)

    async def _connect(self, request: Request) -> None:
        client = self.client
        started = client.clock()
        kind, speaker = request.route.kind, SPEAKERS[request.route.speaks]
        try:
            _, connection = await client.loop.create_connection(lambda: speaker(self, kind), client.host, client.port)
        except OSError as error:
            self._not_opened(request, failures.of_connecting(error))
            return
        if self._closed or not connection.usable:
            connection.retire()
            self._not_opened(request, failures.NO_ANSWER)
            return
        self._open.add(connection)
        request.connection = connection
        connection.begin(request, started)
        client.sent(request)

    def _not_opened(self, request: Request, sentence: str) -> None:
        """There is no connection for `request`, which has failed unless it is a stream that has begun."""
        stream = request.stream
        if stream is not None and stream.begun:
            self.resume(None, request, stream)
        else:
            self.client.failed(request, sentence)

    def _opening_done(self, task: asyncio.Task[None]) -> None:
        del self._opening[task]
        self._serve_waiting()

    def _send(self, connection: Connection, request: Request) -> None:
        request.connection = connection
        connection.send(request)
        self.client.sent(request)

    def _gone(self, connection: Connection) -> None:
        self._open.discard(connection)
        free = self._free.get(connection.kind)
        if free is not None:
            free.pop(connection, None)
        self._serve_waiting()

    def _serve_waiting(self) -> None:
        """Give waiting requests what has become free: a connection, or room for a new one."""
        waiting = self._waiting
        while waiting and not self._closed:
            if waiting[0].over:
                waiting.popleft()
            elif len(self._open) + len(self._opening) < self.limit or any(self._free.values()):
                self.submit(waiting.popleft())
            else:
                return

    def _make_room(self) -> bool:
        """Let a spare connection go, the one of its kind that was unused for the longest; False if all are busy."""
        for free in self._free.values():
            if free:
                connection, _ = free.popitem(last=False)
                self._open.discard(connection)
                connection.leave()
                return True
        return False
