"""Requests of uvicorn's httptools protocol."""

from collections import deque
from time import perf_counter_ns
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from explorer.probe.requests import CLIENT_GONE, SWITCHING, RequestLog, starting, watch_send

_message_begin = HttpToolsProtocol.on_message_begin
_start_task = HttpToolsProtocol._start_asgi_task
_response_complete = HttpToolsProtocol.on_response_complete


def httptools_protocol(log: RequestLog) -> type[HttpToolsProtocol]:
    """A protocol class that writes its requests to `log`."""
    cycle_class = watch_send(RequestResponseCycle)

    class WatchedProtocol(HttpToolsProtocol):
        """Responses leave in the order of their requests, so that the starts of messages form a queue."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.starts: deque[int] = deque()
            self.answered: Any = None  # the cycle whose response is under way: with pipelining not always `cycle`

        def on_message_begin(self) -> None:
            self.starts.append(perf_counter_ns())
            _message_begin(self)

        def _start_asgi_task(self, cycle: Any, app: Any) -> None:
            cycle.__class__ = cycle_class
            self.answered = cycle
            starting(self.loop, log.begin(cycle, cycle.scope["headers"], self.starts.popleft()))
            _start_task(self, cycle, app)

        def on_response_complete(self) -> None:
            cycle = self.answered
            if cycle.request:
                log.complete(cycle, cycle.status)
            _response_complete(self)

        def handle_websocket_upgrade(self) -> None:
            begun = self.starts.popleft()
            request = log.identity(self.headers)
            super().handle_websocket_upgrade()
            log.write(begun, request, log.other("WEBSOCKET"), SWITCHING)

        def connection_lost(self, exc: Exception | None) -> None:
            cycle = self.answered
            if cycle is not None and cycle.request:
                log.complete(cycle, CLIENT_GONE)
            super().connection_lost(exc)

    return WatchedProtocol
