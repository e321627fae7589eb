"""Requests of uvicorn's httptools protocol."""

from collections import deque
from time import perf_counter
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from explorer.probe.requests import CLIENT_GONE, SWITCHING, RequestLog, finish, watched_cycle, with_cycle
from explorer.ring.layout import STATUS_SHIFT

_message_begin = HttpToolsProtocol.on_message_begin
_response_complete = HttpToolsProtocol.on_response_complete


class _Pipeline(deque[Any]):
    """uvicorn's queue of requests behind the one that is answered; notes when each of them began."""

    def __init__(self, protocol: Any) -> None:
        super().__init__()
        self._protocol = protocol

    def appendleft(self, item: Any) -> None:
        """uvicorn puts a request in."""
        self._protocol.waiting.append(self._protocol.begun)
        super().appendleft(item)


def httptools_protocol(log: RequestLog) -> type[HttpToolsProtocol]:
    """A protocol class that writes its requests to `log`."""
    cycle_class = watched_cycle(RequestResponseCycle, log)

    class WatchedProtocol(HttpToolsProtocol):
        """A request begins with the first byte of its message that the parser sees."""

        # With these in its dictionary the interpreter would have no fast path to the protocol's thirty attributes.
        __slots__ = ("answered", "begun", "waiting", "write")

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.write = log.write()  # a connection stays on the thread of its loop
            self.begun = 0.0
            self.waiting: deque[float] = deque()
            self.pipeline = _Pipeline(self)
            self.answered: Any = None  # the cycle whose response is under way: with pipelining not always `cycle`

        def on_message_begin(self) -> None:
            self.begun = perf_counter()
            _message_begin(self)

        on_headers_complete = with_cycle(HttpToolsProtocol.on_headers_complete, cycle_class)

        def on_response_complete(self) -> None:
            cycle = self.answered
            request, name = cycle.request, cycle.name
            if request and name:
                cycle.request = 0
                self.write(cycle.started, perf_counter(), request, cycle.status << STATUS_SHIFT | name)
            else:
                finish(self, cycle, cycle.status, log)
            _response_complete(self)

        def handle_websocket_upgrade(self) -> None:
            request = log.identity(self.headers)
            super().handle_websocket_upgrade()
            self.write(self.begun, perf_counter(), request, SWITCHING << STATUS_SHIFT | log.other("WEBSOCKET"))

        def connection_lost(self, exc: Exception | None) -> None:
            if self.answered is not None:
                finish(self, self.answered, CLIENT_GONE, log)
            super().connection_lost(exc)

    return WatchedProtocol
