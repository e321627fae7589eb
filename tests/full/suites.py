"""The whole suite under every supported Python that this machine has.

Each interpreter sets up a fresh checkout by bootstrap.py, so that the lock file is tried with each of them as well.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.full.outcome import Failed, Skipped, fresh_checkout, last_line

VERSIONS = ("3.11", "3.12", "3.13")


def find() -> dict[str, str]:
    """Path of an interpreter by version: on the search path, or installed by pyenv."""
    found = {}
    for version in VERSIONS:
        pyenv = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python{version}"))
        for candidate in [*map(str, reversed(pyenv)), shutil.which(f"python{version}")]:
            if candidate and says(candidate) == version:
                found[version] = candidate
                break
    return found


def says(interpreter: str) -> str:
    """The version that an interpreter calls itself; empty when it does not start (pyenv's shims may not)."""
    program = "import sys, ensurepip, ctypes, sqlite3; print('%d.%d' % sys.version_info[:2])"
    answer = subprocess.run([interpreter, "-c", program], capture_output=True, text=True, check=False)
    return answer.stdout.strip()


def run() -> str:
    """Run the tests with each; what pytest said at the end of each."""
    interpreters = find()
    if not interpreters:
        raise Skipped(f"none of Python {', '.join(VERSIONS)} is installed.")
    said, broken = [], []
    for version, interpreter in interpreters.items():
        with tempfile.TemporaryDirectory(prefix="explorer-full-") as folder:
            checkout = fresh_checkout(Path(folder) / "checkout")
            command = [interpreter, "packaging/bootstrap.py", "test", "tests"]
            settings = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")}
            answer = subprocess.run(command, cwd=checkout, env=settings, capture_output=True, text=True, check=False)
        lines = [line for line in answer.stdout.splitlines() if not line.startswith("[bootstrap]")]
        said.append(f"{version}: {last_line(chr(10).join(lines))}")
        if answer.returncode:
            broken.append(f"{version}:\n{answer.stdout[-4000:]}{answer.stderr[-2000:]}")
    if broken:
        raise Failed("\n".join(broken))
    return "; ".join(said)
