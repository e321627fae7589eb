"""A duel on disk: whole or not there, never over somebody's recordings, and read without being trusted."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from explorer.catalog import Catalog
from explorer.option_error import OptionError
from explorer.scenario import default
from explorer.session import duel, duel_file
from explorer.session.duel_plan import plan
from tests.desktop.duel.sample import told

Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the recordings of two scenarios lie."""
    for badge in "AB":
        (tmp_path / f"{badge}.cxrec").touch()
    return tmp_path


def test_what_was_written_is_read_again(folder: Path) -> None:
    duel_file.write(folder, told())
    assert duel_file.read(folder) == (folder, told())
    assert duel_file.read(folder / duel_file.NAME)[1] == told()
    assert sorted(path.name for path in folder.iterdir()) == ["A.cxrec", "B.cxrec", duel_file.NAME]


def test_nobodys_recording_is_written_over(tmp_path: Path) -> None:
    mine = tmp_path / "A.cxrec"
    mine.write_bytes(b"mine")
    with pytest.raises(OptionError, match=r"holds a recording A\.cxrec already"):
        duel_file.prepare_folder(tmp_path)
    assert mine.read_bytes() == b"mine"


def test_a_duel_that_came_to_nothing_leaves_what_was_there_before(tmp_path: Path) -> None:
    fresh, used = tmp_path / "fresh", tmp_path / "used"
    used.mkdir()
    (used / "notes.txt").touch()
    for folder in (fresh, used):
        duel_file.prepare_folder(folder)
        (folder / "B.cxrec").touch()
        duel_file.discard(folder)
    assert not fresh.exists()
    assert [path.name for path in used.iterdir()] == ["notes.txt"]


def test_a_duel_that_fails_takes_its_recordings_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    catalog = Catalog()
    folder = tmp_path / "kept"
    duel_file.prepare_folder(folder)
    (folder / "A.cxrec").touch()

    def fails(*_: object) -> None:
        raise OptionError("B cannot run.")

    monkeypatch.setattr(duel, "check", fails)
    running = duel.Duel(catalog, plan(catalog, [default(catalog)] * 2), folder=folder)
    with pytest.raises(OptionError, match="B cannot run"):
        asyncio.run(running.run())
    assert not folder.exists()


def _put(*way: Any) -> Change:
    """Puts the last of `way` at the place in the JSON that the others lead to."""

    def change(data: dict[str, Any]) -> None:
        inner: Any = data
        for key in way[:-2]:
            inner = inner[key]
        inner[way[-2]] = way[-1]

    return change


@pytest.mark.parametrize(
    "change",
    [
        _put("differences", 0, "values", 0, "1.5"),
        _put("differences", 0, "values", 0, float("inf")),
        _put("differences", 0, "ratio", 0),
        _put("differences", 0, "ratio", 10**400),
        _put("differences", 0, "ratio", -2.0),
        _put("differences", 0, "interval", [1.0]),
        _put("differences", 0, "interval", 7),
        _put("differences", 0, "clear", "yes"),
        _put("differences", None),
        _put("repeat", float("inf")),
        _put("load", "seed", None),
        _put("load", "planned", "many"),
        _put("runs", 0, "repeats", [{}]),
        _put("runs", 0, "repeats", [{"telemetry": {"lost": "none"}}]),
        _put("runs", 0, "title", 3),
        _put("notes", "all is well"),
        _put("notes", [1]),
        _put("order", 2),
        _put("figure", ["throughput_rps"]),
        lambda data: data.pop("cause_figure"),
    ],
)
def test_what_could_not_be_shown_is_a_sentence(folder: Path, change: Change) -> None:
    data = told()
    change(data)
    (folder / duel_file.NAME).write_text(json.dumps(data))
    with pytest.raises(OptionError, match=r"is damaged"):
        duel_file.read(folder)
