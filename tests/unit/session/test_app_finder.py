"""Apps are found by reading files: variables and factories, in packages, below src, and never by running anything."""

from pathlib import Path

from explorer.session.app_finder import find_apps

TRAP = "raise RuntimeError('imported')\n"


def write(place: Path, **files: str) -> Path:
    """Files by their path, with __ for a folder's mark."""
    for name, text in files.items():
        file = place / (name.replace("__", "/") + ".py")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(TRAP + text, encoding="utf-8")
    return place


def targets(place: Path) -> list[tuple[str, bool]]:
    return [(found.target, found.factory) for found in find_apps(place)]


def test_variables_and_factories_are_found_with_the_likely_ones_first(tmp_path: Path) -> None:
    write(
        tmp_path,
        main="from fastapi import FastAPI\napp = FastAPI(title='x')\n",
        shop__api="import fastapi\napi: fastapi.FastAPI = fastapi.FastAPI()\n",
        shop__factory="def create_app(name='x'):\n    return FastAPI()\ndef other(needed):\n    return FastAPI()\n",
        tests__helpers="app = FastAPI()\n",
        nothing="x = dict()\n",
    )
    assert targets(tmp_path) == [
        ("main:app", False),
        ("shop.api:api", False),
        ("shop.factory:create_app", True),
        ("tests.helpers:app", False),
    ]


def test_below_src_the_modules_are_named_from_there(tmp_path: Path) -> None:
    write(tmp_path, src__notes____init__="", src__notes__web="app = FastAPI()\n")
    (found,) = find_apps(tmp_path)
    assert (found.target, found.folder) == ("notes.web:app", tmp_path / "src")


def test_environments_and_what_is_no_python_are_passed_by(tmp_path: Path) -> None:
    write(tmp_path, venv__lib="app = FastAPI()\n", node_modules__x="app = FastAPI()\n")
    (tmp_path / "broken.py").write_text("app = FastAPI(\n", encoding="utf-8")
    (tmp_path / "two-words.py").write_text("app = FastAPI()\n", encoding="utf-8")
    assert targets(tmp_path) == []


def test_a_file_is_looked_into_by_itself(tmp_path: Path) -> None:
    write(tmp_path, main="app = FastAPI()\n", other="app = FastAPI()\n")
    assert targets(tmp_path / "other.py") == [("other:app", False)]
