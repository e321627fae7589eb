"""What could not work, said in one sentence before anything starts."""

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from explorer.catalog import missing
from explorer.options import OptionError
from explorer.scenario import ServerKnobs

NEEDED: Final = ("fastapi", "uvicorn", "pydantic")
OLDEST: Final = (3, 11)
LIMIT_S: Final = 10.0
NOTHING: Final[Mapping[str, str]] = {}
# The answer takes some fifty bytes; whoever says more is no Python.
MOST_BYTES: Final = 4096
# One line for each package that is missing, preceded by the interpreter's version.
QUESTION: Final = (
    "import sys, importlib.util as u; print(*sys.version_info[:2]); "
    "print(*(n for n in sys.argv[1:] if u.find_spec(n) is None))"
)


class Checks:
    """Checks a server's knobs; remembers what an interpreter answered, since asking costs a start of it.

    May be used from any thread; asking an interpreter takes its time, though never more than `LIMIT_S`.
    """

    def __init__(self) -> None:
        self._answers: dict[tuple[str, int, tuple[str, ...]], str | None] = {}

    def server(self, knobs: ServerKnobs, packages: Mapping[str, str] = NOTHING) -> None:
        """Raise `OptionError` when a server with these knobs could not start here.

        `packages` are those that the scenario's features ask for besides, each with what asks for it. Cores are not its
        affair.
        """
        wanted = {**_choices(knobs), **packages}
        if knobs.interpreter:
            self._interpreter(knobs, wanted)
        else:
            for package, where in wanted.items():
                if importlib.util.find_spec(package) is None:
                    raise OptionError(missing([package]), where)

    def _interpreter(self, knobs: ServerKnobs, packages: Mapping[str, str]) -> None:
        found = shutil.which(os.path.expanduser(knobs.interpreter))
        if found is None:
            raise OptionError(
                f"There is no interpreter '{knobs.interpreter}'; give the path of a Python, such as {sys.executable}.",
                "server.interpreter",
            )
        wanted = (*NEEDED, *packages)
        key = (found, Path(found).stat().st_mtime_ns, wanted)
        if key not in self._answers:
            self._answers[key] = _ask(found, wanted)
        complaint = self._answers[key]
        if complaint is not None:
            raise OptionError(complaint, "server.interpreter")


def _choices(knobs: ServerKnobs) -> Mapping[str, str]:
    """Packages that these choices need beyond the framework itself, and what asks for each."""
    packages = {"uvloop": "server.loop"} if knobs.loop == "uvloop" else {}
    return packages | ({"httptools": "server.http"} if knobs.http == "httptools" else {})


def _ask(interpreter: str, packages: tuple[str, ...]) -> str | None:
    try:
        version, absent = _answer([interpreter, "-c", QUESTION, *packages]).splitlines()[:2]
        major, minor = (int(part) for part in version.split())
    except (OSError, ValueError):
        return f"{interpreter} does not answer like a Python; give the path of a Python from 3.11 on."
    if (major, minor) < OLDEST:
        return f"{interpreter} is Python {major}.{minor}; the server needs 3.11 or newer."
    if absent:
        return missing(absent.split(), interpreter)
    return None


def _answer(command: Sequence[str]) -> str:
    """What the command prints, at most `MOST_BYTES`; then it is ended. Raises `TimeoutError` after `LIMIT_S`."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        # A wrapper script may have started others, which would keep the pipe open: they end with it.
        process_group=0 if sys.platform != "win32" else None,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
    said: list[bytes] = []

    def read() -> None:
        assert process.stdout is not None
        with process.stdout as stream:
            said.append(stream.read(MOST_BYTES))

    # A pipe cannot be read with a time limit on every system; a thread can be waited for on all.
    reader = threading.Thread(target=read, name="answer of an interpreter", daemon=True)
    reader.start()
    reader.join(LIMIT_S)
    complete = not reader.is_alive()
    _end(process)
    reader.join(LIMIT_S)
    if not complete:
        raise TimeoutError
    return said[0].decode(errors="replace")


def _end(process: "subprocess.Popen[bytes]") -> None:
    try:
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    except OSError:  # all of it has ended already
        pass
    process.wait()
