"""What the user's app answers to: the template of each path that is asked for, and paths that nothing answers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

from starlette.routing import Host, Mount, WebSocketRoute, compile_path

from explorer.own_app import RouteKnobs
from explorer.server.own.importing import fastapi_apps

MOST_NAMED: Final = 6
DEEPEST: Final = 8

Asked = tuple[str, str]
"""What is asked: a method, or "WebSocket", and a path as the app finds it, without its query."""


@dataclass(frozen=True, slots=True)
class Known:
    """A route of an app: the template of its whole path, and its methods; none if they do not matter, as for static
    files.
    """

    template: str
    methods: frozenset[str] = frozenset()
    websocket: bool = False
    hidden: bool = False

    def answers(self, asked: RouteKnobs) -> bool:
        """Whether it takes what is asked."""
        if self.websocket is not (asked.speaks == "websocket"):
            return False
        if self.methods and asked.method not in self.methods:
            return False
        return compile_path(self.template)[0].match(unquote(asked.place)) is not None


def known_routes(app: Any) -> list[Known]:
    """The routes of the FastAPI app to which an ASGI app leads, also of what is mounted in it; none without one."""
    apps = fastapi_apps(app)
    return list(_flat(apps[0].routes, "", 0)) if apps else []


def templates(known: Sequence[Known], asked: Sequence[RouteKnobs]) -> dict[str, str]:
    """The path of each route that is asked for → the template by which the app's requests are called."""
    found = ((one.path, _answering(known, one)) for one in asked)
    return {path: route.template for path, route in found if route is not None}


def unanswered(known: Sequence[Known], asked: Sequence[RouteKnobs]) -> dict[Asked, str]:
    """A sentence for each route of the load that is none of the app's, where its routes are known."""
    missing = (one for one in asked if known and _answering(known, one) is None)
    return {(_what(one), unquote(one.place)): _sentence(known, one) for one in missing}


def _answering(known: Sequence[Known], asked: RouteKnobs) -> Known | None:
    return next((route for route in known if route.answers(asked)), None)


def _flat(routes: Sequence[Any], prefix: str, depth: int) -> Iterator[Known]:
    for route in routes:
        included = getattr(route, "effective_route_contexts", None)
        if included is not None:  # a router that FastAPI includes as it is
            for context in included():
                yield from _one(context.starlette_route or context, context.original_route, prefix, depth)
        else:
            yield from _one(route, route, prefix, depth)


def _one(route: Any, original: Any, prefix: str, depth: int) -> Iterator[Known]:
    path = prefix + str(getattr(route, "path", ""))
    if isinstance(original, Mount):
        below = getattr(original, "routes", None)
        if below and depth < DEEPEST:
            yield from _flat(below, path, depth + 1)
        else:
            yield Known(f"{path}/{{path:path}}", hidden=True)
    elif isinstance(original, Host):
        if depth < DEEPEST:
            yield from _flat(original.routes, prefix, depth + 1)
    elif not path:  # of a kind that nobody here knows
        return
    elif isinstance(original, WebSocketRoute):
        yield Known(path, websocket=True)
    else:
        hidden = not getattr(route, "include_in_schema", True)
        yield Known(path, frozenset(getattr(route, "methods", None) or ()), hidden=hidden)


def _sentence(known: Sequence[Known], asked: RouteKnobs) -> str:
    named = [_named(one) for one in known if not one.hidden]
    shown = f" It answers {', '.join(named[:MOST_NAMED])}{' and more' if len(named) > MOST_NAMED else ''}."
    return f"No route of your app answers {_what(asked)} {asked.place}.{shown if named else ''}"


def _what(asked: RouteKnobs) -> str:
    return "WebSocket" if asked.speaks == "websocket" else asked.method


def _named(route: Known) -> str:
    method = "WebSocket" if route.websocket else " or ".join(sorted(route.methods - {"HEAD"}))
    return f"{method} {route.template}".strip()
