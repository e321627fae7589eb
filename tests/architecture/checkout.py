"""What the checkout holds: the files that belong to the project, with or without git at hand."""

import shutil
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# What the project's own tools leave in a checkout, for where git cannot say.
NOT_OURS = {"__pycache__", "build", "dist"}


@cache
def tracked_files() -> tuple[Path, ...]:
    """Paths of the project's files, relative to the checkout: git's list, else all that is not a tool's leaving."""
    if shutil.which("git") and (ROOT / ".git").exists():
        command = [
            "git",
            "-c",
            f"safe.directory={ROOT}",
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ]
        answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        paths = [Path(name) for name in answer.stdout.split("\0") if name]
        return tuple(path for path in paths if (ROOT / path).is_file())
    return tuple(
        path.relative_to(ROOT)
        for path in ROOT.rglob("*")
        if path.is_file() and not any(is_leaving(part) for part in path.relative_to(ROOT).parts)
    )


def is_leaving(part: str) -> bool:
    """Whether a part of a path shows that a tool made the file."""
    return part in NOT_OURS or part == ".git" or part.startswith(".venv") or part.endswith(("_cache", ".egg-info"))


def python_files(folder: str) -> list[Path]:
    """The tracked Python files below a top-level folder."""
    return [path for path in tracked_files() if path.parts[0] == folder and path.suffix == ".py"]
