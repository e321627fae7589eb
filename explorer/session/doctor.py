"""What `doctor` finds out about this machine, apart from Qt: versions, permissions for thread states, disk, cores."""

import os
import shutil
import sys
from pathlib import Path
from typing import Any

from explorer.paths import user_data
from explorer.session.run_file import machine, versions


def examine() -> dict[str, dict[str, Any]]:
    """Facts by section; every value is a short text or a number, fit for printing and for JSON."""
    return {"versions": dict(versions()), "machine": machine(), "thread states": _thread_states(), "disk": _disk()}


def _thread_states() -> dict[str, Any]:
    if sys.platform != "linux":
        return {"available": "no", "reason": "Thread states are read from /proc, which this system does not have."}
    facts: dict[str, Any] = {}
    scope = Path("/proc/sys/kernel/yama/ptrace_scope")
    facts["ptrace scope"] = scope.read_text().strip() if scope.exists() else "none (no Yama)"
    try:
        Path(f"/proc/self/task/{os.getpid()}/syscall").read_text()
        facts["available"] = "yes"
    except OSError as error:
        facts["available"] = "no"
        facts["reason"] = f"/proc/PID/task/TID/syscall cannot be read ({error.strerror})."
    return facts


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
