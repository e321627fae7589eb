"""What an app can be asked: with example values, below mounts and included routers, and what nothing answers."""

from typing import Annotated

from fastapi import APIRouter, FastAPI, Header, Path, WebSocket
from pydantic import BaseModel
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute

from explorer.own_app import RouteKnobs
from explorer.server.own.inquiry import routes_of
from explorer.server.own.routing import known_routes, templates, unanswered


class Thing(BaseModel):
    """A body."""

    name: str


def make() -> FastAPI:
    """An app with a route of each kind."""
    app, below, admin = FastAPI(), APIRouter(prefix="/things"), FastAPI()

    @below.get("/{number}")
    async def read(number: Annotated[int, Path(ge=5)], q: str, limit: int = 3) -> int:
        return number

    @below.post("")
    async def add(thing: Thing, x_key: Annotated[str, Header()]) -> Thing:
        return thing

    @app.websocket("/talk/{room}")
    async def talk(socket: WebSocket, room: str) -> None:
        await socket.accept()

    @admin.get("/state/{key}")
    async def state(key: str) -> str:
        return key

    app.include_router(below, prefix="/api")
    app.mount("/admin", admin)
    return app


def test_routes_have_examples_and_say_what_they_need() -> None:
    found = {(one["method"], one["template"]): one for one in routes_of(make())}
    read, add = found["GET", "/api/things/{number}"], found["POST", "/api/things"]
    assert read["path"] == "/api/things/5?q=example"
    assert (read["needs"], read["body"]) == ([], False)
    assert (add["needs"], add["body"]) == (["x-key"], True)
    talk = found["GET", "/talk/{room}"]
    assert (talk["speaks"], talk["path"]) == ("websocket", "/talk/room")


def test_an_app_inside_of_middleware_is_seen() -> None:
    assert len(routes_of(CORSMiddleware(make(), allow_origins=["*"]))) == 3


def test_paths_are_known_by_their_templates_whatever_they_are_included_in() -> None:
    known = known_routes(make())
    asked = [
        RouteKnobs(path="/api/things/7?q=1"),
        RouteKnobs(path="/admin/state/x"),
        RouteKnobs(path="/talk/lobby", speaks="websocket"),
        RouteKnobs(path="/docs"),
    ]
    assert templates(known, asked) == {
        "/api/things/7?q=1": "/api/things/{number}",
        "/admin/state/x": "/admin/state/{key}",
        "/talk/lobby": "/talk/{room}",
        "/docs": "/docs",
    }
    assert unanswered(known, asked) == {}


def test_what_no_route_answers_is_said_with_what_there_is() -> None:
    ((asked, sentence),) = unanswered(
        known_routes(make()), [RouteKnobs(path="/api/things/%37?q=1", method="DELETE")]
    ).items()
    assert asked == ("DELETE", "/api/things/7")
    assert sentence.startswith(
        "No route of your app answers DELETE /api/things/%37. It answers WebSocket /talk/{room}, "
    )
    assert sentence.endswith("GET /api/things/{number}, POST /api/things, GET /admin/state/{key}.")


def test_an_app_that_is_not_fastapis_has_no_known_routes() -> None:
    async def app(scope: object, receive: object, send: object) -> None:
        """Any ASGI app."""

    assert known_routes(app) == []
    assert unanswered([], [RouteKnobs(path="/x")]) == {}


class Unheard(BaseRoute):
    """A kind of route of the app's own."""


def test_routes_of_a_host_are_known_and_those_of_an_unknown_kind_are_not_named() -> None:
    app, below = FastAPI(openapi_url=None), FastAPI(openapi_url=None)

    @below.get("/by/{host}")
    async def by(host: str) -> str:
        return host

    app.host("{sub}.example.org", below)
    app.router.routes.append(Unheard())
    known = known_routes(app)
    assert templates(known, [RouteKnobs(path="/by/7")]) == {"/by/7": "/by/{host}"}
    (sentence,) = unanswered(known, [RouteKnobs(path="/health")]).values()
    assert sentence == "No route of your app answers GET /health. It answers GET /by/{host}."
