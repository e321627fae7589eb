"""Other Pythons for tests: those that this machine has, with what a server needs, and no more.

A Python that lacks the framework gets an environment with it, once for all runs of the tests: below the user's cache.
Where there is none of a version, or nothing can be installed, the test is skipped with the reason.
"""

import functools
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from explorer.supervise.checks import NEEDED
from explorer.supervise.interpreters.find import Interpreter, Interpreters

VERSIONS: Final = ("3.12", "3.13", "3.14", "3.13t", "3.14t")
WANTED: Final = (*NEEDED, "h11", "websockets")
# Taken when the tests are collected: while they run the user's folders are others.
CACHE: Final = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "concurrency-explorer-tests"
INSTALL_S: Final = 240
OLD_S: Final = 600
"""After this time a lock that another process left behind is nobody's."""


@functools.cache
def found() -> list[Interpreter]:
    """The Pythons of this machine but the one that runs the tests."""
    return [each for each in Interpreters().find(WANTED, WANTED) if not each.own]


def usable(short: str) -> str:
    """The path of a Python of a version ("3.13", "3.13t") that can run a server; skips the test if there is none."""
    path, complaint = prepared(short)
    if complaint:
        pytest.skip(f"{complaint}; install one with the packages {', '.join(WANTED)}, or name it in EXPLORER_PYTHONS.")
    return path


def prepared(short: str) -> tuple[str, str]:
    """The path of a Python of a version that can run a server, made able to if need be; or why there is none."""
    same = [each for each in found() if each.answer.short == short and each.answer.implementation == "CPython"]
    ready = [each for each in same if not each.answer.absent]
    if ready:
        return ready[0].path, ""
    complaint = f"this machine has no Python {short}"
    for each in same:
        place = cache() / f"python-{each.answer.text}{'t' if each.answer.free_threaded else ''}"
        complaint = environment(each.path, place)
        if not complaint:
            return str(python_of(place)), ""
    return "", complaint


def environment(python: str, place: Path) -> str:
    """Make a virtual environment of `python` with what a server needs at `place`; why that failed, or nothing."""
    with only_one(place):
        if (place / "whole").exists():
            return ""
        shutil.rmtree(place, ignore_errors=True)
        inside = str(python_of(place))
        for command in (
            [python, "-m", "venv", str(place)],
            [inside, "-m", "pip", "install", "--quiet", "--only-binary", ":all:", *WANTED],
        ):
            try:
                done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_S, check=False)
            except (OSError, subprocess.TimeoutExpired) as error:
                return f"'{' '.join(command)}' failed ({error})"
            if done.returncode:
                words = (done.stderr or done.stdout).strip().splitlines() or [""]
                return f"'{' '.join(command)}' failed ({words[-1]})"
        (place / "whole").touch()
        return ""


def python_of(place: Path) -> Path:
    """The interpreter of the environment at `place`."""
    return place / "Scripts" / "python.exe" if sys.platform == "win32" else place / "bin" / "python"


def cache() -> Path:
    """Where environments stay from one run of the tests to the next."""
    CACHE.mkdir(parents=True, exist_ok=True)
    return CACHE


@contextmanager
def only_one(place: Path) -> Iterator[None]:
    """Hold the lock beside `place`: tests run in several processes."""
    lock = place.with_suffix(".lock")
    while True:
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL))
            break
        except FileExistsError:
            try:
                if time.time() - lock.stat().st_mtime > OLD_S:
                    lock.unlink(missing_ok=True)
            except FileNotFoundError:
                pass
            time.sleep(0.1)
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)
