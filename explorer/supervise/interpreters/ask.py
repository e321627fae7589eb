"""Asks an interpreter what it is and what it lacks: one start of it, with a time limit, and nothing of ours imported.

The question runs under any Python from 2.7 on, so that one that is too old says so by itself. A free-threaded build
also imports the packages: an extension that was not made for it switches the GIL on again, and nothing but trying
tells which.
"""

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from explorer.catalog import missing, pip_names
from explorer.option_error import OptionError

OLDEST: Final = (3, 11)
LIMIT_S: Final = 10.0
IMPORTS_LIMIT_S: Final = 30.0
"""The limit for a free-threaded build, which imports what it is asked for, on a machine that is busy."""
Asked = subprocess.Popen[bytes]
Begun = Callable[[Asked], None]
MOST_BYTES: Final = 16_384
"""The answer takes some 500 bytes; whoever says more is no Python."""
QUESTION: Final = r"""
import json, os, platform, sys, sysconfig
names, tried = sys.argv[1].split(), sys.argv[2].split()
try:
    from importlib.util import find_spec
except ImportError:
    find_spec = lambda name: None
gil = getattr(sys, "_is_gil_enabled", lambda: True)
free, by = bool(sysconfig.get_config_var("Py_GIL_DISABLED")), []
absent = [name for name in names if find_spec(name) is None]
for name in tried if free and not gil() else ():
    if name not in absent:
        try:
            __import__(name)
        except Exception:
            pass
        if gil():
            by.append(name)
            break
paths = sysconfig.get_paths()
prefix, base = sys.prefix, getattr(sys, "base_prefix", sys.prefix)
managed = prefix == base and os.path.exists(os.path.join(paths["stdlib"], "EXTERNALLY-MANAGED"))
print(json.dumps({
    "version": list(sys.version_info[:3]), "text": platform.python_version(), "prefix": prefix,
    "implementation": platform.python_implementation(), "free": free, "gil": gil(), "by": by, "absent": absent,
    "pip": find_spec("pip") is not None, "managed": managed, "environment": prefix != base,
    "packages": sorted(set((paths["purelib"], paths["platlib"]))),
}))
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an interpreter said of itself.

    `absent` are packages of those asked for that it lacks; `gil` is whether it has a GIL once the packages are
    imported, `switched_on_by` the one that made it so in a free-threaded build, or nothing. `folders` are where its
    packages lie; `managed` means that the system's own tools look after them, and pip may not.
    """

    version: tuple[int, int, int]
    text: str
    implementation: str
    free_threaded: bool
    gil: bool
    switched_on_by: str
    absent: tuple[str, ...]
    prefix: str
    folders: tuple[str, ...]
    pip: bool
    managed: bool
    environment: bool

    @property
    def short(self) -> str:
        """The version as people say it, such as "3.13" or "3.13t"."""
        return f"{self.version[0]}.{self.version[1]}{'t' if self.free_threaded else ''}"

    @property
    def supported(self) -> bool:
        """Whether the server can run under it once it has the packages."""
        return self.version[:2] >= OLDEST and self.implementation == "CPython"

    def trouble(self, path: str, wanted: Collection[str]) -> str:
        """Why the server cannot run under it with these packages, in one sentence; empty when it can."""
        if self.version[:2] < OLDEST:
            return f"{path} is Python {self.version[0]}.{self.version[1]}; the server needs 3.11 or newer."
        if self.implementation != "CPython":
            return f"{path} is {self.implementation}; what observes the server needs CPython, from 3.11 on."
        lacks = [name for name in wanted if name in self.absent]
        instead = "choose the HTTP parser h11" if lacks == ["httptools"] else ""
        return missing(lacks, command=self.remedy(path, lacks), instead=instead) if lacks else ""

    def remedy(self, path: str, packages: Sequence[str]) -> str:
        """The command that gives it these packages; empty for none."""
        if not packages:
            return ""
        names = " ".join(pip_names(packages))
        python = quoted(path)
        if self.managed:
            place = quoted(str(Path.home() / ".virtualenvs" / f"explorer-{self.short}"))
            return f"{python} -m venv {place} && {_python_of(place)} -m pip install {names}"
        if self.pip:
            return f"{python} -m pip install {names}"
        if shutil.which("uv"):
            return f"uv pip install --python {python} {names}"
        return f"{python} -m ensurepip && {python} -m pip install {names}"


def quoted(path: str) -> str:
    """A path as it is written in the system's command line."""
    if sys.platform == "win32":
        return f'"{path}"' if " " in path else path
    return shlex.quote(path)


def ask(
    interpreter: str, packages: Collection[str], tried: Collection[str] = (), begun: Begun = lambda process: None
) -> Answer:
    """What `interpreter` is, which of `packages` it lacks, and what importing those `tried` does to its GIL.

    Takes up to `LIMIT_S`, with `tried` `IMPORTS_LIMIT_S`. Raises `OptionError` with one sentence when there is no
    answer of a Python. `begun` is told of the process, which `end` may end early.
    """
    try:
        command = [interpreter, "-c", QUESTION, " ".join(packages), " ".join(tried)]
        said = _answer(command, IMPORTS_LIMIT_S if tried else LIMIT_S, begun)
        return _read(json.loads(said.strip().rpartition("\n")[2]))
    except (OSError, ValueError, KeyError, TypeError):
        raise OptionError(
            f"{interpreter} does not answer like a Python; give the path of a Python from 3.11 on.",
            "server.interpreter",
        ) from None


def _read(told: Mapping[str, Any]) -> Answer:
    major, minor, micro = (int(part) for part in told["version"])
    return Answer(
        version=(major, minor, micro),
        text=str(told["text"]),
        implementation=str(told["implementation"]),
        free_threaded=bool(told["free"]),
        gil=bool(told["gil"]),
        switched_on_by=next(iter(told["by"]), ""),
        absent=tuple(map(str, told["absent"])),
        prefix=str(told["prefix"]),
        folders=tuple(map(str, told["packages"])),
        pip=bool(told["pip"]),
        managed=bool(told["managed"]),
        environment=bool(told["environment"]),
    )


def _python_of(environment: str) -> str:
    return rf"{environment}\Scripts\python.exe" if sys.platform == "win32" else f"{environment}/bin/python"


def _answer(command: Sequence[str], limit_s: float, begun: Begun = lambda process: None) -> str:
    """What the command prints, at most `MOST_BYTES`; then it is ended. Raises `TimeoutError` after `limit_s`."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        # As for the server itself: what lies in the present folder is no package of the interpreter's.
        env=os.environ | {"PYTHONSAFEPATH": "1", "PYTHONIOENCODING": "utf-8"},
        # A wrapper script may have started others, which would keep the pipe open: they end with it.
        process_group=0 if sys.platform != "win32" else None,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
    begun(process)
    said: list[bytes] = []

    def read() -> None:
        assert process.stdout is not None
        with process.stdout as stream:
            said.append(stream.read(MOST_BYTES))

    # A pipe cannot be read with a time limit on every system; a thread can be waited for on all.
    reader = threading.Thread(target=read, name="answer of an interpreter", daemon=True)
    reader.start()
    reader.join(limit_s)
    complete = not reader.is_alive()
    end(process)
    reader.join(LIMIT_S)
    if not complete:
        raise TimeoutError
    return said[0].decode(errors="replace")


def end(process: Asked) -> None:
    """End an interpreter that was asked, and all that it started. May be called twice, and from any thread."""
    try:
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    except OSError:  # all of it has ended already
        pass
    process.wait()
