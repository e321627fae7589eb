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
from collections import deque
from collections.abc import Callable
from time import perf_counter
from typing import Any, Final

from explorer.probe.pushes import UNANSWERED, is_stream, pusher
from explorer.probe.tracer import Tracer
from explorer.ring.layout import STATUS_SHIFT
from explorer.ring.requests import Write

HEADER: Final = b"x-explorer-request"
CLIENT_GONE: Final = 499
SWITCHING: Final = 101
_METHODS: Final = frozenset(
    ("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "WEBSOCKET")
)
_MOST_PATHS: Final = 1_000
_NO_CONTEXT: Final[dict[str, Any]] = {}


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

    def write(self) -> Write:
        """What writes to the ring of the calling thread: see `RequestRing`."""
        return self.tracer.request_ring().write

    def name(self, scope: Any) -> int:
        """The name of a request that was routed."""
        method = scope.get("method", "WEBSOCKET")
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


def route_of(scope: Any) -> Any:
    """The route that took the request, with the path at which it is included; None when none did.

    A route of a router that FastAPI (from 0.165 on) includes under a prefix knows only its own part of the path; what
    it is there is in a context beside it.
    """
    route = scope.get("route")
    context = scope.get("fastapi", _NO_CONTEXT).get("effective_route_context")
    if context is None:
        return route
    included = getattr(context, "starlette_route", None)
    return (included or context) if route is context.original_route or route is included else route


def route_template(scope: Any) -> str | None:
    """The path template of the route that took the request, with its mounts' prefix; None when none did."""
    route = route_of(scope)
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


class Connection:
    """What is known of one connection: the state that uvicorn's protocol has no place for, in one attribute of it.

    An object with more than thirty attributes in its dictionary, or with slots beside the dictionary of its base, is
    off the interpreter's fast paths; uvicorn's protocol has twenty-eight.
    """

    __slots__ = ("_log", "answered", "begun", "fresh", "waiting", "write")

    def __init__(self, log: RequestLog) -> None:
        """A new connection of the calling thread's loop; it stays on that thread."""
        self._log = log
        self.write = log.write()
        self.begun = 0.0
        """Start of the latest message, in seconds."""
        self.fresh = True
        """Whether no byte of the next message has come."""
        self.waiting: deque[float] = deque()
        """Starts of the messages that wait in a pipeline."""
        self.answered: Any = None
        """uvicorn's cycle whose response is under way: with pipelining not always the protocol's `cycle`."""

    def finish(self, status: int) -> None:
        """The request being answered is over, with this status. A second call does nothing."""
        cycle = self.answered
        if cycle is not None and cycle.request:
            request, cycle.request = cycle.request, 0
            name = cycle.name or self._log.name(cycle.scope)
            self.write(cycle.started, perf_counter(), request, status << STATUS_SHIFT | name)

    def switched(self, protocol: Any) -> None:
        """The request became a WebSocket, whose own protocol records what becomes of it if it is observed as well."""
        socket = protocol.transport.get_protocol()
        messages = getattr(socket, "messages", None)
        if messages is not None:
            messages.upgrade(self.begun)
            if socket.response.status_code != SWITCHING:
                messages.answered(socket.response.status_code)
            return
        headers = protocol.headers
        word = SWITCHING << STATUS_SHIFT | self._log.other("WEBSOCKET")
        self.write(self.begun, perf_counter(), self._log.identity(headers), word)


def watched_cycle(cycle_class: type, log: RequestLog) -> type:
    """A subclass of uvicorn's request-response cycle that records its request.

    `run_asgi` and `send` do their work at once and hand out the coroutine of the real one: no coroutine is added. The
    protocol must have a `Connection` as `watch`.
    """
    run_asgi: Callable[..., Any] = vars(cycle_class)["run_asgi"]
    send: Callable[..., Any] = vars(cycle_class)["send"]
    tracer, known, nothing = log.tracer, log.known, {"": 0}
    push = pusher(send, tracer, log.name)

    class WatchedCycle(cycle_class):  # type: ignore[misc]  # the base is chosen at run time
        """uvicorn's cycle, watched."""

        pushed = 0  # events of a stream that were sent

        def run_asgi(self, app: Any) -> Any:
            """Called where the protocol makes the task of the request."""
            protocol = self.on_response.__self__
            watch = protocol.watch
            watch.answered = self
            waiting = watch.waiting
            self.started = start = waiting.popleft() if waiting else watch.begun
            scope = self.scope
            request = 0
            for header in scope["headers"]:
                if header[0] == HEADER:
                    request = tracer.request_from(header[1])
                    break
            self.request = request = request or tracer.next_request()
            self.name = name = known.get(scope["method"], nothing).get(scope["path"], 0)
            self.opening = UNANSWERED
            watch.write(start, 0.0, request, name)
            protocol.loop.starting = request
            return run_asgi(self, app)

        def send(self, message: Any) -> Any:
            """Called by the application."""
            if "status" in message:
                self.opening = message
            elif "more_body" in message and is_stream(self.opening):  # an answer in one piece does not have the key
                return push(self, message)
            return send(self, message)

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
