"""What `doctor` says of databases: which the isolation lab and the workloads could use on this machine, and by what."""

import re
import sqlite3
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from explorer.server.databases import has_shared_cache
from explorer.supervise.postgres import programs

LIMIT_S: Final = 5.0
DRIVERS: Final = ("psycopg", "PyMySQL", "apsw", "SQLAlchemy", "aiosqlite")
NONE: Final = "none"


def examine() -> dict[str, Any]:
    """Facts as short texts."""
    package: list[Path] = []
    system: list[Path] = []
    for folder in programs.find():
        (package if programs.PACKAGE in folder.parts else system).append(folder)
    return {
        "SQLite": _sqlite(),
        "SQLite, shared cache": _shared_cache(),
        "embedded PostgreSQL": _versions(package) or (NONE if system else f"{NONE}; to get it: {programs.HOW_TO_GET}"),
        "system PostgreSQL": _versions(system) or NONE,
        "drivers": ", ".join(f"{name} {version}" for name in DRIVERS if (version := _installed(name))) or NONE,
    }


def _sqlite() -> str:
    try:
        import apsw
    except ImportError as error:
        return f"{NONE} ({error})"
    return apsw.sqlite_lib_version()


def _shared_cache() -> str:
    """Whether dirty reads can be shown: apsw leaves the cache out, the SQLite of Python's own module may have it."""
    of_python = f"SQLite {sqlite3.sqlite_version} of Python {sys.version_info[0]}.{sys.version_info[1]}"
    return f"{'yes' if has_shared_cache() else 'no'}, {of_python}"


def _versions(folders: list[Path]) -> str:
    return ", ".join(f"{_version(folder)} ({folder})" for folder in folders)


def _version(folder: Path) -> str:
    try:
        said = subprocess.run(
            [programs.program(folder, "postgres"), "--version"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LIMIT_S,
        ).stdout  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"cannot be run: {error}"
    found = re.search(r"\d+(?:\.\d+)+|\d+\w*", said)
    return found[0] if found is not None else "of an unknown version"


def _installed(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
