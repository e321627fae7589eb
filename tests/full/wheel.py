"""The wheel as `pip install` takes it: built, checked, installed where there is nothing else, and started there."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import venv
import zipfile
from collections.abc import Sequence
from pathlib import Path

import psutil

from tests.architecture.checkout import tracked_files
from tests.full.outcome import ROOT, Failed

LIMIT_S = 600
LICENCES = 7
"""Ours, two fonts', the icons', and three of the offline pages."""


def run() -> str:
    """Build it, look into it, install it and run it; what was seen."""
    folder = Path(tempfile.mkdtemp(prefix="explorer wheel é-"))
    try:
        wheel = built(folder / "dist")
        files = complete(wheel)
        command = installed(wheel, folder / "environment")
        requests = measures(command, folder)
        size = draws(command, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    left = [
        each.pid for each in psutil.process_iter(["cmdline"]) if str(folder) in " ".join(each.info["cmdline"] or ())
    ]
    if left:
        raise Failed(f"processes {left} of the installed program still run.")
    return f"{files} files; {requests} requests in a run of one second; a picture of {size // 1000} kB"


def built(output: Path) -> Path:
    """Build sdist and wheel; `build.py` has twine check both."""
    say([sys.executable, ROOT / "packaging" / "build.py", "wheel", "--output", output], ROOT)
    return next(output.glob("*.whl"))


def complete(wheel: Path) -> int:
    """The number of files in it, if all that belongs there is there and nothing else."""
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        metadata = archive.read(next(name for name in names if name.endswith("/METADATA"))).decode()
    meant = {path.as_posix() for path in tracked_files() if path.parts[0] == "explorer"}
    meant |= {
        (Path("explorer") / path).as_posix()
        for path in tracked_files()
        if path.parts[0] == "resources" and path.parts[1] != "pictures"
    }
    found = {name for name in names if ".dist-info/" not in name}
    if found != meant:
        raise Failed(f"the wheel lacks {sorted(meant - found)[:5]} and has {sorted(found - meant)[:5]} beyond.")
    licences = sum(1 for line in metadata.splitlines() if line.startswith("License-File: "))
    if licences != LICENCES:
        raise Failed(f"the wheel names {licences} licence files and not {LICENCES}.")
    return len(names)


def installed(wheel: Path, place: Path) -> Path:
    """Install the locked dependencies, then the wheel with nothing fetched; the command's path."""
    venv.create(place, with_pip=True)
    python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    pip: list[str | Path] = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    lock = ROOT / "packaging" / "requirements.lock"
    say([*pip, "--require-hashes", "--only-binary", ":all:", "-r", lock], place)
    say([*pip, "--no-index", "--no-deps", wheel], place)
    say([python, "-m", "pip", "check"], place)
    where = Path(say([python, "-c", "import explorer; print(explorer.__file__)"], place).strip())
    if not where.is_relative_to(place):
        raise Failed(f"what starts there is {where}, and not what was installed.")
    for name in ("concurrency-explorer", "concurrency-explorer-window"):
        if shutil.which(name, path=str(python.parent)) is None:
            raise Failed(f"the command {name} was not installed.")
    return python.parent / "concurrency-explorer"


def measures(command: Path, folder: Path) -> int:
    """The number of requests of a short run."""
    figures = json.loads(say([command, "run", "--duration", "1", "--json", "-"], folder))
    requests = int(figures["requests_total"]["ok"])
    if not requests:
        raise Failed("a run of one second answered nothing.")
    return requests


def draws(command: Path, folder: Path) -> int:
    """The bytes of a picture of the window."""
    picture = folder / "window.png"
    scenario = ROOT / "resources" / "scenarios" / "the-gil.toml"
    say([command, "screenshot", scenario, "-o", picture], folder, QT_QPA_PLATFORM="offscreen")
    if picture.read_bytes()[:8] != b"\x89PNG\r\n\x1a\n":
        raise Failed("the picture is no PNG.")
    return picture.stat().st_size


def say(command: Sequence[str | Path], place: Path, **settings: str) -> str:
    """What a command says on standard output; `Failed` with its words if it fails. It sees nothing of this checkout."""
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    answer = subprocess.run(
        [str(part) for part in command],
        cwd=place,
        env={**environment, **settings},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    if answer.returncode:
        words = " ".join(map(str, command))
        raise Failed(f"{words} ended with {answer.returncode}:\n{answer.stdout[-2000:]}{answer.stderr[-2000:]}")
    return answer.stdout
