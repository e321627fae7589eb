"""Going over to an app of the user's own and back during a run, and asking it for something else, live."""

import sys
from pathlib import Path

import pytest

from explorer.option_error import OptionError
from explorer.records.states import Kind
from explorer.server.own.begin import TOO_LATE
from explorer.session import events
from tests.integration.session.stage import Stage, status

APP = """from fastapi import FastAPI
app = FastAPI()

@app.get("/one/{n}")
async def one(n: int):
    return n

@app.get("/two")
async def two():
    return 2
"""


NO_LIFESPAN = """
class OnlyRequests:
    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        assert scope["type"] in ("http", "websocket")
        await self.app(scope, receive, send)

app = OnlyRequests(app)
"""
HEALTH = """
from starlette.responses import PlainTextResponse

@app.middleware("http")
async def health(request, call_next):
    return PlainTextResponse("ok") if request.url.path == "/health" else await call_next(request)
"""
SURROUNDED = """import asyncio, sys, time
from contextlib import asynccontextmanager
from fastapi import FastAPI

@asynccontextmanager
async def life(app):
    with open("seen", "w") as file:
        file.write(f"{time.strftime('%Z')} {asyncio.get_running_loop().get_debug()} {sys.flags.dev_mode}")
    yield

app = FastAPI(lifespan=life)

@app.get("/")
async def read():
    return 1
"""
QUOTING = """from fastapi import FastAPI, Request
app = FastAPI()

@app.get("/a")
async def a(request: Request, token: str = ""):
    if "x" in request.headers:
        raise ValueError("cannot use " + request.headers["x"])
    if token:
        raise KeyError(token)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with an app."""
    (tmp_path / "main.py").write_text(APP, encoding="utf-8")
    return tmp_path


def app(folder: Path, *paths: str) -> dict[str, object]:
    """The table of an app that is asked for these paths."""
    return {"target": "main:app", "folder": str(folder), "route": [{"path": path} for path in paths]}


async def answered(stage: Stage, more: int = 30) -> None:
    before = stage.answered
    await stage.until(lambda: stage.answered >= before + more, what="answers")


async def test_an_app_takes_over_under_load_is_asked_otherwise_and_gives_way_again(stage: Stage, folder: Path) -> None:
    await stage.start("load.users=4", "workload.seconds=0.005")
    await answered(stage)
    await stage.session.change(stage.scenario("load.users=4", app=app(folder, "/one/7")))
    await answered(stage)
    servers = len(stage.said(events.Serving))
    await stage.session.change(stage.scenario("load.users=4", app=app(folder, "/two")))
    await answered(stage)
    assert len(stage.said(events.Serving)) == servers, "what is asked for changes live"
    await stage.session.change(stage.scenario("load.users=4", "workload.seconds=0.005"))
    await answered(stage)
    await stage.session.stop()

    assert stage.failures == {}
    assert status(stage.spans(Kind.CLIENT_REQUEST)) - {0} == {200}
    names = {stage.names[number] for number in set(stage.spans(Kind.REQUEST)["name"].tolist())}
    assert {"GET /job", "GET /one/{n}", "GET /two"} <= names
    asked = {stage.names[number] for number in set(stage.spans(Kind.CLIENT_REQUEST)["name"].tolist())}
    assert asked == {"GET /job", "GET /one/{n}", "GET /two"}


async def test_what_is_asked_otherwise_later_is_as_secret_as_what_was_asked_first(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(QUOTING, encoding="utf-8")

    def warned(word: str) -> list[events.Warned]:
        return [one for one in stage.said(events.Warned) if word in one.sentence]

    await stage.start("load.users=2", app=app(tmp_path, "/a"))
    await answered(stage)
    servers = len(stage.said(events.Serving))
    header = app(tmp_path) | {"route": [{"path": "/a", "headers": {"x": "HeaderSecret1"}}]}
    await stage.session.change(stage.scenario("load.users=2", app=header))
    await stage.until(lambda: warned("ValueError"), what="the error that quotes the header")
    await stage.session.change(stage.scenario("load.users=2", app=app(tmp_path, "/a?token=QuerySecret2")))
    await stage.until(lambda: warned("KeyError"), what="the error that quotes the query")
    assert len(stage.said(events.Serving)) == servers, "what is asked for changes live"
    await stage.session.stop()

    assert warned("ValueError")[0].sentence.startswith("GET /a: your app raised ValueError: cannot use ***")
    told = repr(stage.heard) + repr([batch.events for batch in stage.batches])
    told += (stage.session.run / "events.jsonl").read_text(encoding="utf-8")
    assert "Secret" not in told


@pytest.mark.parametrize("model", ["event_loop", "prefork", "process_per_connection", "thread_per_connection"])
async def test_an_app_inside_of_what_knows_no_lifespan_is_observed(stage: Stage, tmp_path: Path, model: str) -> None:
    (tmp_path / "main.py").write_text(APP + NO_LIFESPAN, encoding="utf-8")
    await stage.start("load.users=2", model={"id": model}, app=app(tmp_path, "/one/7"))
    await answered(stage)
    await stage.session.stop()
    assert "endpoint one" in {stage.names[number] for number in set(stage.spans(Kind.OPERATION)["name"].tolist())}
    assert stage.log("operations"), "whose word they are"


async def test_what_middleware_answers_is_not_said_to_be_missing_but_what_nobody_answers_is(
    stage: Stage, tmp_path: Path
) -> None:
    (tmp_path / "main.py").write_text(APP + HEALTH, encoding="utf-8")
    await stage.start("load.users=2", app=app(tmp_path, "/health", "/nowhere"))
    await stage.until(lambda: stage.said(events.Warned), what="the sentence about the path that is missing")
    await answered(stage)
    await stage.session.stop()
    sentences = [one.sentence for one in stage.said(events.Warned)]
    assert sentences == ["No route of your app answers GET /nowhere. It answers GET /one/{n}, GET /two."]


@pytest.mark.parametrize(("model", "heeded"), [("event_loop", False), ("prefork", True)])
async def test_variables_have_effect_or_are_named(stage: Stage, tmp_path: Path, model: str, heeded: bool) -> None:
    (tmp_path / "main.py").write_text(SURROUNDED, encoding="utf-8")
    environment = {"TZ": "JST-9", "PYTHONASYNCIODEBUG": "1", "PYTHONDEVMODE": "1"}
    table = app(tmp_path, "/") | {"environment": environment}
    await stage.start("load.users=1", model={"id": model}, app=table)
    await stage.session.stop()
    debug = sys.version_info >= (3, 12)  # before that, uvicorn itself turns asyncio's debug mode off
    assert (tmp_path / "seen").read_text(encoding="utf-8") == f"JST {debug} {heeded}"
    named = [one.sentence for one in stage.said(events.Warned) if "PYTHONDEVMODE" in one.sentence]
    assert named == ([] if heeded else [TOO_LATE.format("PYTHONDEVMODE")])


async def test_an_app_that_fails_ends_the_run_with_its_traceback(stage: Stage, folder: Path) -> None:
    await stage.start("load.users=2", app=app(folder, "/two"))
    await answered(stage)
    (folder / "main.py").write_text(APP + "1 / 0\n", encoding="utf-8")
    await stage.change("server.http=h11")
    await stage.until(lambda: stage.said(events.Failed), what="the failure")
    (failed,) = stage.said(events.Failed)
    assert failed.sentence == "Your app cannot be imported: ZeroDivisionError: division by zero (main.py, line 11)."
    assert "ZeroDivisionError" in failed.details


async def test_an_app_that_cannot_be_there_is_refused_before_anything_starts(stage: Stage, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="There is no folder"):
        await stage.start(app=app(tmp_path / "nowhere", "/"))
    assert stage.said(events.Serving) == []
