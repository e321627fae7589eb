"""`run.json`: what a run was asked to do and where, written before the first child starts and again at every epoch.

Children read the token from it; a recording carries it, without the token. Passwords in URLs are masked.
"""

import json
import os
import platform
import secrets
import sys
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from explorer import __version__
from explorer.option_error import OptionError
from explorer.records.clock import Anchor
from explorer.records.schema import VERSION
from explorer.scenario import Scenario

FILE: Final = "run.json"
SCHEMA: Final = 1
PACKAGES: Final = (
    "fastapi",
    "starlette",
    "uvicorn",
    "httptools",
    "uvloop",
    "anyio",
    "pydantic",
    "numpy",
    "distributed",
)


def versions() -> dict[str, str]:
    """The explorer, Python and the packages whose version changes what a run shows."""
    found = {"explorer": __version__, "python": platform.python_version(), "records": str(VERSION)}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def machine() -> dict[str, Any]:
    """The system and how many cores this process may use."""
    return {"system": platform.system(), "release": platform.release(), "machine": platform.machine(), "cores": cores()}


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class RunFile:
    """Writes `run.json` of one run folder; replaces it whole, so that a reader never sees half of it."""

    def __init__(self, run: Path) -> None:
        self._path = run / FILE
        self.token = secrets.token_hex(16)
        self._epochs: list[dict[str, Any]] = []
        self._data: dict[str, Any] = {
            "schema": SCHEMA,
            "token": self.token,
            "versions": versions(),
            "machine": machine(),
            "interpreter": sys.version,
        }
        anchor = Anchor.take()
        self._data["anchor"] = {"monotonic_ns": anchor.monotonic_ns, "wall_ns": anchor.wall_ns}

    def begin_epoch(self, epoch: int, scenario: Scenario, started_ns: int) -> None:
        """Note that server start number `epoch` (from 1) follows `scenario`."""
        plain = scenario.to_dict(masked=True)
        self._epochs.append({"epoch": epoch, "started_ns": started_ns, "scenario": plain})
        self._data |= {"scenario": plain, "epochs": self._epochs}
        self.write()

    def write(self) -> None:
        """Write the file under a temporary name and rename it into place. Raises `OptionError` if it cannot."""
        temporary = self._path.with_suffix(".tmp")
        try:
            temporary.write_text(json.dumps(self._data, indent=1), encoding="utf-8")
            temporary.chmod(0o600)
            temporary.replace(self._path)
        except OSError as error:
            raise OptionError(f"{self._path.parent} cannot be written ({error.strerror}). Free some space.") from None
