"""Server-sent events: a GET whose answer is a stream of events, and which is over when the stream ends.

As a browser's EventSource does, a stream that is lost in the middle is taken up again on a new connection, after the
time that the stream itself asked for (`retry`), from the last event's id on (`Last-Event-ID`). Unlike there, a stream
that ends as it should is not: it is the whole answer. All connections of a stream belong to one request.
"""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from explorer.load import failures
from explorer.load.event_stream import EventStreamParser
from explorer.load.http import HttpConnection
from explorer.load.request import Request

if TYPE_CHECKING:
    from explorer.load.pool import Pool

RETRY_S: Final = 1.0
"""Pause before a lost stream is taken up again, unless the stream says otherwise; the standard wants some seconds."""
LEAST_RETRY_S: Final = 0.01
"""A server that is gone must not keep a core busy, whatever `retry` it sent before."""
MEDIA_TYPE: Final = b"text/event-stream"


class Stream:
    """What a request knows of its stream from one connection to the next; `begun`: it has had a good answer."""

    __slots__ = ("_pause", "begun", "parser", "told")

    def __init__(self) -> None:
        """Nothing has come. `told`: the client knows of the first event."""
        self.parser = EventStreamParser()
        self.begun = False
        self.told = False
        self._pause: asyncio.TimerHandle | None = None

    def later(self, loop: asyncio.AbstractEventLoop, callback: Callable[[], object]) -> None:
        """Call back when it is time to connect again."""
        retry = self.parser.retry_ms
        seconds = RETRY_S if retry is None else max(retry / 1000, LEAST_RETRY_S)
        self._pause = loop.call_later(seconds, callback)

    def cancel(self) -> None:
        """Do not connect again."""
        if self._pause is not None:
            self._pause.cancel()
            self._pause = None


class EventSource(HttpConnection):
    """A connection whose answers are streams of events."""

    __slots__ = ("_media_type", "_misfits", "_streaming")

    def __init__(self, pool: "Pool", kind: str) -> None:
        """A connection that is being opened for `pool`."""
        super().__init__(pool, kind)
        self._media_type = b""
        self._streaming = False
        self._misfits = False

    def send(self, request: Request) -> None:
        """Ask for the stream, from its beginning or from where it was lost."""
        self.request = request
        self._head = b""
        self._streaming = False
        if request.stream is None:
            request.stream = Stream()
        parser = request.stream.parser
        parser.restart()
        data = request.route.request(request.number, self._pool.client.keep_alive)
        if parser.last_id:
            head, end, body = data.partition(b"\r\n\r\n")
            data = b"%b\r\nlast-event-id: %b%b%b" % (head, parser.last_id.encode(), end, body)
        self._transport.write(data)  # type: ignore[union-attr]  # it is usable

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone. In the middle of a stream that is no end of the request."""
        request = self.request
        stream = request.stream if request is not None else None
        if request is None or stream is None or not stream.begun or (exc is None and self._ends_here()):
            super().connection_lost(exc)
            return
        self.usable = False
        self.request = None
        self._transport = None
        self._pool.resume(self, request, stream)

    # What httptools calls

    def on_message_begin(self) -> None:
        """Another answer, which may be a provisional one."""
        self._media_type = b""

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header of the answer."""
        if name.lower() == b"content-type":
            self._media_type = value.partition(b";")[0].strip().lower()

    def on_headers_complete(self) -> None:
        """The head is whole: a stream begins, or a refusal."""
        if self._parser.get_status_code() != 200:
            return
        if self._media_type != MEDIA_TYPE:
            self._misfits = True
            raise ValueError("no stream of events")  # ends the parsing; the request fails with `_misfit`
        if self.request is not None and self.request.stream is not None:
            if self.request.stream.begun:
                self._pool.client.resumed()
            self.request.stream.begun = self._streaming = True

    def on_body(self, data: bytes) -> None:
        """A part of the stream."""
        request = self.request
        if not self._streaming or request is None or request.stream is None:
            return
        events = len(request.stream.parser.feed(data))
        if events:
            client = self._pool.client
            client.received(events)
            if not request.stream.told:
                request.stream.told = True
                client.first_event(request)

    def _misfit(self) -> str:
        return failures.NOT_A_STREAM if self._misfits else failures.NOT_HTTP
