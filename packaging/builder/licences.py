"""The licences of everything that travels in a frozen folder: their texts, and one list with names and versions.

Three kinds travel along: what the project requires (the program itself knows its parts), Python, and libraries of the
system that built it, which the boot loader's recipe took in beside them.
"""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from builder.tools import run

FILE = "licences.json"
FOLDER = "licences"
LIST = """
import json
from explorer.desktop.about.parts import installed
for part in installed():
    texts = [str(text) for text in part.texts]
    print(json.dumps({"name": part.name, "version": part.version, "licence": part.licence, "files": texts}))
"""
DOCUMENTS, COMMON = Path("/usr/share/doc"), Path("/usr/share/common-licenses")
REFERENCE = re.compile(r"common-licenses/([\w.+-]+)")
OF_WHEELS = re.compile(r"-[0-9a-f]{8}\.|^lib(Qt6|pyside6|shiboken6|python|scipy)|^lib(gfortran|quadmath)-")
"""Libraries that came in a wheel (with a hash in their name, or Qt's own): the wheel's licence speaks for them."""


def collect(made: Path, python: Path) -> None:
    """Write `licences/` into the folder `made`: the texts, and the list (name, version, licence, files)."""
    folder = made / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    kept = [{**part, "files": _keep(folder, part["name"], part["files"])} for part in installed(python)]
    if sys.platform == "linux" and shutil.which("dpkg-query"):
        kept += _of_the_system(folder, (path.name for path in (made / "_internal").glob("lib*.so*")))
    (folder / FILE).write_text(json.dumps(kept, indent=1), "utf-8")


def installed(python: Path) -> list[dict[str, Any]]:
    """The parts in the environment of `python`, each with the paths of its texts as `files`."""
    return [json.loads(line) for line in run([python, "-c", LIST]).splitlines()]


def listed(made: Path) -> list[dict[str, Any]]:
    """The list that `collect` wrote into the folder `made`."""
    found: list[dict[str, Any]] = json.loads((made / FOLDER / FILE).read_text("utf-8"))
    return found


def _keep(folder: Path, name: str, texts: Iterable[str]) -> list[str]:
    """Copy the texts of one part; what they are called now. Several may have had one name."""
    files: list[str] = []
    for text in map(Path, texts):
        kept = f"{name}-{text.name}"
        if kept in files:
            kept = f"{name}-{text.parent.name}-{text.name}"
        if kept in files:
            kept = f"{name}-{len(files)}-{text.name}"
        shutil.copyfile(text, folder / kept)
        files.append(kept)
    return files


def _of_the_system(folder: Path, libraries: Iterable[str]) -> list[dict[str, Any]]:
    """The packages of this Debian that the libraries came from, each with its `copyright`."""
    packages: dict[str, list[str]] = {}
    for library in sorted(libraries):
        if not OF_WHEELS.search(library):
            for package in owners(library):
                packages.setdefault(package, []).append(library)
    found = []
    for package, held in sorted(packages.items()):
        text = DOCUMENTS / package / "copyright"
        number = run(["dpkg-query", "--show", "--showformat", "${Version}\n", package]).split()[0]
        files = _keep(folder, package, [str(text)]) + _common(folder, text) if text.is_file() else []
        licence = "Several, named in its text"
        found.append({"name": package, "version": number, "licence": licence, "files": files, "libraries": held})
    return found


def _common(folder: Path, text: Path) -> list[str]:
    """Copy the licences that a `copyright` does not repeat but refers to; what they are called now."""
    named = {found.rstrip(".") for found in REFERENCE.findall(text.read_text("utf-8", errors="replace"))}
    there = [COMMON / name for name in sorted(named) if (COMMON / name).is_file()]
    for licence in there:
        shutil.copyfile(licence, folder / f"common-{licence.name}")
    return [f"common-{licence.name}" for licence in there]


def owners(library: str) -> set[str]:
    """The installed packages that hold a file of this name."""
    answer = subprocess.run(["dpkg-query", "--search", f"*/{library}"], capture_output=True, text=True, check=False)
    return {line.partition(":")[0] for line in answer.stdout.splitlines() if "/lib" in line}
