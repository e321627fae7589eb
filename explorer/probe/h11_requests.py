"""Requests of uvicorn's h11 protocol."""

from time import perf_counter_ns
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from explorer.probe.requests import CLIENT_GONE, SWITCHING, RequestLog, watched_cycle, with_cycle


def h11_protocol(log: RequestLog) -> type[H11Protocol]:
    """A protocol class that writes its requests to `log`."""
    cycle_class = watched_cycle(RequestResponseCycle, log)

    class WatchedProtocol(H11Protocol):
        """A new request is parsed only when the one before it is answered: h11 holds pipelined ones back."""

        __slots__ = ("answered", "first_byte", "ring")

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.ring = log.tracer.thread_ring()  # a connection stays on the thread of its loop
            self.first_byte = 0
            self.answered: Any = None

        def begun(self) -> int:
            """When the request whose task is made now began, ns; a pipelined one begins when it is parsed."""
            start, self.first_byte = self.first_byte or perf_counter_ns(), 0
            return start

        def data_received(self, data: bytes) -> None:
            if not self.first_byte and self.conn.their_state is h11.IDLE:
                self.first_byte = perf_counter_ns()
            super().data_received(data)

        handle_events = with_cycle(H11Protocol.handle_events, cycle_class)

        def on_response_complete(self) -> None:
            cycle = self.answered
            cycle.finish(cycle.status)
            super().on_response_complete()

        def handle_websocket_upgrade(self, event: h11.Request) -> None:
            start = self.begun()
            request = log.identity(self.headers)
            super().handle_websocket_upgrade(event)
            log.complete(self.ring, start, request, log.other("WEBSOCKET"), SWITCHING)

        def connection_lost(self, exc: Exception | None) -> None:
            if self.answered is not None:
                self.answered.finish(CLIENT_GONE)
            super().connection_lost(exc)

    return WatchedProtocol
