"""The import contracts of pyproject.toml hold, and each of them notices when it does not.

A contract that guards the wrong door passes for ever. So every contract gets a planted violation in a copy of the
package, and must fail there.
"""

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.checkout import ROOT, python_files

LINT = "from importlinter.cli import lint_imports_command as command; command()"
MAY_USE_QT = {"__main__", "cli", "desktop"}


@dataclass(frozen=True)
class Plant:
    """A violation: files to add or to extend, and the contract that must fail."""

    contract: str
    files: dict[str, str]
    keeps: str = ""
    """A contract that must still hold with it: shows that the two guard different doors."""


PLANTS = {
    "a lower layer imports a higher one": Plant("layers", {"records/planted.py": "import explorer.session"}),
    "a neighbour imports its neighbour": Plant("layers", {"load/planted.py": "import explorer.collect"}),
    "the probe imports the child": Plant("layers", {"probe/planted.py": "import explorer.child"}),
    "a folder that no layer names": Plant("layers", {"misc/__init__.py": ""}),
    "Qt in the store": Plant("qt-only-in-desktop", {"store/planted.py": "import PySide6.QtCore"}),
    "the Qt event loop in the session": Plant("qt-only-in-desktop", {"session/planted.py": "import qasync"}),
    "Qt through the desktop": Plant(
        "qt-only-in-desktop",
        {"desktop/planted.py": "import PySide6.QtCore", "analysis/planted.py": "import explorer.desktop.planted"},
    ),
    "Qt in the command line": Plant(
        "no-qt-at-the-door", {"cli/main.py": "import PySide6.QtCore"}, "qt-only-in-desktop"
    ),
    "NumPy in the probe": Plant("no-numpy-in-the-observed", {"probe/planted.py": "import numpy"}),
    "NumPy in a workload, inside a function": Plant(
        "no-numpy-in-the-observed", {"server/workloads/planted/__init__.py": "def f():\n    import numpy"}
    ),
    "NumPy through the ring's reader": Plant(
        "no-numpy-in-the-observed",
        {"ring/reader.py": "import numpy", "child/planted.py": "import explorer.ring.reader"},
    ),
    "pydantic in the sampler": Plant("light-sampler", {"sampler/planted.py": "import explorer.options"}),
    "a model imports a model": Plant(
        "independent-models",
        {"server/models/first.py": "", "server/models/second.py": "import explorer.server.models.first"},
    ),
    "a dispatch imports a dispatch": Plant(
        "independent-dispatch",
        {
            "server/dispatch/first/__init__.py": "",
            "server/dispatch/second/__init__.py": "",
            "server/dispatch/second/handler.py": "import explorer.server.dispatch.first",
        },
    ),
    "a finding imports a finding": Plant(
        "independent-findings",
        {
            "analysis/findings/first.py": "",
            "analysis/findings/second.py": "from explorer.analysis.findings import first",
        },
    ),
    "a workload imports a workload": Plant(
        "independent-workloads",
        {
            "server/workloads/first/__init__.py": "",
            "server/workloads/second/__init__.py": "",
            "server/workloads/second/body.py": "from explorer.server.workloads import first",
        },
    ),
}


def contracts() -> list[dict[str, Any]]:
    """The contracts as pyproject.toml declares them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = project["tool"]["importlinter"]["contracts"]
    return found


def lint(folder: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    """Check the package in `folder` (and not the one that is being tested)."""
    settings = dict(os.environ, PYTHONPATH=str(folder), NO_COLOR="1", COLUMNS="200")
    command = [sys.executable, "-c", LINT, *options]
    return subprocess.run(command, cwd=folder, env=settings, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package with its configuration, to plant violations in."""
    folder = tmp_path_factory.mktemp("copy")
    for path in [Path("pyproject.toml"), *python_files("explorer")]:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, folder / path)
    return folder


@pytest.fixture
def plant(copy: Path, request: pytest.FixtureRequest) -> Iterator[Plant]:
    """One violation, in the copy for the length of a test."""
    planted: Plant = request.param
    shutil.copytree(copy / "explorer", copy / "kept")
    for name, text in planted.files.items():
        path = copy / "explorer" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(f"\n{text}\n")
    yield planted
    shutil.rmtree(copy / "explorer")
    (copy / "kept").rename(copy / "explorer")


def test_all_contracts_hold(copy: Path) -> None:
    answer = lint(copy)
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.parametrize("plant", PLANTS.values(), ids=PLANTS.keys(), indirect=True)
def test_a_planted_violation_breaks_its_contract(copy: Path, plant: Plant) -> None:
    answer = lint(copy, "--contract", plant.contract)
    assert answer.returncode == 1, answer.stdout + answer.stderr
    assert "BROKEN" in answer.stdout or "exhaustive" in answer.stdout, answer.stdout + answer.stderr
    if plant.keeps:
        assert lint(copy, "--contract", plant.keeps).returncode == 0


def test_every_contract_has_a_planted_violation() -> None:
    assert {plant.contract for plant in PLANTS.values()} == {contract["id"] for contract in contracts()}


def test_the_qt_contract_names_every_other_part() -> None:
    """A forbidden contract lists its sources by hand: a new part must not slip past it."""
    contract = next(contract for contract in contracts() if contract["id"] == "qt-only-in-desktop")
    parts = {path.parts[1].removesuffix(".py") for path in python_files("explorer")} - {"__init__"}
    assert {name.removeprefix("explorer.") for name in contract["source_modules"]} == parts - MAY_USE_QT
