"""The tests that are marked `long`: those of clusters, of loads from several hosts, and walks under load."""

import subprocess
import sys

from tests.full.outcome import Failed, last_line


def run() -> str:
    """Run them; what pytest said at the end."""
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "-m", "long"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise Failed(last_line(ended.stdout + ended.stderr))
    return last_line(ended.stdout)
