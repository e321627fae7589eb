"""Three apps that somebody else could have written, unmodified, each with a virtual environment of its own.

That every request, and in each every dependency, is on the timeline is read from the recording.
"""

import json
import os
import sys
from collections import Counter
from pathlib import Path

import pytest

from explorer.recording.file_source import FileSource
from tests.apps.build import App, borrow, write
from tests.apps.chat import CHAT
from tests.apps.notes import NOTES
from tests.apps.seen import check
from tests.apps.shop import SHOP
from tests.end2end.command import explorer, run_folders, run_folders_since
from tests.end2end.recorded import Recorded

RUNS = [
    (SHOP, "event_loop"),
    (SHOP, "thread_per_connection"),
    (NOTES, "event_loop"),
    (NOTES, "prefork"),
    (NOTES, "process_per_connection"),
    (CHAT, "event_loop"),
    (CHAT, "thread_per_connection"),
    (CHAT, "prefork"),
]
QUICK = [(SHOP, "event_loop"), (NOTES, "prefork"), (CHAT, "thread_per_connection")]
"""Every app once, each under another model."""


@pytest.mark.parametrize(
    ("app", "model"),
    [
        pytest.param(
            app, model, id=f"{app.name} under {model}", marks=() if (app, model) in QUICK else pytest.mark.long
        )
        for app, model in RUNS
    ],
)
def test_an_app_of_ones_own_shows_every_request_and_dependency(app: App, model: str, tmp_path: Path) -> None:
    place = write(app, tmp_path / app.name)
    python = borrow(app, place)
    scenario = tmp_path / "own.toml"
    scenario.write_text(app.scenario(place, users=4, think_time=0.02, duration=1.5), encoding="utf-8")
    before = run_folders()
    recording = tmp_path / "own.cxrec"
    ended = explorer("run", scenario, "--model", model, "--record", recording, "--json", "-")
    assert ended.status == 0, ended.err
    assert f"Your app runs under {python}, the virtual environment in its folder." in ended.err
    assert "failed" not in ended.err
    check(app, Recorded(recording), ended.figures)
    assert ended.figures["operations"]["source"] == "hooks"
    assert not run_folders_since(before)
    _keeps_secrets(app, recording, ended.out)


def _keeps_secrets(app: App, recording: Path, printed: str) -> None:
    """Names of variables and headers are kept, their values are not."""
    source = FileSource(recording)
    told = json.dumps(source.run)
    source.close()
    assert json.loads(printed)["scenario"]["app"]["target"] == app.target
    for name, value in app.environment.items():
        for text in (told, printed):
            assert name in text
            assert value not in text
    for asked in app.routes:
        for name, value in asked.headers.items():
            assert name in printed
            assert value not in told + printed


FORKS = """
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager

from fastapi import FastAPI

fork = multiprocessing.get_context("fork")


@asynccontextmanager
async def lifespan(app):
    with ProcessPoolExecutor(1, mp_context=fork) as pool:
        pool.submit(abs, -1).result()
        yield {}


app = FastAPI(lifespan=lifespan)


@app.get("/job")
async def job():  # no thread: what one of several threads forks may wait for a lock of another for ever
    process = fork.Process(target=abs, args=(1,))
    process.start()
    process.join()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.long
def test_processes_that_an_app_forks_are_no_servers(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(FORKS)
    words = ("--app", "main:app", "--folder", tmp_path, "--interpreter", sys.executable, "--path", "/job")
    ended = explorer("run", *words, "--users", "2", "--duration", "2", "--json", "-")
    assert ended.status == 0, ended.err
    roles = Counter(process["role"] for process in ended.figures["processes"])
    assert roles["server"] == 1
    assert roles["pool"] > 2, roles
    assert len(ended.figures["event_loops"]) == 1
