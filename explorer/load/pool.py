"""Connections, at most so many at once, and the requests that wait for one.

The requests of a rate or a burst share one pool. Each user has a pool of its own with room for one connection: a
hundred users are a hundred connections. Which request goes first is decided by the order of asking; the connection
used last is used next, so that spare ones grow old and are closed by the server.
"""

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from explorer.load import failures
from explorer.load.connection import Connection
from explorer.load.request import Request

if TYPE_CHECKING:
    from explorer.load.client import Client


class Pool:
    """Sends requests over at most `limit` connections; the rest wait in the client, and their waiting counts."""

    __slots__ = ("_client", "_closed", "_free", "_open", "_opening", "_waiting", "limit")

    def __init__(self, client: "Client", limit: int) -> None:
        """An empty pool: connections are opened when they are needed."""
        self._client = client
        self.limit = limit
        self._free: list[Connection] = []
        self._open: set[Connection] = set()
        self._opening: dict[asyncio.Task[None], Request] = {}
        self._waiting: deque[Request] = deque()
        self._closed = False

    def submit(self, request: Request) -> None:
        """Send `request` over a free connection, over a new one, or later."""
        free = self._free
        while free:
            connection = free.pop()
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
        for connection in self._open:
            connection.retire()
        self._open.clear()

    def drop(self, request: Request) -> None:
        """Let go of a request that has ended otherwise (timed out): close what carries it."""
        connection, request.connection = request.connection, None
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
        client = self._client
        if keep_alive and client.keep_alive and not self._closed and len(self._open) <= self.limit:
            self._free.append(connection)
            if self._waiting:
                self._serve_waiting()
        else:
            connection.retire()
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
            self._client.retried()
            self._queue_or_open(request)
        else:
            self._client.failed(request, sentence)

    def _queue_or_open(self, request: Request) -> None:
        if len(self._open) + len(self._opening) < self.limit:
            task = self._client.loop.create_task(self._connect(request))
            self._opening[task] = request
            task.add_done_callback(self._opening_done)
        else:
            self._waiting.append(request)

    async def _connect(self, request: Request) -> None:
        client = self._client
        started = client.clock()
        try:
            _, connection = await client.loop.create_connection(lambda: Connection(self), client.host, client.port)
        except OSError as error:
            client.failed(request, failures.of_connecting(error))
            return
        if self._closed or not connection.usable:
            connection.retire()
            client.failed(request, failures.NO_ANSWER)
            return
        self._open.add(connection)
        client.connected(request, started)
        self._send(connection, request)

    def _opening_done(self, task: asyncio.Task[None]) -> None:
        del self._opening[task]
        self._serve_waiting()

    def _send(self, connection: Connection, request: Request) -> None:
        request.connection = connection
        client = self._client
        connection.send(request, request.route.bytes(request.number, client.keep_alive))
        client.sent(request)

    def _gone(self, connection: Connection) -> None:
        self._open.discard(connection)
        self._serve_waiting()

    def _serve_waiting(self) -> None:
        """Give waiting requests what has become free: a connection, or room for a new one."""
        waiting = self._waiting
        while waiting and not self._closed:
            if waiting[0].over:
                waiting.popleft()
            elif self._free or len(self._open) + len(self._opening) < self.limit:
                self.submit(waiting.popleft())
            else:
                return
