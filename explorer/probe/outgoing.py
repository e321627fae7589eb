"""Requests that this process sends to another process of the run: they take the number along for which they are sent.

So one request can be followed from process to process. The header is added where the standard library writes a
request: in `http.client`, and in the writer of an asyncio stream when it writes something that begins like a request.
Only what goes to the one known server is touched: the header holds the run's token, which is nobody else's business.

A thread that waits for the answer stands still in the system; that wait is a CALL on its lane.
"""

import asyncio
import functools
import http.client
import re
from collections.abc import Callable
from typing import Any, Final

from explorer.probe.calls import wrapped
from explorer.probe.recorder import Recorder
from explorer.probe.tasks import current_request
from explorer.records.states import State

HEADER: Final = "x-explorer-request"
_REQUEST_LINE: Final = re.compile(rb"[A-Z]+ \S+ HTTP/1\.[01]\r\n")
_WAITS: Final = ("connect", "getresponse")
NAMES: Final = tuple(f"http.client.{name}" for name in _WAITS)
"""What the waits of a thread are called."""


def trace_outgoing(tracer: Recorder, address: str) -> Callable[[], None]:
    """Follow requests to the server at `address`, "host:port", from now on. Returns what undoes it."""
    undo = [_trace_blocking(tracer, address), _trace_streams(tracer, address)]
    return lambda: [step() for step in undo].clear()


def _header(tracer: Recorder) -> str:
    """The header's value for what the calling thread or task works for; empty for nothing."""
    request = tracer.working_for() or current_request()
    return f"{request:x}-{tracer.token}" if request else ""


def _trace_blocking(tracer: Recorder, address: str) -> Callable[[], None]:
    connection = http.client.HTTPConnection
    real = {name: getattr(connection, name) for name in ("putrequest", *_WAITS)}

    @functools.wraps(real["putrequest"])
    def putrequest(self: Any, *args: Any, **kwargs: Any) -> None:
        real["putrequest"](self, *args, **kwargs)
        if f"{self.host}:{self.port}" == address and (value := _header(tracer)):
            self.putheader(HEADER, value)

    traced: dict[str, Any] = {"putrequest": putrequest}
    for name in _WAITS:
        traced[name] = wrapped(tracer, f"http.client.{name}", State.BLOCKED, real[name])
    for name, function in traced.items():
        setattr(connection, name, function)

    def undo() -> None:
        for name, function in real.items():
            setattr(connection, name, function)

    return undo


def _trace_streams(tracer: Recorder, address: str) -> Callable[[], None]:
    real = asyncio.open_connection

    class Carrying(asyncio.StreamWriter):
        """Writes one more header behind the first line of a request."""

        def write(self, data: bytes | bytearray | memoryview) -> None:
            line = _REQUEST_LINE.match(data)
            value = _header(tracer) if line else ""
            if line and value:
                data = b"%b%b: %b\r\n%b" % (line[0], HEADER.encode(), value.encode(), bytes(data)[line.end() :])
            super().write(data)

    @functools.wraps(real)
    async def open_connection(host: Any = None, port: Any = None, **options: Any) -> Any:
        reader, writer = await real(host, port, **options)
        if f"{host}:{port}" == address:
            writer.__class__ = Carrying
        return reader, writer

    def undo() -> None:
        asyncio.open_connection = real

    asyncio.open_connection = open_connection
    return undo
