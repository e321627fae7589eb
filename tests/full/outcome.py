"""How a full check ends: it passes and says what it saw, it is skipped with a sentence, or it fails with one."""

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Skipped(Exception):
    """The check cannot run here; the message says why and what would help."""


class Failed(Exception):
    """The check ran and the project does not pass it."""


def fresh_checkout(folder: Path) -> Path:
    """A checkout of what is committed, where nothing was ever run."""
    if not shutil.which("git") or not (ROOT / ".git").exists():
        raise Skipped("this needs git and a clone of the repository.")
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
    return folder


def last_line(text: str) -> str:
    """The last line that says something."""
    return next((line for line in reversed(text.splitlines()) if line.strip()), "no output")
