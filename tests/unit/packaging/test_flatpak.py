"""The Flatpak: a bundle that says where its runtime is, and windows that belong to its menu entry."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from builder import flatpak, tar
from builder.tools import IDENTIFIER
from tests.architecture.checkout import ROOT


def test_the_bundle_says_where_its_runtime_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundled: list[list[str]] = []

    def stand_in(command: Sequence[str | Path]) -> str:
        if command[1] == "build-bundle":
            bundled.append([str(word) for word in command])
            next(Path(word) for word in command if str(word).endswith(".flatpak")).write_bytes(b"bundle")
        return ""

    archive = tmp_path / "archive.tar.xz"
    archive.write_bytes(b"archive")
    monkeypatch.setattr(flatpak, "run", stand_in)
    monkeypatch.setattr(tar, "build", lambda output: archive)
    monkeypatch.setattr(flatpak, "work", lambda name: tmp_path / name)
    made = flatpak.build(tmp_path)
    [[*_, repo, file, name]] = bundled
    assert (repo, file, name) == (str(tmp_path / "flatpak" / "repo"), str(made), IDENTIFIER)
    assert "--runtime-repo=https://dl.flathub.org/repo/flathub.flatpakrepo" in bundled[0]


@pytest.mark.parametrize("module", ["app.py", "demo/serve.py"])
def test_a_window_belongs_to_the_menu_entry_that_flatpak_renamed(module: str) -> None:
    """In its sandbox FLATPAK_ID is set, and the menu entry is called like it."""
    source = (ROOT / "explorer" / "desktop" / module).read_text("utf-8")
    assert re.findall(r"setDesktopFileName\((.+)\)", source) == ['os.environ.get("FLATPAK_ID", "concurrency-explorer")']
