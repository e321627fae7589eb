"""What pyproject.toml tells pip and the index agrees with what lies here."""

import importlib
import tomllib
from pathlib import Path
from typing import Any

import pytest

from explorer import paths
from tests.architecture.checkout import ROOT, tracked_files

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
DOORS = {**PROJECT["scripts"], **PROJECT["gui-scripts"]}


@pytest.mark.parametrize("name", DOORS)
def test_each_command_leads_somewhere(name: str) -> None:
    module, function = DOORS[name].split(":")
    assert callable(getattr(importlib.import_module(module), function))


def test_every_licence_text_of_the_resources_is_named() -> None:
    named = {path.relative_to(ROOT) for pattern in PROJECT["license-files"] for path in ROOT.glob(pattern)}
    words = ("LICENSE", "LICENCE", "NOTICE", "COPYING", "OFL")
    there = {
        path for path in tracked_files() if path.parts[0] == "resources" and any(word in path.name for word in words)
    }
    assert there
    assert there | {Path("LICENSE")} == named


def test_types_are_declared() -> None:
    assert (ROOT / "explorer" / "py.typed").is_file()


def test_resources_inside_the_package_come_before_what_lies_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside an installed package may lie another project's folder of that name."""
    package = tmp_path / "explorer"
    (package / "resources").mkdir(parents=True)
    (tmp_path / "resources").mkdir()
    monkeypatch.setattr(paths, "__file__", str(package / "paths.py"))
    assert paths.resources() == package / "resources"
    (package / "resources").rmdir()
    assert paths.resources() == tmp_path / "resources"
    (tmp_path / "resources").rmdir()
    with pytest.raises(FileNotFoundError, match="Install the program again"):
        paths.resources()
