"""Requests of uvicorn's httptools protocol."""

from collections import deque
from time import perf_counter_ns
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from explorer.probe.requests import CLIENT_GONE, SWITCHING, RequestLog, watched_cycle, with_cycle

_message_begin = HttpToolsProtocol.on_message_begin
_response_complete = HttpToolsProtocol.on_response_complete


def httptools_protocol(log: RequestLog) -> type[HttpToolsProtocol]:
    """A protocol class that writes its requests to `log`."""
    cycle_class = watched_cycle(RequestResponseCycle, log)

    class WatchedProtocol(HttpToolsProtocol):
        """Responses leave in the order of their requests, so that the starts of messages form a queue."""

        # With these in its dictionary the interpreter would have no fast path to the protocol's thirty attributes.
        __slots__ = ("answered", "ring", "starts")

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.ring = log.tracer.thread_ring()  # a connection stays on the thread of its loop
            self.starts: deque[int] = deque()
            self.answered: Any = None  # the cycle whose response is under way: with pipelining not always `cycle`

        def begun(self) -> int:
            """When the request whose task is made now began, ns."""
            return self.starts.popleft()

        def on_message_begin(self) -> None:
            self.starts.append(perf_counter_ns())
            _message_begin(self)

        on_headers_complete = with_cycle(HttpToolsProtocol.on_headers_complete, cycle_class)

        def on_response_complete(self) -> None:
            cycle = self.answered
            cycle.finish(cycle.status)
            _response_complete(self)

        def handle_websocket_upgrade(self) -> None:
            begun = self.begun()
            request = log.identity(self.headers)
            super().handle_websocket_upgrade()
            log.complete(self.ring, begun, request, log.other("WEBSOCKET"), SWITCHING)

        def connection_lost(self, exc: Exception | None) -> None:
            if self.answered is not None:
                self.answered.finish(CLIENT_GONE)
            super().connection_lost(exc)

    return WatchedProtocol
