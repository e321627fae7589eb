"""What could not work, said in one sentence before anything starts."""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from explorer.options import OptionError
from explorer.scenario import ServerKnobs

NEEDED: Final = ("fastapi", "uvicorn", "pydantic")
OLDEST: Final = (3, 11)
LIMIT_S: Final = 20.0
# One line for each package that is missing, preceded by the interpreter's version.
QUESTION: Final = (
    "import sys, importlib.util as u; print(*sys.version_info[:2]); "
    "print(*(n for n in sys.argv[1:] if u.find_spec(n) is None))"
)


class Checks:
    """Checks a server's knobs; remembers what an interpreter answered, since asking costs a start of it."""

    def __init__(self) -> None:
        self._answers: dict[tuple[str, int, tuple[str, ...]], str | None] = {}

    def server(self, knobs: ServerKnobs) -> None:
        """Raise `OptionError` when a server with these knobs could not start here; cores are not its affair."""
        if knobs.interpreter:
            self._interpreter(knobs)
        else:
            for package, where in _choices(knobs).items():
                if importlib.util.find_spec(package) is None:
                    raise OptionError(_missing(package, sys.executable), where)

    def _interpreter(self, knobs: ServerKnobs) -> None:
        found = shutil.which(os.path.expanduser(knobs.interpreter))
        if found is None:
            raise OptionError(
                f"There is no interpreter '{knobs.interpreter}'; give the path of a Python, such as {sys.executable}.",
                "server.interpreter",
            )
        wanted = (*NEEDED, *_choices(knobs))
        key = (found, Path(found).stat().st_mtime_ns, wanted)
        if key not in self._answers:
            self._answers[key] = _ask(found, wanted)
        complaint = self._answers[key]
        if complaint is not None:
            raise OptionError(complaint, "server.interpreter")


def _choices(knobs: ServerKnobs) -> Mapping[str, str]:
    """Packages that these knobs need beyond the framework itself, and the knob that asks for each."""
    packages = {"uvloop": "server.loop"} if knobs.loop == "uvloop" else {}
    return packages | ({"httptools": "server.http"} if knobs.http == "httptools" else {})


def _ask(interpreter: str, packages: tuple[str, ...]) -> str | None:
    try:
        answer = subprocess.run(
            [interpreter, "-c", QUESTION, *packages],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LIMIT_S, check=False,
        )  # fmt: skip
        version, missing = answer.stdout.splitlines()[:2]
        major, minor = (int(part) for part in version.split())
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return f"{interpreter} does not answer like a Python; give the path of a Python from 3.11 on."
    if (major, minor) < OLDEST:
        return f"{interpreter} is Python {major}.{minor}; the server needs 3.11 or newer."
    if missing:
        return _missing(missing, interpreter)
    return None


def _missing(packages: str, interpreter: str) -> str:
    names = packages.split()
    what = f"packages {', '.join(names)} are" if len(names) > 1 else f"package {names[0]} is"
    return f"The {what} missing; install with: {interpreter} -m pip install {' '.join(names)}"
