"""Which processes of a run still live.

On Linux a pidfd becomes readable when its process ends, zombies included: one system call for all processes, and no
confusion when a pid is used again. Elsewhere psutil compares pid and start time (written with care, untried).
"""

import os
import select
import sys
from typing import Protocol

import psutil


class Liveness(Protocol):
    """Watches pids."""

    def watch(self, pid: int) -> None:
        """Begin to watch a process; one that has already ended is reported by the next `ended`."""
        ...

    def ended(self) -> list[int]:
        """Pids that have ended since the last call, in the order in which they were watched."""
        ...

    def close(self) -> None:
        """Stop watching."""
        ...


class PidfdLiveness:
    """Linux."""

    def __init__(self) -> None:
        self._pids: dict[int, int] = {}
        self._gone: list[int] = []
        self._poll = select.poll()

    def watch(self, pid: int) -> None:
        """Open a pidfd."""
        try:
            descriptor = os.pidfd_open(pid)
        except ProcessLookupError:
            self._gone.append(pid)
            return
        self._pids[descriptor] = pid
        self._poll.register(descriptor, select.POLLIN)

    def ended(self) -> list[int]:
        """Those whose pidfd is readable."""
        gone, self._gone = self._gone, []
        ready = {descriptor for descriptor, _ in self._poll.poll(0)} if self._pids else set()
        for descriptor in [descriptor for descriptor in self._pids if descriptor in ready]:
            gone.append(self._pids[descriptor])
            self._forget(descriptor)
        return gone

    def close(self) -> None:
        """Close the pidfds."""
        for descriptor in list(self._pids):
            self._forget(descriptor)

    def _forget(self, descriptor: int) -> None:
        self._poll.unregister(descriptor)
        del self._pids[descriptor]
        os.close(descriptor)


class PsutilLiveness:
    """Any system; some 50 µs for each process and call."""

    def __init__(self) -> None:
        self._watched: dict[int, psutil.Process | None] = {}

    def watch(self, pid: int) -> None:
        """Remember the process with its start time."""
        try:
            self._watched[pid] = psutil.Process(pid)
        except psutil.NoSuchProcess:
            self._watched[pid] = None

    def ended(self) -> list[int]:
        """Those that are gone or zombies."""
        gone = [pid for pid, process in self._watched.items() if process is None or not _lives(process)]
        for pid in gone:
            del self._watched[pid]
        return gone

    def close(self) -> None:
        """Forget all."""
        self._watched.clear()


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def liveness() -> Liveness:
    """The best way that this system offers."""
    if sys.platform == "linux" and hasattr(os, "pidfd_open"):
        try:
            os.close(os.pidfd_open(os.getpid()))
        except OSError:  # forbidden by a sandbox, or a kernel before 5.3
            return PsutilLiveness()
        return PidfdLiveness()
    return PsutilLiveness()
