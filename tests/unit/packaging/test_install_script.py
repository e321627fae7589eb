"""install.sh: for one user, over an older version, and away again without the recordings."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.checkout import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it is for Linux")
NAME = "concurrency-explorer"
LINUX = ROOT / "packaging" / "linux"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """What the archive unpacks to, with a stand-in for the program."""
    folder = tmp_path / "unpacked ä"
    program = folder / "lib" / NAME / NAME
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\necho started\n")
    program.chmod(0o755)
    for source, place in ((f"{NAME}.desktop", "applications"), (f"{NAME}.xml", "mime/packages")):
        file = folder / "share" / place / source
        file.parent.mkdir(parents=True)
        file.write_text((LINUX / source).read_text("utf-8"))
    script = folder / "install.sh"
    script.write_text((LINUX / "install.sh").read_text("utf-8"))
    script.chmod(0o755)
    return folder


def install(archive: Path, home: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run the script as a user whose home is there."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("XDG_") and name != "PREFIX"}
    return subprocess.run(
        [archive / "install.sh", *words], env={**kept, "HOME": str(home)}, capture_output=True, text=True, check=False
    )


def files(folder: Path) -> set[str]:
    """All files below, without what the desktop's own tools have written."""
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if not path.is_dir() and (NAME in str(path.relative_to(folder)))
    }


def test_it_installs_over_an_older_version_and_is_started_by_its_name(archive: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    old = home / ".local" / "lib" / NAME / "old"
    old.parent.mkdir(parents=True)
    old.write_text("of the version before")
    told = install(archive, home)
    assert told.returncode == 0, told.stderr
    command = home / ".local" / "bin" / NAME
    assert subprocess.run([command], capture_output=True, text=True, check=True).stdout == "started\n"
    assert not old.exists()
    entry = (home / ".local/share/applications" / f"{NAME}.desktop").read_text("utf-8")
    assert f'Exec="{command}" open %f' in entry


def test_removal_leaves_the_recordings_and_nothing_else(archive: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    data = home / ".local" / "share" / NAME
    (data / "runs" / "one").mkdir(parents=True)
    (data / "runs" / "one" / "run.json").write_text("{}")
    (data / "window.json").write_text("{}")
    install(archive, home)
    told = install(archive, home, "--remove")
    assert told.stdout.endswith(f"Your recordings are still in {data}.\n")
    assert files(home) == {f".local/share/{NAME}/runs/one/run.json"}


def test_removal_without_recordings_leaves_nothing(archive: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / ".local" / "share" / NAME).mkdir(parents=True)
    install(archive, home)
    assert install(archive, home, "--remove").stdout == f"Removed from {home / '.local'}.\n"
    assert files(home) == set()


def test_another_word_is_refused_with_what_to_do(archive: Path, tmp_path: Path) -> None:
    told = install(archive, tmp_path / "home", "--uninstall")
    assert told.returncode == 2
    assert told.stderr == "install.sh: '--uninstall' is not known; run it without anything, or with --remove.\n"
