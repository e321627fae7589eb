"""Requests of uvicorn's h11 protocol."""

from time import perf_counter
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from explorer.probe.requests import CLIENT_GONE, Connection, RequestLog, watched_cycle, with_cycle


def h11_protocol(log: RequestLog) -> type[H11Protocol]:
    """A protocol class that writes its requests to `log`."""
    cycle_class = watched_cycle(RequestResponseCycle, log)

    class WatchedProtocol(H11Protocol):
        """A request begins with its first byte; one that came while another was answered, when that is done.

        (h11 parses it only then. Of several in one packet that is also the truth about their order.)
        """

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.watch = Connection(log)

        def data_received(self, data: bytes) -> None:
            watch = self.watch
            if watch.fresh and self.conn.their_state is h11.IDLE:
                watch.fresh = False
                watch.begun = perf_counter()
            super().data_received(data)

        handle_events = with_cycle(H11Protocol.handle_events, cycle_class)

        def on_response_complete(self) -> None:
            watch = self.watch
            watch.finish(watch.answered.opening["status"])
            watch.fresh = True
            watch.begun = perf_counter()
            super().on_response_complete()

        def handle_websocket_upgrade(self, event: h11.Request) -> None:
            super().handle_websocket_upgrade(event)
            self.watch.switched(self)

        def connection_lost(self, exc: Exception | None) -> None:
            self.watch.finish(CLIENT_GONE)
            super().connection_lost(exc)

    return WatchedProtocol
