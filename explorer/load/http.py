"""HTTP: writes a request, parses its answer with httptools. One parser reads all answers of a connection."""

from typing import TYPE_CHECKING

import httptools

from explorer.load import failures
from explorer.load.connection import Connection
from explorer.load.refusal import MOST_BYTES, Refusal
from explorer.load.request import Request

if TYPE_CHECKING:
    from explorer.load.pool import Pool


class HttpConnection(Connection):
    """A connection that brings one answer after the other."""

    __slots__ = ("_complete", "_head", "_keep_alive", "_parser", "_status")

    def __init__(self, pool: "Pool", kind: str) -> None:
        """A connection that is being opened for `pool`."""
        super().__init__(pool, kind)
        self._complete = False
        self._keep_alive = False
        self._status = 0
        self._head = b""  # the first bytes of the present answer
        self._parser = httptools.HttpResponseParser(self)

    def send(self, request: Request) -> None:
        """Write a request; the connection must be usable and without one."""
        self.request = request
        self._head = b""
        data = request.route.request(request.number, self._pool.client.keep_alive)
        self._transport.write(data)  # type: ignore[union-attr]  # it is usable

    # What asyncio calls

    def data_received(self, data: bytes) -> None:
        """Bytes of the answer."""
        request = self.request
        if request is None:  # nobody asked: what comes after cannot be told apart from the next answer
            self.retire()
            self._pool.lost(self, None, "", stale=False)
            return
        if not self._head:
            self._head = data
        elif self._pool.client.refusal is None and len(self._head) <= MOST_BYTES:
            self._head += data
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self.retire()
            self._pool.lost(self, request, self._misfit(), stale=False)
            return
        if self._complete:
            self._complete = False
            self.answers += 1
            self.request = None
            if self._status >= 400 and self._pool.client.refusal is None:
                self._pool.client.refusal = Refusal(self._status, self._head)
            self._pool.answered(self, request, self._status, self._keep_alive)

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

    def _misfit(self) -> str:
        """The sentence for an answer that could not be read."""
        return failures.NOT_HTTP
