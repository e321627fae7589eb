"""What cannot be seen of which processes, why, and how to get it: told to the session as events of the run."""

import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

YAMA: Final = Path("/proc/sys/kernel/yama/ptrace_scope")
ALLOW: Final = "sudo sysctl kernel.yama.ptrace_scope=0"
STATES: Final = "states"
GIL: Final = "gil"
REFUSED: Final = "The system does not let the sampler look into this process."


@dataclass(frozen=True, slots=True)
class Lack:
    """`what` (STATES and GIL, or one of them) cannot be seen. `remedy` says what to do, empty if nothing helps;
    `command` is what it names to be typed, if it does.
    """

    what: tuple[str, ...]
    reason: str
    remedy: str = ""
    command: str = ""


class Missing:
    """Collects what is missing; `tell` passes on what is new, at most one event a call."""

    def __init__(self, event: Callable[..., None]) -> None:
        """`event(name, **fields)` sends an event to the session."""
        self._event = event
        self._new: dict[Lack, list[int]] = {}

    def add(self, pid: int, lack: Lack) -> None:
        """Process `pid` lacks this."""
        self._new.setdefault(lack, []).append(pid)

    def tell(self) -> None:
        """One event `not_sampled` for all that is new: `lacks`, each with the fields of `Lack` and its `pids`."""
        if not self._new:
            return
        lacks: list[dict[str, Any]] = [
            {
                "what": list(lack.what),
                "reason": lack.reason,
                "remedy": lack.remedy,
                "command": lack.command,
                "pids": pids,
            }
            for lack, pids in self._new.items()
        ]
        self._new = {}
        self._event("not_sampled", lacks=lacks)


def states_refused() -> Lack:
    """The system does not let the sampler look at the process's threads."""
    return Lack((STATES,), REFUSED, *remedy())


def gil_refused(reason: str = "") -> Lack:
    """The GIL cannot be read: for a `reason` of the process's own, or because the system does not let the sampler."""
    if reason:
        return Lack((GIL,), reason)
    return Lack((GIL,), REFUSED, *remedy())


def unknown_machine() -> Lack:
    """This is not Linux, or the system calls of this architecture are not known."""
    if sys.platform != "linux":
        return Lack((STATES,), "What another process's threads are doing can be read on Linux only.")
    return Lack((STATES,), f"The system calls of Linux on {platform.machine()} are not known.")


def remedy() -> tuple[str, str]:
    """What helps where the system lets one process not look into another, and the command in it, if there is one."""
    try:
        scope = int(YAMA.read_text())
    except (OSError, ValueError):
        scope = 0
    if scope >= 1:
        return f"Allow it with: {ALLOW}", ALLOW
    return "Run the server as the same user as this program, or give this program the right CAP_SYS_PTRACE.", ""
