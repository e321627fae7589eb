"""The window on a real X server: the way of most Linux desktops, which the offscreen platform does not try."""

import os
import signal
import subprocess
from pathlib import Path

import psutil
import pytest

from tests.architecture.checkout import ROOT
from tests.end2end.command import program
from tests.screen import Screen, available, screen
from tests.waiting import wait_until

pytestmark = pytest.mark.skipif(not available(), reason="Xvfb is not installed")


def start(shown: Screen) -> "subprocess.Popen[bytes]":
    """The application, showing its window there."""
    settings = {**os.environ, "DISPLAY": shown.display, "QT_QPA_PLATFORM": "xcb"}
    return subprocess.Popen(program(), cwd=ROOT, env=settings, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def wait_for_window(process: "subprocess.Popen[bytes]", shown: Screen) -> None:
    """Wait until the screen shows something; fail with the program's own words if it ended."""
    wait_until(lambda: process.poll() is not None or shown.shows_a_window(), 30, "a window")
    assert process.poll() is None, process.stderr and process.stderr.read().decode()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=["asked", "killed"])
def test_the_window_comes_and_leaves_no_process(tmp_path: Path, how: signal.Signals) -> None:
    """Also a killed window takes its children with it: each of them watches its parent."""
    with screen(tmp_path) as shown:
        process = start(shown)
        try:
            wait_for_window(process, shown)
            # The server that stands ready, so that Run answers at once.
            wait_until(lambda: psutil.Process(process.pid).children(), 20, "a first child")
            children = psutil.Process(process.pid).children(recursive=True)
            process.send_signal(how)
            process.wait(timeout=30)
            wait_until(lambda: not any(child.is_running() for child in children), 10, "the children's end")
        finally:
            process.kill()
            process.communicate()


def test_a_server_on_a_windows_loop_shows_its_window(tmp_path: Path) -> None:
    """From the command line there is no other window."""
    with screen(tmp_path) as shown:
        settings = {**os.environ, "DISPLAY": shown.display, "QT_QPA_PLATFORM": "xcb"}
        command = [
            *program(),
            "run",
            "--model",
            "window_loop",
            "--users",
            "1",
            "--duration",
            "50",
        ]
        process = subprocess.Popen(command, cwd=ROOT, env=settings, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            wait_for_window(process, shown)
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=30) == 0
        finally:
            process.kill()
            process.communicate()
