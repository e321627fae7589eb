"""A theme for each test, dark, and a run to join."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from explorer.desktop.theme import Theme
from explorer.paths import resources
from explorer.probe.tracer import Tracer
from explorer.records.states import Role
from tests.observed import Observed


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    """The dark theme; nothing is applied to the application."""
    return Theme(resources())


@pytest.fixture
def tracer(run_folder: Path) -> Iterator[Tracer]:
    """This process as a server in a run."""
    (run_folder / "numbers").mkdir()
    (run_folder / "rings").mkdir()
    (run_folder / "run.json").write_text(json.dumps({"schema": 1, "token": "abcd"}))
    joined = Tracer.join(Role.SERVER, environ={"EXPLORER_RUN": str(run_folder)})
    assert joined is not None
    yield joined
    joined.close()


@pytest.fixture
def observed(run_folder: Path) -> Iterator[Observed]:
    """Reads everything that the run's processes wrote."""
    reader = Observed(run_folder)
    yield reader
    reader.close()
