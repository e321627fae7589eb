"""Requests of an HTTP server, seen from inside uvicorn's protocol classes.

A span at this place costs a few function calls; the same span in an ASGI middleware costs ten times as much and misses
the parsing before and the writing after. What the classes have in common is here, the two parsers' own in
`httptools_requests` and `h11_requests`.

    first byte ── parsed ── task ────────────────── response sent
    start         BEGIN     loop.starting → task    COMPLETE (name, status)

The number of a request comes with it, in the header `x-explorer-request: HEX-TOKEN`, or else is given here. It must
lie in the loop's `starting` when uvicorn makes the task, so that everything the task does is known to be for this
request.

The name is method and route template: never the path of a request, or a scanner would fill the table of names.
The router leaves the route in the scope; for a path without parameters, which is its own template, it is known
beforehand from then on.
"""

import types
from collections.abc import Callable
from time import perf_counter_ns
from typing import Any, Final

from explorer.probe.tracer import Tracer
from explorer.records.schema import CPU_NOT_TAKEN
from explorer.records.states import Flag, Kind, State
from explorer.ring.writer import Ring

HEADER: Final = b"x-explorer-request"
CLIENT_GONE: Final = 499
SWITCHING: Final = 101
_NO_VALUE: Final = CPU_NOT_TAKEN << 32
# As plain integers: looking a member up in an enumeration takes longer than storing it.
_REQUEST: Final = int(Kind.REQUEST)
_RUNNING: Final = int(State.RUNNING)
_BEGIN: Final = int(Flag.BEGIN)
_COMPLETE: Final = int(Flag.COMPLETE)
_METHODS: Final = frozenset(("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"))
_MOST_PATHS: Final = 1_000


class RequestLog:
    """Names and numbers of the requests of one process. One for all its loops."""

    def __init__(self, tracer: Tracer) -> None:
        """Write to the tracer's requests track."""
        self.tracer = tracer
        self.track = tracer.requests_track
        self.known: dict[str, dict[str, int]] = {}
        """Names of paths that are their own templates, by method and path."""
        self._others: dict[str, int] = {}

    def identity(self, headers: list[tuple[bytes, bytes]]) -> int:
        """The number that the request brings along, or a new one."""
        for name, value in headers:
            if name == HEADER:
                return self.tracer.request_from(value) or self.tracer.next_request()
        return self.tracer.next_request()

    def complete(self, ring: Ring, start: int, request: int, name: int, status: int) -> None:
        """Write a request that is over."""
        duration = perf_counter_ns() - start
        ring.write(start, duration, request, _NO_VALUE | status, name, self.track, _REQUEST, _RUNNING, 0, _COMPLETE)

    def name(self, scope: Any) -> int:
        """The name of a request that was routed."""
        method = scope["method"]
        if method not in _METHODS:
            method = "OTHER"
        template = route_template(scope)
        if template is None:
            return self.other(method)
        number = self.tracer.name(f"{method} {template}")
        known = self.known.setdefault(method, {})
        if template == scope["path"] and len(known) < _MOST_PATHS:
            known[template] = number
        return number

    def other(self, method: str) -> int:
        """The name of requests that no route took."""
        number = self._others.get(method)
        if number is None:
            number = self._others[method] = self.tracer.name(f"{method} other")
        return number


def route_template(scope: Any) -> str | None:
    """The path template of the route that took the request, with its mounts' prefix; None when none did."""
    route = scope.get("route")
    path = getattr(route, "path", None)
    if not isinstance(path, str):
        return None
    prefix = scope.get("root_path", "")
    filled = scope.get("path_params", {})
    own = getattr(route, "param_convertors", {})
    if any(name not in own for name in filled):
        return path  # a mount has parameters, and its prefix is a piece of the real path
    if not hasattr(route, "endpoint"):
        return prefix or path  # a mount that routes no further, static files for example
    return f"{prefix}{path}"


def watched_cycle(cycle_class: type, log: RequestLog) -> type:
    """A subclass of uvicorn's request-response cycle that records its request.

    `run_asgi` and `send` do their work at once and hand out the coroutine of the real one: no coroutine is added. The
    protocol must have `ring`, the ring of its loop's thread, and `begun()`, the start of the request in ns; it takes
    the cycle as `answered` and calls `finish` when the response is sent or cannot be any more.
    """
    run_asgi: Callable[..., Any] = vars(cycle_class)["run_asgi"]
    send: Callable[..., Any] = vars(cycle_class)["send"]
    identity, complete, known, nothing, track = log.identity, log.complete, log.known, {"": 0}, log.track

    class WatchedCycle(cycle_class):  # type: ignore[misc]  # the base is chosen at run time
        """uvicorn's cycle, watched."""

        __slots__ = ("name", "request", "ring", "started_ns", "status")

        def run_asgi(self, app: Any) -> Any:
            """Called where the protocol makes the task of the request."""
            protocol = self.on_response.__self__
            protocol.answered = self
            scope = self.scope
            self.request = request = identity(scope["headers"])
            self.started_ns = start = protocol.begun()
            self.name = name = known.get(scope["method"], nothing).get(scope["path"], 0)
            self.status = 0
            self.ring = ring = protocol.ring
            ring.write(start, 0, request, _NO_VALUE, name, track, _REQUEST, _RUNNING, 0, _BEGIN)
            protocol.loop.starting = request
            return run_asgi(self, app)

        def send(self, message: Any) -> Any:
            """Called by the application."""
            if "status" in message:
                self.status = message["status"]
            return send(self, message)

        def finish(self, status: int) -> None:
            """The request is over, with this status. A second call does nothing."""
            request = self.request
            if request:
                self.request = 0
                complete(self.ring, self.started_ns, request, self.name or log.name(self.scope), status)

    return WatchedCycle


def with_cycle(method: Any, cycle_class: type) -> Any:
    """`method` of a protocol, making cycles of another class.

    uvicorn's method finds the class among its module's globals; here it gets a copy of them with ours, so that the
    module itself stays as it is. (Changing an object's class after it was made would take its attributes off the
    interpreter's fast paths: ten microseconds a request.)
    """
    if "RequestResponseCycle" not in method.__code__.co_names:
        raise RuntimeError("this version of uvicorn makes its requests in another way")
    names = {**method.__globals__, "RequestResponseCycle": cycle_class}
    return types.FunctionType(method.__code__, names, method.__name__, method.__defaults__, method.__closure__)


def http_protocol(tracer: Tracer, parser: str) -> type:
    """uvicorn's protocol class for the parser `httptools` or `h11`, with its requests recorded; pass it as `http=`."""
    if parser == "httptools":
        from explorer.probe.httptools_requests import httptools_protocol

        return httptools_protocol(RequestLog(tracer))
    from explorer.probe.h11_requests import h11_protocol

    return h11_protocol(RequestLog(tracer))
