"""What `doctor` finds out about this machine, apart from Qt: versions, permissions for thread states, disk, cores,
databases.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from explorer.paths import user_data
from explorer.probe import gil
from explorer.sampler.missing import remedy
from explorer.session import databases_here
from explorer.session.run_file import machine, versions
from explorer.supervise.interpreters.table import as_data, found_here

LIMIT_S: Final = 10.0


def examine() -> dict[str, dict[str, Any]]:
    """Facts by section; every value is a short text or a number, fit for printing and for JSON."""
    return {
        "versions": dict(versions()),
        "machine": machine(),
        "interpreters": _interpreters(),
        "thread states": _thread_states(),
        "disk": _disk(),
        "databases": databases_here.examine(),
    }


def _interpreters() -> dict[str, Any]:
    """Which Pythons the server can run under, and how many there are that lack something."""
    rows = as_data(found_here())
    usable = [f"{row['title']} ({row['path']})" for row in rows if row["available"]]
    facts: dict[str, Any] = {"usable": ", ".join(usable) or "none"}
    if len(usable) < len(rows):
        facts["not usable"] = f"{len(rows) - len(usable)}; what they lack says: list interpreters"
    return facts


def _thread_states() -> dict[str, Any]:
    if sys.platform != "linux":
        return {"available": "no", "reason": "Thread states are read from /proc, which this system does not have."}
    facts: dict[str, Any] = {}
    scope = Path("/proc/sys/kernel/yama/ptrace_scope")
    facts["ptrace scope"] = scope.read_text().strip() if scope.exists() else "none (no Yama)"
    reason = _another_process_is_closed()
    facts["available"] = "no" if reason else "yes"
    finding = {} if reason else gil.find()
    facts["GIL holder"] = "yes" if finding.get("gil") else "no"
    if reason or finding.get("reason"):
        facts["reason"] = reason or finding["reason"]
    if reason:
        facts["how to get it"] = remedy()[0]
    return facts


def _another_process_is_closed() -> str:
    """Why one child may not read the state of another, as the sampler would have to; empty if it may.

    This process itself proves nothing: every process may read itself, and most may read their own children.
    """
    # It ends by itself at the end of its input, also when this process is gone. Neither of the two is a Python: the
    # program that is installed with its own has none to start.
    watched = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        watcher = subprocess.run(
            ["sh", "-c", "cat /proc/$0/task/$0/syscall >/dev/null && exec 3</proc/$0/mem", str(watched.pid)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
        )
    except (OSError, subprocess.TimeoutExpired):
        return "No child could be started to try it."
    finally:
        watched.kill()
        watched.communicate()
    if watcher.returncode == 0:
        return ""
    words = watcher.stderr.strip().rpartition("\n")[2]
    return f"One process may not look into another ({words})."


def _disk() -> dict[str, Any]:
    folder = user_data()
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    facts: dict[str, Any] = {
        "recordings": str(folder),
        "free GB": round(shutil.disk_usage(existing).free / 1e9, 1),
        "writable": "yes" if os.access(existing, os.W_OK) else "no",
    }
    memory = Path("/dev/shm")
    facts["rings"] = "in memory (/dev/shm)" if memory.is_dir() and os.access(memory, os.W_OK) else "on disk"
    return facts
