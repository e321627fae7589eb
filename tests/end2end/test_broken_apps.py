"""Apps of a user's own that do not work: one sentence each, before any load, and nothing is left running."""

import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from explorer.session.log_watch import MOST
from tests.end2end.command import explorer, run_folders, run_folders_since, started
from tests.waiting import wait_until

GOOD = "from fastapi import FastAPI\napp = FastAPI()\n@app.get('/')\nasync def root():\n    return {}\n"
LIFESPAN = """from contextlib import asynccontextmanager
from fastapi import FastAPI
@asynccontextmanager
async def lifespan(app):
    {body}
    yield
app = FastAPI(lifespan=lifespan)
"""
BROKEN = {
    "import error": (
        "from fastapi import FastAPI\napp = FastAPI()\nundefined_name\n",
        r"Your app cannot be imported: NameError: name 'undefined_name' is not defined (main.py, line 3).",
    ),
    "syntax error": (
        "from fastapi import FastAPI\napp = FastAPI(\n",
        "Your app cannot be imported: SyntaxError: '(' was never closed (main.py, line 2).",
    ),
    "missing package": (
        "import a_package_that_is_not_here\n" + GOOD,
        "Your app cannot be imported (main.py, line 1). The package a_package_that_is_not_here is missing; install ",
    ),
    "missing module": ("", "There is no module 'main' in "),
    "lifespan that fails": (
        LIFESPAN.format(body="raise RuntimeError('no database here')"),
        "Your app's lifespan failed: RuntimeError: no database here (main.py, line 5).",
    ),
    "no such attribute": (
        GOOD.replace("app = ", "api = ").replace("@app", "@api"),
        "main has no 'app'. Did you mean 'api'?",
    ),
    "a router": (
        "from fastapi import APIRouter\napp = APIRouter()\n",
        "main:app is an APIRouter, not an app; include it in a FastAPI() app and name that.",
    ),
    "not an ASGI app": ("app = {'not': 'an app'}\n", "main:app is not an ASGI app but an object of the type dict; "),
    "a factory": (
        GOOD.replace("app = FastAPI()", "app = made = FastAPI()") + "def app():\n    return made\n",
        "--factory",
    ),
    "port taken at import": (
        "import socket\nlistener = socket.create_server(('127.0.0.1', {port}))\n" + GOOD,
        "Your app opens a port of its own (main.py, line 2), and that is taken: ",
    ),
    "port taken in the lifespan": (
        LIFESPAN.format(body="import asyncio; await asyncio.start_server(print, '127.0.0.1', {port})"),
        "Your app opens a port of its own (main.py, line 5), and that is taken: ",
    ),
    "a server of its own": (
        GOOD + "import uvicorn\nuvicorn.run(app)\n",
        "Your app starts a server of its own when it is imported (main.py, line 7): put that call below ",
    ),
    "sys.exit at import": (
        GOOD + "import sys\nsys.exit(3)\n",
        "Your app ends the process when it is imported: sys.exit(3) (main.py, line 7).",
    ),
    "endless import": (
        GOOD + "while True:\n    pass\n",
        "Your app's import did not finish within 1.5 s (main.py, line ",
    ),
    "endless lifespan": (
        LIFESPAN.format(body="import asyncio; await asyncio.sleep(3600)"),
        "Your app's lifespan did not finish within 1.5 s; ",
    ),
    "a module called explorer": ("", "Your app's folder holds a module called 'explorer', "),
}


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody else listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_app_gives_one_sentence_and_status_2(kind: str, tmp_path: Path, taken: int) -> None:
    source, sentence = BROKEN[kind]
    if source:
        (tmp_path / "main.py").write_text(source.replace("{port}", str(taken)), encoding="utf-8")
    elif "explorer" in kind:
        (tmp_path / "explorer.py").write_text(GOOD, encoding="utf-8")
    before = run_folders()
    limit = ("--set", "app.limit=1.5") if "endless" in kind else ()
    ended = explorer("run", "--app", "main:app", "--folder", tmp_path, "--duration", "1", *limit)
    assert ended.status == 2, ended.err
    assert len(ended.err.strip().splitlines()) == 1, ended.err
    assert sentence in ended.err
    assert not ended.out
    assert not run_folders_since(before)


def test_the_traceback_is_shown_on_demand(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(GOOD + "def deep():\n    return 1 / 0\ndeep()\n", encoding="utf-8")
    ended = explorer("run", "--app", "main:app", "--folder", tmp_path, "--duration", "1", "--verbose")
    assert ended.status == 2
    assert "Your app cannot be imported: ZeroDivisionError: division by zero (main.py, line 7)." in ended.err
    assert "Traceback (most recent call last)" in ended.err
    assert "in deep" in ended.err
    assert "explorer/server" not in ended.err


def test_an_endless_import_can_be_interrupted(tmp_path: Path) -> None:
    started_at = tmp_path / "started"
    source = GOOD + f"open({str(started_at)!r}, 'w').close()\nwhile True:\n    pass\n"
    (tmp_path / "main.py").write_text(source, encoding="utf-8")
    with started("run", "--app", "main:app", "--folder", tmp_path, "--set", "app.limit=600") as command:
        wait_until(started_at.exists, 30, "the import")
        children = command.children
        ended = command.end(20, signal.SIGINT)
        assert "The run was interrupted before its load began." in ended.out
        assert "Give the load users" not in ended.out
        assert not [child for child in children if child.is_running()]


DEPENDENCIES = """from fastapi import Depends, FastAPI
app = FastAPI()
async def broken():
    raise ValueError("no session")
    yield 1
async def fine():
    yield 1
@app.get("/broken")
async def fails(session=Depends(broken)):
    return {}
@app.get("/fine")
async def works(session=Depends(fine)):
    return {}
"""


@pytest.mark.parametrize("model", ["event_loop", "prefork"])
@pytest.mark.long
def test_a_dependency_that_raises_is_told_once_and_the_run_goes_on(tmp_path: Path, model: str) -> None:
    (tmp_path / "main.py").write_text(DEPENDENCIES, encoding="utf-8")
    routes = ("--path", "/broken", "--path", "/fine")
    load = ("--users", "4", "--duration", "1.5", "--model", model, "--json", "-")
    ended = explorer("run", "--app", "main:app", "--folder", tmp_path, *routes, *load)
    assert ended.status == 0, ended.err
    sentence = "GET /broken: its dependency broken raised ValueError: no session (main.py, line 4). The run goes on."
    assert ended.err.count("GET /broken") == 1
    assert sentence in ended.err
    counted = ended.figures["requests_total"]
    assert counted["ok"] > 0
    assert counted["failed"] > 0


def test_an_app_that_floods_its_output_disturbs_nothing(tmp_path: Path) -> None:
    flood = "for number in range(100_000):\n    print('flood', number, 'x' * 120)\n"
    handler = "@app.get('/flood')\ndef handler():\n    print('y' * 20_000)\n    return {}\n"
    (tmp_path / "main.py").write_text(GOOD + flood + handler, encoding="utf-8")
    before = run_folders()
    with started(
        "run", "--app", "main:app", "--folder", tmp_path, "--path", "/flood", "--duration", "600", "--json", "-"
    ) as command:
        command.loaded()
        wait_until(lambda: "prints so much" in command.err, 30, "the sentence")
        logs = list(command.run.glob("log-server-*.txt"))
        assert logs
        assert all(log.stat().st_size < 4 * MOST for log in logs)
        ended = command.end(20, signal.SIGINT)
    assert ended.status == 0, ended.err
    assert ended.err.count("prints so much") == 1
    assert ended.figures["requests_total"]["ok"] > 0
    assert ended.figures["requests_total"]["failed"] == 0
    assert not run_folders_since(before)
