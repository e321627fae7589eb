"""A child that imports the user's app, says what can be asked of it, and ends: the window never imports an app itself.

What the app prints goes nowhere; what goes wrong is told as by a server.
"""

import os
import re
import threading
from collections.abc import Iterator
from typing import Any, Final

from explorer.child.channel import Channel
from explorer.option_error import OptionError
from explorer.options import build
from explorer.own_app import METHODS, AppKnobs
from explorer.server import process
from explorer.server.own import words
from explorer.server.own.importing import Watch, fastapi_apps, import_app
from explorer.server.own.routing import known_routes
from explorer.server.own.surround import surround
from explorer.server.own.veil import Veil

MOST_ROUTES: Final = 500
EXAMPLES: Final = {"integer": "1", "number": "1.0", "boolean": "true"}
BY_FORMAT: Final = {
    "uuid": "00000000-0000-4000-8000-000000000000",
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00",
    "email": "someone@example.org",
}
Route = dict[str, Any]
"""A route as the session gets it: `method`, `path` with example values, `template`, `summary`, `speaks`, `needs` (what
must be given besides: names of query parameters and headers), `body` (whether it takes one).
"""


def prepare() -> str:
    """Import what every app needs."""
    return process.prepare()


def main(channel: Channel, config: dict[str, Any]) -> None:
    """Say the routes of `config["app"]`."""
    app = build("app", AppKnobs, config["app"])
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        os.dup2(nowhere, descriptor)
    surround(app, None)
    veil = Veil(app)

    def late(error: OptionError) -> None:
        error = veil.error(error)
        channel.error(str(error), error.where, details=error.details)

    watch = Watch(app, threading.get_ident(), late)
    try:
        found = import_app(app, veil)
        watch.stop()
        routes = _asked(app, found, veil)
    except OptionError as error:
        raise veil.error(error) from None
    channel.send("routes", routes=routes[:MOST_ROUTES])


def _asked(app: AppKnobs, found: Any, veil: Veil) -> list[Route]:
    """The app's routes. Raises `OptionError` where the app's own code, which makes its OpenAPI, fails."""
    try:
        return routes_of(found)
    except BaseException as error:  # sys.exit() as well
        raise words.of_openapi(app, error, veil) from None


def routes_of(app: Any) -> list[Route]:
    """What an app can be asked, in the order of its OpenAPI; then its WebSockets, which that does not tell of."""
    apps = fastapi_apps(app)
    if not apps:
        return []
    schema = apps[0].openapi()
    return [*_of_schema(schema), *_websockets(app)]


def _of_schema(schema: dict[str, Any]) -> Iterator[Route]:
    for template, methods in schema.get("paths", {}).items():
        for method, about in methods.items():
            if method.upper() not in METHODS:
                continue
            parameters = [*methods.get("parameters", ()), *about.get("parameters", ())]
            path, needs = _filled(template, parameters, schema)
            yield {
                "method": method.upper(),
                "path": path,
                "template": template,
                "summary": str(about.get("summary", "")),
                "speaks": "sse" if _streams(about) else "http",
                "needs": needs,
                "body": bool(about.get("requestBody", {}).get("required")),
            }


def _filled(template: str, parameters: list[Any], schema: dict[str, Any]) -> tuple[str, list[str]]:
    """The path with an example for each parameter in it; and what else must be given."""
    path, query, needs = template, [], []
    for one in parameters:
        name, place = str(one.get("name", "")), one.get("in")
        if place == "path":
            path = path.replace("{" + name + "}", _example(one, schema))
        elif place == "query" and one.get("required"):
            query.append(f"{name}={_example(one, schema)}")
        elif one.get("required"):
            needs.append(name)
    return path + (f"?{'&'.join(query)}" if query else ""), needs


def _example(parameter: dict[str, Any], schema: dict[str, Any]) -> str:
    kind = _resolved(parameter.get("schema", {}), schema)
    known = [parameter.get("example"), kind.get("example"), kind.get("default"), kind.get("minimum")]
    for several in (parameter.get("examples"), kind.get("examples"), kind.get("enum")):
        if isinstance(several, list):
            known += several[:1]
    value = next((one for one in known if isinstance(one, (str, int, float))), None)
    if value is not None:
        return str(value).lower() if isinstance(value, bool) else str(value)
    return BY_FORMAT.get(str(kind.get("format")), EXAMPLES.get(str(kind.get("type")), "example"))


def _resolved(kind: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """A type itself, where it is named elsewhere or is the first of several."""
    for _ in range(8):
        reference = kind.get("$ref", "")
        if reference:
            kind = schema.get("components", {}).get("schemas", {}).get(str(reference).rpartition("/")[2], {})
        elif kind.get("anyOf"):
            kind = kind["anyOf"][0]
        else:
            break
    return kind


def _streams(about: dict[str, Any]) -> bool:
    answers = about.get("responses", {}).values()
    return any("text/event-stream" in answer.get("content", {}) for answer in answers)


def _websockets(app: Any) -> Iterator[Route]:
    for route in known_routes(app):
        if route.websocket:
            yield {
                "method": "GET",
                "path": re.sub(r"{(\w+)(:\w+)?}", r"\1", route.template),
                "template": route.template,
                "summary": "A WebSocket; it must send back each message that it is sent.",
                "speaks": "websocket",
                "needs": [],
                "body": False,
            }
