"""What every kind of package needs: where things are, which version this is, and other programs."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"
NAME = "concurrency-explorer"
TITLE = "Concurrency Explorer"
IDENTIFIER = "io.github.concurrency_explorer.ConcurrencyExplorer"
SUMMARY = "Watch how a web server runs many requests at once"
GOT_BY = {
    "dpkg-deb": "dpkg",
    "dpkg-query": "dpkg (the licences of libraries are known to it alone: build on Debian or Ubuntu)",
    "rpmbuild": "rpm",
    "makensis": "nsis",
    "appstreamcli": "appstream",
    "desktop-file-validate": "desktop-file-utils",
    "strip": "binutils",
    "readelf": "binutils",
    "mksquashfs": "squashfs-tools",
}


class Missing(Exception):
    """Something that is needed is not here; the sentence says what to do."""


def say(words: str) -> None:
    """Tell what goes on."""
    print(f"[build] {words}", flush=True)


def version() -> str:
    """The one version number: `explorer/__init__.py`."""
    found = re.search(r'^__version__ = "([^"]+)"', (ROOT / "explorer" / "__init__.py").read_text("utf-8"), re.MULTILINE)
    if found is None:
        raise Missing("explorer/__init__.py has no __version__.")
    return found[1]


def before_release(mark: str) -> str:
    """The version as package managers sort it: what comes before a release (0.2.0rc1) with `mark` before that."""
    return re.sub(r"\.?(a|b|rc|dev)(?=\d)", rf"{mark}\1", version(), count=1)


def need(*tools: str) -> None:
    """Raise `Missing` for the first of these programs that is not here."""
    for tool in tools:
        if shutil.which(tool) is None:
            raise Missing(f"{tool} is not here; on Debian: sudo apt-get install {GOT_BY.get(tool, tool)}")


def run(command: Sequence[str | Path], *, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> str:
    """Run a program to its end and return what it said. A failure raises `Missing` with its last words."""
    told = subprocess.run(
        [str(part) for part in command],
        env={**{name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}, **(env or {})},
        cwd=cwd or ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    if told.returncode:
        raise Missing(f"{command[0]} failed ({told.returncode}):\n{told.stdout[-4000:]}")
    return told.stdout


def fresh(folder: Path) -> Path:
    """An empty folder of this name."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def work(name: str) -> Path:
    """A folder for what is needed on the way (`build/`, which git ignores)."""
    folder = ROOT / "build" / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def machine() -> str:
    """The processor as Python calls it: x86_64, aarch64, arm64, AMD64."""
    return os.uname().machine if hasattr(os, "uname") else os.environ.get("PROCESSOR_ARCHITECTURE", sys.platform)
