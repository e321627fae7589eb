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

from builder.tools import run

FILE = "licences.json"
LIST = """
import json
from explorer.desktop.about.parts import installed
print(json.dumps([[part.name, part.version, part.licence, [str(text) for text in part.texts]] for part in installed()]))
"""
OF_WHEELS = re.compile(r"-[0-9a-f]{8}\.|^lib(Qt6|pyside6|shiboken6|python|scipy)|^lib(gfortran|quadmath)-")
"""Libraries that came in a wheel (with a hash in their name, or Qt's own): the wheel's licence speaks for them."""


def collect(made: Path, python: Path) -> None:
    """Write `licences/` into the folder `made`: the texts, and the list (name, version, licence, files)."""
    folder = made / "licences"
    folder.mkdir(parents=True, exist_ok=True)
    listed = [_kept(folder, *one) for one in json.loads(run([python, "-c", LIST]))]
    if sys.platform == "linux" and shutil.which("dpkg-query"):
        listed += _of_the_system(folder, (path.name for path in (made / "_internal").glob("lib*.so*")))
    (folder / FILE).write_text(json.dumps(listed, indent=1), "utf-8")


def _kept(folder: Path, name: str, version: str, licence: str, texts: Iterable[str]) -> dict[str, object]:
    """Copy the texts of one part; its entry in the list. Several may have texts of one name."""
    files: list[str] = []
    for text in map(Path, texts):
        kept = f"{name}-{text.name}"
        if kept in files:
            kept = f"{name}-{text.parent.name}-{text.name}"
        if kept in files:
            kept = f"{name}-{len(files)}-{text.name}"
        shutil.copyfile(text, folder / kept)
        files.append(kept)
    return {"name": name, "version": version, "licence": licence, "files": files}


def _of_the_system(folder: Path, libraries: Iterable[str]) -> list[dict[str, object]]:
    """The packages of this Debian that the libraries came from, each with its `copyright`."""
    packages: dict[str, set[str]] = {}
    for library in sorted(libraries):
        if not OF_WHEELS.search(library):
            for package in owners(library):
                packages.setdefault(package, set()).add(library)
    listed = []
    for package in sorted(packages):
        text = Path("/usr/share/doc") / package / "copyright"
        number = run(["dpkg-query", "--show", "--showformat", "${Version}\n", package]).split()[0]
        words = f"see its text ({', '.join(sorted(packages[package]))})"
        listed.append(_kept(folder, package, number, words, [str(text)] if text.is_file() else []))
    return listed


def owners(library: str) -> set[str]:
    """The installed packages that hold a file of this name."""
    answer = subprocess.run(["dpkg-query", "--search", f"*/{library}"], capture_output=True, text=True, check=False)
    return {line.partition(":")[0] for line in answer.stdout.splitlines() if "/lib" in line}
