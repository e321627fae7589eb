"""Nobody is left: neither when the parent is killed nor when it just lets go."""

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from explorer.child.main import PARENT, SPAWNED
from explorer.supervise.spawn import command

LIMIT_S = 50.0
GONE_S = 3.0


@pytest.fixture
def run_folder(tmp_path: Path) -> Path:
    """A run's folder, as a session lays it out before any child."""
    folder = tmp_path / "run"
    for part in (folder, folder / "numbers", folder / "rings"):
        part.mkdir(mode=0o700)
    (folder / "run.json").write_text(json.dumps({"schema": 1, "token": "c0ffee", "epochs": []}))
    return folder


def test_kill_9_of_the_parent_leaves_no_worker_and_no_pool_process(
    run_folder: Path, wait_until: Callable[..., None]
) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.integration.child.modules.parent", str(run_folder)], stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        addresses = json.loads(parent.stdout.readline())
        blocked = threading.Thread(target=_ask, args=addresses[1], daemon=True)
        blocked.start()
        family = psutil.Process(parent.pid).children(recursive=True)
        # Two servers, two workers, two pool processes for each worker, and multiprocessing's helpers.
        assert len(family) >= 8

        parent.kill()

        wait_until(lambda: not any(_lives(process) for process in family), GONE_S, "the whole family to be gone")
    blocked.join(LIMIT_S)


def test_a_child_ends_with_its_standard_input(wait_until: Callable[..., None]) -> None:
    environment = {key: value for key, value in os.environ.items() if key not in (PARENT, SPAWNED)}
    with subprocess.Popen(
        command("tests.integration.child.modules.blocks"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
    ) as child:
        assert child.stdout is not None
        assert child.stdin is not None
        child.stdin.write(b'{"type":"config"}\n')
        child.stdin.flush()
        while b'"ready"' not in child.stdout.readline():
            continue

        child.stdin.close()

        assert child.wait(LIMIT_S) == 0


def test_a_child_whose_parent_has_gone_already_does_not_even_begin() -> None:
    nobody = 2**22 - 1
    environment = os.environ | {PARENT: str(nobody)}
    with subprocess.Popen(
        command("tests.integration.child.modules.talks"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
    ) as child:
        assert child.wait(LIMIT_S) == 0
        assert child.stdout is not None
        assert child.stdout.read() == b""


def test_ctrl_c_in_the_terminal_is_for_the_parent_alone(run_folder: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.integration.child.modules.parent", str(run_folder)], stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        groups = {os.getpgid(child.pid) for child in psutil.Process(parent.pid).children(recursive=True)}
        assert os.getpgid(parent.pid) not in groups
        parent.send_signal(signal.SIGKILL)


def _ask(host: str, port: int) -> None:
    connection = http.client.HTTPConnection(host, port, timeout=LIMIT_S)
    try:
        connection.request("GET", "/job")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return
    finally:
        connection.close()


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
