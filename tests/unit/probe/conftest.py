"""A run folder to join, and what was written into it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from explorer.probe.tracer import Tracer
from explorer.records.states import Role
from tests.observed import Observed


@pytest.fixture
def run(run_folder: Path) -> Path:
    """A run that nobody has joined yet; its token is `abcd`."""
    (run_folder / "numbers").mkdir()
    (run_folder / "rings").mkdir()
    (run_folder / "run.json").write_text(json.dumps({"schema": 1, "token": "abcd"}))
    return run_folder


@pytest.fixture
def tracer(run: Path) -> Iterator[Tracer]:
    """This process as a server in that run."""
    joined = Tracer.join(Role.SERVER, environ={"EXPLORER_RUN": str(run), "EXPLORER_EPOCH": "3"})
    assert joined is not None
    yield joined
    joined.close()


@pytest.fixture
def observed(run: Path) -> Iterator[Observed]:
    """Reads everything that the run's processes wrote."""
    reader = Observed(run)
    yield reader
    reader.close()
