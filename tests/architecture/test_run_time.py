"""What no static check can see: which modules a process really has loaded.

A compiled library shows in the memory map of a process, so that a running one can be asked without its help.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.architecture.checkout import ROOT
from tests.waiting import wait_until

WEB = ("fastapi", "starlette", "uvicorn", "httptools", "uvloop", "websockets")
OBSERVED = {"server", "worker", "pool", "fork server", "standby", "connection"}
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory maps are read from /proc")


def loaded_by(program: str) -> set[str]:
    """Top-level names of the modules that a program has loaded at its end, in a process of its own."""
    program += "\nimport sys; print('|'.join(sorted({name.partition('.')[0] for name in sys.modules})))"
    answer = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    return set(answer.stdout.splitlines()[-1].split("|"))


def test_the_desktop_loads_no_web_framework() -> None:
    """The window stays responsive whatever the server does; what it does not import cannot hold it up."""
    loaded = loaded_by("import explorer.desktop.app")
    assert "PySide6" in loaded
    assert loaded.isdisjoint(WEB)


def test_listing_the_catalogue_loads_no_web_framework() -> None:
    program = "from explorer.catalog import *\ncatalog = Catalog()\n"
    loaded = loaded_by(program + "[describe(f) for section in SECTIONS for f in catalog.all(section)]")
    assert "pydantic" in loaded
    assert loaded.isdisjoint({*WEB, "PySide6", "numpy"})


def test_a_prepared_server_has_neither_qt_nor_numpy() -> None:
    loaded = loaded_by("from explorer.server import process\nprocess.prepare()")
    assert {"fastapi", "uvicorn"} <= loaded
    assert loaded.isdisjoint({"PySide6", "shiboken6", "numpy"})


def libraries(pid: int) -> set[str]:
    """Which of Qt and NumPy a running process has mapped."""
    maps = Path(f"/proc/{pid}/maps").read_text(encoding="utf-8", errors="replace")
    return {name for name in ("PySide6", "shiboken6", "numpy") if f"/{name}/" in maps}


@contextmanager
def running(home: Path, *options: str) -> Iterator["subprocess.Popen[bytes]"]:
    """The command line, measuring until it is interrupted; its runs are kept below `home`."""
    command = [sys.executable, "-m", "explorer", "run", "--duration", "50", *options]
    settings = {**os.environ, "XDG_DATA_HOME": str(home)}
    process = subprocess.Popen(command, cwd=ROOT, env=settings, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate()


def joined(home: Path) -> dict[str, list[int]]:
    """Pids by role of the processes that have joined the run."""
    found: dict[str, list[int]] = {}
    for file in home.rglob("process-*.json"):
        note = json.loads(file.read_text(encoding="utf-8"))
        found.setdefault(note["role"], []).append(note["pid"])
    return found


@linux
@pytest.mark.parametrize(
    ("options", "role"),
    [
        (["--model", "prefork", "--dispatch", "thread_pool"], "worker"),
        (["--model", "event_loop", "--dispatch", "process_pool"], "pool"),
        (["--model", "process_per_connection", "--dispatch", "thread_pool"], "standby"),
    ],
    ids=["prefork", "process_pool", "process_per_connection"],
)
def test_no_observed_process_has_qt_or_numpy(tmp_path: Path, options: list[str], role: str) -> None:
    with running(tmp_path, *options, "--workload", "sleep", "--users", "4") as process:
        wait_until(
            lambda: process.poll() is not None or {role, "server", "load"} <= joined(tmp_path).keys(), 30, "a whole run"
        )
        assert process.poll() is None, process.stderr and process.stderr.read()
        # The one that collects shows that the look would find NumPy.
        assert "numpy" in libraries(process.pid)
        observed = {pid: libraries(pid) for kind, pids in joined(tmp_path).items() if kind in OBSERVED for pid in pids}
        assert observed
        assert {pid: found for pid, found in observed.items() if found} == {}


@linux
def test_only_the_window_loop_brings_qt_along(tmp_path: Path) -> None:
    """And not what the main window needs besides."""
    options = ["--model", "window_loop", "--dispatch", "coroutine", "--workload", "sleep", "--users", "4"]
    with running(tmp_path, *options) as process:
        wait_until(lambda: process.poll() is not None or {"server", "load"} <= joined(tmp_path).keys(), 30, "a run")
        assert process.poll() is None, process.stderr and process.stderr.read()
        (server,) = joined(tmp_path)["server"]
        wait_until(lambda: "PySide6" in libraries(server), 30, "Qt in the server")
        assert libraries(server) == {"PySide6", "shiboken6"}


@linux
def test_a_child_starts_without_the_command_line() -> None:
    """The sub-command for children is dispatched before click and all that hangs on it is imported."""
    command = [sys.executable, "-X", "importtime", "-m", "explorer", "child", "explorer.server.process"]
    answer = subprocess.run(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=30
    )
    imported = {
        line.rpartition("|")[2].strip() for line in answer.stderr.splitlines() if line.startswith("import time")
    }
    assert "explorer.child.main" in imported
    assert imported.isdisjoint({"explorer.cli", "click", "PySide6", "numpy"})
