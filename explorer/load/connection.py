"""One connection to the server: writes a request, parses its answer, tells the pool how it ended.

No task, no future, no queue: asyncio calls the protocol, httptools calls `on_message_complete`, the pool sends the
next request at once. That is what makes tens of thousands of requests a second possible on one core. A connection
carries one request at a time, and one parser reads all its answers.
"""

import asyncio
from typing import TYPE_CHECKING, cast

import httptools

from explorer.load import failures
from explorer.load.request import Request

if TYPE_CHECKING:
    from explorer.load.pool import Pool


class Connection(asyncio.Protocol):
    """A connection of a pool. `usable`: it can take a request; `answers`: how many it has brought."""

    __slots__ = (
        "_complete", "_head", "_keep_alive", "_parser", "_pool", "_status", "_transport", "answers", "request", "usable"
    )  # fmt: skip

    def __init__(self, pool: "Pool") -> None:
        """A connection that is being opened for `pool`."""
        self._pool = pool
        self.request: Request | None = None
        self.answers = 0
        self.usable = False
        self._complete = False
        self._keep_alive = False
        self._status = 0
        self._head = b""  # the first bytes of the present answer
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None

    # What the pool asks for

    def send(self, request: Request, data: bytes) -> None:
        """Write a request; the connection must be usable and without one."""
        self.request = request
        self._head = b""
        cast(asyncio.Transport, self._transport).write(data)

    def retire(self) -> None:
        """Close; nothing more is told to the pool. Bytes under way are thrown away."""
        self.usable = False
        self.request = None
        if self._transport is not None:
            self._transport.abort()

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection stands."""
        self._transport = cast(asyncio.Transport, transport)
        self.usable = True

    def data_received(self, data: bytes) -> None:
        """Bytes of the answer."""
        request = self.request
        if request is None:  # nobody asked: what comes after cannot be told apart from the next answer
            self.retire()
            self._pool.lost(self, None, "", stale=False)
            return
        if not self._head:
            self._head = data
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self.retire()
            self._pool.lost(self, request, failures.NOT_HTTP, stale=False)
            return
        if self._complete:
            self._complete = False
            self.answers += 1
            self.request = None
            self._pool.answered(self, request, self._status, self._keep_alive)

    def eof_received(self) -> None:
        """The server closes; asyncio closes our side in return."""
        self.usable = False

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone, for whatever reason."""
        self.usable = False
        request, self.request = self.request, None
        if request is not None and exc is None and self._ends_here():
            self._pool.answered(self, request, self._parser.get_status_code(), False)
        elif request is not None:
            begun = bool(self._head)
            self._pool.lost(self, request, failures.of_loss(exc, begun), stale=self.answers > 0 and not begun)
        else:
            self._pool.lost(self, None, "", stale=False)
        self._transport = None

    # What httptools calls

    def on_message_complete(self) -> None:
        """An answer is whole; a provisional one (100 Continue, 103 Early Hints) does not count."""
        parser = self._parser
        self._status = status = parser.get_status_code()
        self._complete = status >= 200
        self._keep_alive = parser.should_keep_alive()  # known here only: the parser forgets with the message

    def _ends_here(self) -> bool:
        """Whether the answer has neither a length nor chunks, so that the end of the connection is its end."""
        head, found, _ = self._head.partition(b"\r\n\r\n")
        head = head.lower()
        return bool(found) and b"\r\ncontent-length:" not in head and b"\r\ntransfer-encoding:" not in head
