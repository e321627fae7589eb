"""Whose a run folder is: the process that records a run, or still shows it, marks it, and nobody else deletes it.

The mark says which process that is. It counts for nothing when that process is gone, however it ended.
"""

import json
import os
import time
from pathlib import Path
from typing import Any, Final

import psutil

from explorer.option_error import OptionError

FILE: Final = "owner.json"


def hold(run: Path) -> None:
    """Mark the folder as this process's. Raises `OptionError` if it cannot be written."""
    try:
        (run / FILE).write_text(json.dumps({"pid": os.getpid(), "wall_ns": time.time_ns()}), encoding="utf-8")
    except OSError as error:
        raise OptionError(f"{run} cannot be written ({error.strerror}). Free some space.") from None


def let_go(run: Path) -> None:
    """Take the mark away. What is already gone is no error."""
    try:
        (run / FILE).unlink(missing_ok=True)
    except OSError:
        pass  # a folder that has become read-only: the mark ends with its process


def held(run: Path) -> bool:
    """Whether a process that lives has marked the folder."""
    try:
        mark = json.loads((run / FILE).read_bytes())
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(mark, dict) and lives(mark)


def lives(mark: dict[str, Any]) -> bool:
    """Whether the process of a mark (`pid`, `wall_ns`) is still there: same number, and no younger than the mark."""
    try:
        started = psutil.Process(int(mark["pid"])).create_time()
        return started <= float(mark.get("wall_ns", time.time_ns())) / 1e9 + 1.0
    except (KeyError, TypeError, ValueError, OverflowError, psutil.Error):
        return False
