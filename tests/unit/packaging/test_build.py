"""Which kinds wrap the frozen folder, and which do without it."""

import sys
from pathlib import Path

import pytest

import build
from builder import frozen


@pytest.mark.parametrize(
    ("kinds", "have", "first"),
    [(["wheel"], False, False), (["deb"], False, True), (["deb"], True, False), (["frozen", "deb"], True, True)],
)
def test_the_folder_is_built_when_it_is_wanted(kinds: list[str], have: bool, first: bool) -> None:
    assert build.frozen_first(kinds, have=have) is first


def test_all_builds_only_what_there_is() -> None:
    assert all(kind in build.KINDS for kinds in build.ON.values() for kind in kinds)


def test_what_cannot_be_built_here_is_said_before_anything_is_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere = "nsis" if sys.platform == "darwin" else "dmg"
    monkeypatch.setattr(sys, "argv", ["build.py", elsewhere, "--output", str(tmp_path)])
    monkeypatch.setattr(frozen, "build", lambda output: pytest.fail("it freezes first"))
    assert build.main() == 2
    said = capsys.readouterr().err
    assert said.startswith("build.py: ")
    assert said.count("\n") == 1
