"""What the window says about the program's parts: all of them, each with a licence that can be read offline."""

import json
import sys
from pathlib import Path

import pytest

from explorer import __version__
from explorer.desktop.about import parts
from explorer.desktop.about.parts import NAME, Part


def test_the_program_and_python_come_first_and_what_it_requires_is_there() -> None:
    found = parts.installed()
    names = [part.name for part in found]
    assert names[:2] == [NAME, "Python"]
    assert found[0].version == __version__
    assert {"fastapi", "uvicorn", "starlette", "greenlet", "psycopg-binary", "Inter", "Swagger UI"} <= set(names)
    assert "pytest" not in names
    assert len(names) == len(set(names))


def test_every_part_has_a_licence_and_all_but_python_its_text() -> None:
    """Whoever builds Python may have left its text out."""
    found = parts.installed()
    assert [part.name for part in found if not part.licence] == []
    assert [part.name for part in found[2:] if not part.text()] == []


def test_a_package_without_a_text_of_its_own_has_the_general_one() -> None:
    [qt] = [part for part in parts.installed() if part.name == "Qt"]
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in qt.text()


def test_extras_of_requirements_are_followed() -> None:
    asked = ["a[one,two]>=1", 'b ; extra == "one"', 'c ; extra == "three"', "d ; python_version < '3'"]
    assert list(parts._wanted(asked, {"one"})) == [
        ("a", frozenset({"one", "two"})), ("b", frozenset()), ("d", frozenset()),
    ]  # fmt: skip


@pytest.mark.parametrize("place", ["bin", "App.app/Contents/MacOS"])
def test_a_frozen_program_reads_the_list_it_brings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    program = tmp_path / place / "concurrency-explorer"
    folder = (program.parent if place == "bin" else program.parent.parent / "Resources") / "licences"
    folder.mkdir(parents=True)
    program.parent.mkdir(exist_ok=True)
    (folder / "x-LICENSE").write_text("Do as you like.")
    (folder / "licences.json").write_text(
        json.dumps([{"name": "x", "version": "1", "licence": "MIT", "files": ["x-LICENSE", "gone"]}])
    )
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(program))
    [part] = parts.parts()
    assert (part.name, part.text()) == ("x", "Do as you like.")


def test_what_is_copied_names_each_part_and_the_system() -> None:
    text = parts.as_text([Part("x", "1", "MIT", ()), Part("y", "2", "BSD", ())], "Linux 6, x86_64")
    assert text == "x 1 (MIT)\ny 2 (BSD)\nLinux 6, x86_64"
