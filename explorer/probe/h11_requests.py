"""Requests of uvicorn's h11 protocol.

It has no method that starts the task of a request; it stores the new cycle in `self.cycle` and makes the task in the
next line. So `cycle` is a property here, and storing it is the event.
"""

from time import perf_counter_ns
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from explorer.probe.requests import CLIENT_GONE, SWITCHING, RequestLog, starting, watch_send


def h11_protocol(log: RequestLog) -> type[H11Protocol]:
    """A protocol class that writes its requests to `log`."""
    cycle_class = watch_send(RequestResponseCycle)

    class WatchedProtocol(H11Protocol):
        """A new cycle comes only when the one before it is answered: h11 holds pipelined requests back."""

        first_byte = 0
        _cycle: Any = None

        @property
        def cycle(self) -> Any:
            """uvicorn's cycle of the latest request."""
            return self._cycle

        @cycle.setter
        def cycle(self, cycle: Any) -> None:
            self._cycle = cycle
            if cycle is None:
                return
            cycle.__class__ = cycle_class
            start, self.first_byte = self.first_byte or perf_counter_ns(), 0
            starting(self.loop, log.begin(cycle, cycle.scope["headers"], start))

        def data_received(self, data: bytes) -> None:
            if not self.first_byte and self.conn.their_state is h11.IDLE:
                self.first_byte = perf_counter_ns()
            super().data_received(data)

        def on_response_complete(self) -> None:
            cycle = self._cycle
            if cycle.request:
                log.complete(cycle, cycle.status)
            super().on_response_complete()

        def handle_websocket_upgrade(self, event: h11.Request) -> None:
            start, self.first_byte = self.first_byte or perf_counter_ns(), 0
            request = log.identity(self.headers)
            super().handle_websocket_upgrade(event)
            log.write(start, request, log.other("WEBSOCKET"), SWITCHING)

        def connection_lost(self, exc: Exception | None) -> None:
            cycle = self._cycle
            if cycle is not None and cycle.request:
                log.complete(cycle, CLIENT_GONE)
            super().connection_lost(exc)

    return WatchedProtocol
