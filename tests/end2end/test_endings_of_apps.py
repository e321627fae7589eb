"""What an app of the user's own does at the end of its lifespan is awaited, but not for ever."""

import signal
from pathlib import Path

import pytest

from tests.end2end.command import Started, started
from tests.waiting import wait_until

APP = """import asyncio
from contextlib import asynccontextmanager
from fastapi import FastAPI

@asynccontextmanager
async def lifespan(app):
    yield
    open("ending", "w").close()
    await asyncio.sleep({seconds})
    open("ended", "w").close()

app = FastAPI(lifespan=lifespan)

@app.get("/")
async def root():
    return 1
"""
SENTENCE = "Your app's lifespan did not end within 5 s and was cut off."


def written(folder: Path, seconds: float) -> tuple[str | Path, ...]:
    """The words that run an app whose lifespan takes so long to end."""
    (folder / "main.py").write_text(APP.format(seconds=seconds), encoding="utf-8")
    return ("run", "--app", "main:app", "--folder", folder, "--users", "1")


def interrupted(command: Started, folder: Path) -> None:
    """Wait for the load, press Ctrl-C, and wait until the lifespan is about to end."""
    command.loaded()
    command.process.send_signal(signal.SIGINT)
    wait_until((folder / "ending").exists, 20, "the end of the lifespan")


@pytest.mark.parametrize("model", ["event_loop", "prefork"])
def test_a_lifespan_may_take_its_time_to_end(tmp_path: Path, model: str) -> None:
    with started(*written(tmp_path, 1.8), "--model", model) as command:
        interrupted(command, tmp_path)
        ended = command.end()
    assert (tmp_path / "ended").exists()
    assert SENTENCE not in ended.err


def test_a_lifespan_that_does_not_end_is_cut_off_in_a_sentence(tmp_path: Path) -> None:
    with started(*written(tmp_path, 3600)) as command:
        interrupted(command, tmp_path)
        ended = command.end()
    assert ended.err.count(SENTENCE) == 1
    assert not (tmp_path / "ended").exists()


ENDLESS = """import asyncio
from fastapi import FastAPI
app = FastAPI()

@app.get("/")
async def busy():
    while True:
        pass

@app.get("/stubborn")
async def stubborn():
    while True:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            pass
"""


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/", "The event loop was busy in a callback of your app (main.py, line 7) and did not hear the stop"),
        ("/stubborn", "Your app's server did not end within 5 s and was cut off"),
    ],
)
def test_a_request_that_never_ends_is_not_taken_for_the_lifespan(tmp_path: Path, path: str, told: str) -> None:
    (tmp_path / "main.py").write_text(ENDLESS, encoding="utf-8")
    words = ("run", "--app", "main:app", "--folder", tmp_path, "--path", path, "--users", "1", "--duration", "1")
    with started(*words, "--set", "load.timeout=1") as command:
        ended = command.end()
    assert ended.err.count(told) == 1
    assert "lifespan" not in ended.err


def test_a_second_ctrl_c_waits_no_longer(tmp_path: Path) -> None:
    with started(*written(tmp_path, 3600)) as command:
        interrupted(command, tmp_path)
        command.process.send_signal(signal.SIGINT)
        ended = command.end()
    assert SENTENCE not in ended.err
    assert "requests" in ended.out, "what was measured is told nevertheless"
