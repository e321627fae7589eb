"""The unit tests pass where Qt is not installed: everything but the window is usable on a server."""

import subprocess
import sys

from tests.full.outcome import ROOT, Failed, last_line


def run() -> str:
    """Run tests/unit with every Qt package hidden; what pytest said at the end."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:pytest-qt", "-p", "tests.full.hide_qt", "tests/unit"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if answer.returncode:
        raise Failed(f"the unit tests need Qt:\n{answer.stdout[-4000:]}{answer.stderr[-2000:]}")
    return last_line(answer.stdout)
