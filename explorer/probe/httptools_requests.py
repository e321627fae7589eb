"""Requests of uvicorn's httptools protocol."""

from collections import deque
from time import perf_counter
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from explorer.probe.requests import CLIENT_GONE, Connection, RequestLog, watched_cycle, with_cycle

_message_begin = HttpToolsProtocol.on_message_begin
_response_complete = HttpToolsProtocol.on_response_complete


class _Pipeline(deque[Any]):
    """uvicorn's queue of requests behind the one that is answered; notes when each of them began."""

    def __init__(self, watch: Connection) -> None:
        super().__init__()
        self._watch = watch

    def appendleft(self, item: Any) -> None:
        """uvicorn puts a request in."""
        self._watch.waiting.append(self._watch.begun)
        super().appendleft(item)


def httptools_protocol(log: RequestLog) -> type[HttpToolsProtocol]:
    """A protocol class that writes its requests to `log`."""
    cycle_class = watched_cycle(RequestResponseCycle, log)

    class WatchedProtocol(HttpToolsProtocol):
        """A request begins with the first byte of its message that the parser sees."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.watch = Connection(log)
            self.pipeline = _Pipeline(self.watch)

        def on_message_begin(self) -> None:
            self.watch.begun = perf_counter()
            _message_begin(self)

        on_headers_complete = with_cycle(HttpToolsProtocol.on_headers_complete, cycle_class)

        def on_response_complete(self) -> None:
            watch = self.watch
            watch.finish(watch.answered.opening["status"])
            _response_complete(self)

        def handle_websocket_upgrade(self) -> None:
            super().handle_websocket_upgrade()
            self.watch.switched(self)

        def connection_lost(self, exc: Exception | None) -> None:
            self.watch.finish(CLIENT_GONE)
            super().connection_lost(exc)

    return WatchedProtocol
