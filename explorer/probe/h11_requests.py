"""Requests of uvicorn's h11 protocol."""

from time import perf_counter
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from explorer.probe.requests import CLIENT_GONE, SWITCHING, RequestLog, finish, watched_cycle, with_cycle
from explorer.ring.layout import STATUS_SHIFT


def h11_protocol(log: RequestLog) -> type[H11Protocol]:
    """A protocol class that writes its requests to `log`."""
    cycle_class = watched_cycle(RequestResponseCycle, log)

    class WatchedProtocol(H11Protocol):
        """A request begins with its first byte; one that came while another was answered, when that is done.

        (h11 parses it only then. Of several in one packet that is also the truth about their order.)
        """

        __slots__ = ("answered", "begun", "fresh", "write")
        waiting = ()

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.write = log.write()  # a connection stays on the thread of its loop
            self.begun = 0.0
            self.fresh = True  # no byte of the next request has come
            self.answered: Any = None

        def data_received(self, data: bytes) -> None:
            if self.fresh and self.conn.their_state is h11.IDLE:
                self.fresh = False
                self.begun = perf_counter()
            super().data_received(data)

        handle_events = with_cycle(H11Protocol.handle_events, cycle_class)

        def on_response_complete(self) -> None:
            finish(self, self.answered, self.answered.status, log)
            self.fresh = True
            self.begun = perf_counter()
            super().on_response_complete()

        def handle_websocket_upgrade(self, event: h11.Request) -> None:
            request = log.identity(self.headers)
            super().handle_websocket_upgrade(event)
            self.write(self.begun, perf_counter(), request, SWITCHING << STATUS_SHIFT | log.other("WEBSOCKET"))

        def connection_lost(self, exc: Exception | None) -> None:
            if self.answered is not None:
                finish(self, self.answered, CLIENT_GONE, log)
            super().connection_lost(exc)

    return WatchedProtocol
