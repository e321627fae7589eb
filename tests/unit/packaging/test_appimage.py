"""AppImage and Flatpak: what they are made of, and what is said where they cannot be."""

import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from builder import appimage, flatpak
from builder.tools import IDENTIFIER, NAME, Missing


@pytest.mark.skipif(shutil.which("mksquashfs") is None, reason="mksquashfs is not here; it is in squashfs-tools")
def test_the_image_lies_behind_the_runtime(tmp_path: Path) -> None:
    app = tmp_path / "AppDir"
    (app / "usr" / "bin").mkdir(parents=True)
    (app / "usr" / "bin" / NAME).write_text("#!/bin/sh\n")
    appimage.dress(app)
    head, made = tmp_path / "runtime", tmp_path / "made"
    head.write_bytes(b"runtime")
    appimage.join(head, app, made)
    assert made.read_bytes()[:11] == b"runtimehsqs"
    listed = subprocess.run(
        ["unsquashfs", "-o", "7", "-l", "-d", "", made], capture_output=True, text=True, check=True
    ).stdout.split()
    assert {"/AppRun", "/.DirIcon", f"/{NAME}.desktop", f"/{NAME}.svg", f"/usr/bin/{NAME}"} <= set(listed)


def test_a_runtime_may_be_named(tmp_path: Path) -> None:
    assert appimage.runtime(tmp_path, {appimage.RUNTIME: "here"}) == Path("here")


def test_a_runtime_with_another_hash_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"other")
    monkeypatch.setattr(appimage, "RELEASE", other.as_uri())
    monkeypatch.setattr(appimage, "machine", lambda: "x86_64")
    with pytest.raises(Missing, match="its hash differs"):
        appimage.runtime(tmp_path, {})


def test_a_runtime_that_cannot_be_fetched_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(appimage, "RELEASE", (tmp_path / "nothing").as_uri())
    monkeypatch.setattr(appimage, "machine", lambda: "x86_64")
    with pytest.raises(Missing, match=appimage.RUNTIME):
        appimage.runtime(tmp_path, {})


def test_the_flatpak_is_made_of_the_archive(tmp_path: Path) -> None:
    archive = tmp_path / 'a "b".tar.xz'
    with tarfile.open(archive, "w:xz"):
        pass
    manifest = flatpak.filled(archive)
    [module] = manifest["modules"]
    [source] = module["sources"]
    assert source["path"] == str(archive)
    assert len(source["sha256"]) == 64
    assert manifest["id"] == IDENTIFIER
    assert manifest["command"] == NAME
