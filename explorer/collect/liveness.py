"""Which processes of a run still live.

On Linux a pidfd becomes readable when its process ends, zombies included: one system call for all processes, and no
confusion when a pid is used again. Elsewhere, and for processes that come when there are no file descriptors left,
psutil compares pid and start time (untried on other systems).
"""

import errno
import os
import select
import sys
from typing import Protocol

import psutil


class Liveness(Protocol):
    """Watches processes, each known by its number in the run."""

    def watch(self, number: int, pid: int) -> None:
        """Begin to watch a process; one that has already ended is reported by the next `ended`."""
        ...

    def ended(self) -> list[int]:
        """Numbers of the processes that have ended since the last call, in the order in which they were watched."""
        ...

    def close(self) -> None:
        """Stop watching."""
        ...


class PidfdLiveness:
    """Linux."""

    def __init__(self) -> None:
        self._numbers: dict[int, int] = {}  # by pidfd
        self._gone: list[int] = []
        self._poll = select.poll()
        self._others = PsutilLiveness()

    def watch(self, number: int, pid: int) -> None:
        """Open a pidfd, or without a file descriptor to spare let psutil watch the process."""
        try:
            descriptor = os.pidfd_open(pid)
        except ProcessLookupError:
            self._gone.append(number)
        except OSError:
            self._others.watch(number, pid)
        else:
            self._numbers[descriptor] = number
            self._poll.register(descriptor, select.POLLIN)

    def ended(self) -> list[int]:
        """Those whose pidfd is readable."""
        gone, self._gone = self._gone, []
        if self._numbers:
            ready = {descriptor for descriptor, _ in self._poll.poll(0)}
            for descriptor in [descriptor for descriptor in self._numbers if descriptor in ready] if ready else ():
                gone.append(self._numbers[descriptor])
                self._forget(descriptor)
        return gone + self._others.ended()

    def close(self) -> None:
        """Close the pidfds."""
        for descriptor in list(self._numbers):
            self._forget(descriptor)
        self._others.close()

    def _forget(self, descriptor: int) -> None:
        self._poll.unregister(descriptor)
        del self._numbers[descriptor]
        os.close(descriptor)


class PsutilLiveness:
    """Any system; some 50 µs for each process and call."""

    def __init__(self) -> None:
        self._watched: dict[int, psutil.Process | None] = {}
        self._unopened: dict[int, int] = {}

    def watch(self, number: int, pid: int) -> None:
        """Remember the process with its start time."""
        try:
            self._watched[number] = psutil.Process(pid)
        except psutil.NoSuchProcess:
            self._watched[number] = None
        except OSError:  # psutil, too, opens files; the next `ended` tries again
            self._unopened[number] = pid

    def ended(self) -> list[int]:
        """Those that are gone or zombies."""
        if self._unopened:
            unopened, self._unopened = self._unopened, {}
            for number, pid in unopened.items():
                self.watch(number, pid)
        gone = [number for number, process in self._watched.items() if process is None or not _lives(process)]
        for number in gone:
            del self._watched[number]
        return gone

    def close(self) -> None:
        """Forget all."""
        self._watched.clear()
        self._unopened.clear()


def without_descriptors(error: Exception) -> bool:
    """Whether something failed only because this process, or the machine, has too many files open."""
    return isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE)


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
    except OSError:  # no file descriptor to look with
        return True


def liveness() -> Liveness:
    """The best way that this system offers."""
    if sys.platform == "linux" and hasattr(os, "pidfd_open"):
        try:
            os.close(os.pidfd_open(os.getpid()))
        except OSError:  # forbidden by a sandbox, or a kernel before 5.3
            return PsutilLiveness()
        return PidfdLiveness()
    return PsutilLiveness()
