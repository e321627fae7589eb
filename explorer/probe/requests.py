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

from collections.abc import Callable
from time import perf_counter_ns
from typing import Any, Final

from explorer.probe.tracer import Tracer
from explorer.records.schema import CPU_NOT_TAKEN
from explorer.records.states import Flag, Kind, State

HEADER: Final = b"x-explorer-request"
CLIENT_GONE: Final = 499
SWITCHING: Final = 101
_NO_VALUE: Final = CPU_NOT_TAKEN << 32
_METHODS: Final = frozenset(("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"))
_MOST_PATHS: Final = 1_000


class RequestLog:
    """Writes the requests of one process. One for all loops: the ring is the calling thread's."""

    def __init__(self, tracer: Tracer) -> None:
        """Write to the tracer's requests track."""
        self.tracer = tracer
        self.track = tracer.requests_track
        self.next = tracer.next_request
        self._thread_ring = tracer.thread_ring
        self._paths: dict[str, dict[str, int]] = {}
        self._others: dict[str, int] = {}

    def identity(self, headers: list[tuple[bytes, bytes]]) -> int:
        """The number that the request brings along, or a new one."""
        for name, value in headers:
            if name == HEADER:
                return self.tracer.request_from(value) or self.next()
        return self.next()

    def begin(self, cycle: Any, headers: list[tuple[bytes, bytes]], start: int) -> int:
        """Write BEGIN for uvicorn's `cycle` and note in it what COMPLETE needs. The request's number."""
        cycle.request = request = self.identity(headers)
        cycle.started_ns = start
        scope = cycle.scope
        paths = self._paths.get(scope["method"])
        cycle.name = name = 0 if paths is None else paths.get(scope["path"], 0)
        self._thread_ring().write(
            start, 0, request, _NO_VALUE, name, self.track, Kind.REQUEST, State.RUNNING, 0, Flag.BEGIN
        )
        return request

    def complete(self, cycle: Any, status: int) -> None:
        """Write COMPLETE; afterwards the cycle's request is 0."""
        request, cycle.request = cycle.request, 0
        self.write(cycle.started_ns, request, cycle.name or self._name(cycle.scope), status)

    def write(self, start: int, request: int, name: int, status: int) -> None:
        """Write a request that is over."""
        self._thread_ring().write(
            start,
            perf_counter_ns() - start,
            request,
            _NO_VALUE | status,
            name,
            self.track,
            Kind.REQUEST,
            State.RUNNING,
            0,
            Flag.COMPLETE,
        )

    def _name(self, scope: Any) -> int:
        method = scope["method"]
        if method not in _METHODS:
            method = "OTHER"
        template = route_template(scope)
        if template is None:
            return self.other(method)
        number = self.tracer.name(f"{method} {template}")
        paths = self._paths.setdefault(method, {})
        if template == scope["path"] and len(paths) < _MOST_PATHS:
            paths[template] = number
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


def starting(loop: Any, request: int) -> None:
    """Tell the loop for which request the next task is; a loop that is not traced does not want to know."""
    if hasattr(loop, "starting"):
        loop.starting = request


def watch_send(cycle_class: type) -> type:
    """A subclass of uvicorn's request-response cycle that keeps the status which the application sends.

    Its `send` looks at the message and hands out the coroutine of the real one: no coroutine is added.
    """
    send: Callable[..., Any] = cycle_class.send  # type: ignore[attr-defined]  # both of uvicorn's have it

    class WatchedCycle(cycle_class):  # type: ignore[misc]  # the base is chosen at run time
        """Keeps `status`, and what `RequestLog` notes."""

        status = 0
        request = 0
        started_ns = 0
        name = 0

        def send(self, message: Any) -> Any:
            """As uvicorn's."""
            if "status" in message:
                self.status = message["status"]
            return send(self, message)

    return WatchedCycle


def http_protocol(tracer: Tracer, parser: str) -> type:
    """uvicorn's protocol class for the parser `httptools` or `h11`, with its requests recorded; pass it as `http=`."""
    if parser == "httptools":
        from explorer.probe.httptools_requests import httptools_protocol

        return httptools_protocol(RequestLog(tracer))
    from explorer.probe.h11_requests import h11_protocol

    return h11_protocol(RequestLog(tracer))
