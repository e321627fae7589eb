"""What a thread does according to the system call it is in: the rules by which its state is told from outside.

`/proc/PID/task/TID/syscall` says `running`, or the number and the arguments of the call that the thread is in, or -1
when it is stopped by something else than a call (a page that is being read in). Numbers differ by architecture.
"""

import platform
import sys
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from explorer.records.states import State


class Inside(IntEnum):
    """What the probe has recorded on a thread just now."""

    NOTHING = 0
    SPAN = 1  # it is in the middle of a callback, a job, a statement
    LOCK = 2  # it waits for a lock


@dataclass(frozen=True, slots=True)
class Numbers:
    """System calls of one architecture: those that wait for a futex, and those that wait until something is ready."""

    futex: frozenset[bytes]
    poll: frozenset[bytes]


# futex, futex_wait, futex_waitv; epoll_wait, epoll_pwait, epoll_pwait2, poll, ppoll, select, pselect6
_X86_64: Final = Numbers(
    frozenset((b"202", b"455", b"449")), frozenset((b"232", b"281", b"441", b"7", b"271", b"23", b"270"))
)
_ARM64: Final = Numbers(frozenset((b"98", b"455", b"449")), frozenset((b"22", b"441", b"73", b"72")))
ARCHITECTURES: Final = {"x86_64": _X86_64, "amd64": _X86_64, "aarch64": _ARM64, "arm64": _ARM64}

RUNNING: Final = b"running"


def numbers(machine: str = "") -> Numbers | None:
    """The numbers on this machine; None where they are not known, and on other systems than Linux."""
    if sys.platform != "linux":
        return None
    return ARCHITECTURES.get((machine or platform.machine()).lower())


def state_in_call(call: bytes, known: Numbers, runtime: tuple[int, int] | None, inside: Inside) -> State:
    """The state of a thread that is in a system call.

    `call` is the file's content, `runtime` from where to where the interpreter keeps what belongs to its GIL; (0, 0):
    nowhere that is known, None: not known yet, so that a futex may be anything.
    """
    number, _, rest = call.partition(b" ")
    if number in known.futex:
        if runtime is None:
            return State.UNKNOWN
        low, high = runtime
        if high and low <= _address(rest) < high:
            return State.WAITING_GIL
        if inside is Inside.LOCK:
            return State.WAITING_LOCK
        return State.IDLE if inside is Inside.NOTHING else State.UNKNOWN
    if number in known.poll and inside is Inside.NOTHING:
        return State.IDLE
    return State.BLOCKED


def _address(arguments: bytes) -> int:
    try:
        return int(arguments.partition(b" ")[0], 16)
    except ValueError:
        return 0
