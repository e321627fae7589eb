"""One thread of another process, read from /proc (Linux) through descriptors that are opened once: 2.5 µs a reading.

`syscall` says `running` for a thread that is on a processor and for one that waits for a processor. `schedstat` says
how long it has done either, but the kernel brings that up to date only when the thread comes or goes and at every tick
(4 ms): one reading does not tell which of the two is going on. So both get their due: of the samples in which a thread
could run, as many are called running as it was lately on a processor in proportion to its waiting. A share over many
samples is right, also where the processors are full and the sampler itself gets one just when another has to leave it.
"""

import os
from typing import Final

from explorer.collect.liveness import without_descriptors
from explorer.records.states import State
from explorer.sampler.descriptors import to_spare

_FLAGS: Final = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0)
_LATELY_NS: Final = 50_000_000


class ThreadFiles:
    """What /proc says of one thread. Raises OSError wherever it reads: PermissionError, or that it has ended."""

    __slots__ = ("_call", "_folder", "_off", "_on", "_owed", "_ran", "_sched", "_waited")

    def __init__(self, pid: int, tid: int) -> None:
        self._folder = f"/proc/{pid}/task/{tid}"
        self._call = self._sched = -1
        self._call = _open(f"{self._folder}/syscall")
        try:
            self._sched = _open(f"{self._folder}/schedstat")
        except OSError:
            self.close()
            raise
        self._ran = self._waited = 0
        self._on = self._off = 0
        self._owed = 0.5

    def schedule(self) -> bytes:
        """Its `schedstat`: unchanged as long as it has not run and has not been ready to."""
        return self._read(self._sched, "schedstat", 64)

    def call(self) -> bytes:
        """`running` (also when it only could run), or the system call that it is in."""
        return self._read(self._call, "syscall", 200)

    def on_processor(self, schedule: bytes) -> State:
        """RUNNING or RUNNABLE for a thread that could run; `schedule` is what `schedule()` has just said."""
        ran, waited, *_ = map(int, schedule.split())
        if self._on + self._off > _LATELY_NS:
            self._on //= 2
            self._off //= 2
        self._on += ran - self._ran
        self._off += waited - self._waited
        self._ran, self._waited = ran, waited
        whole = self._on + self._off
        self._owed += self._on / whole if whole > 0 else 1.0
        if self._owed >= 1.0:
            self._owed -= 1.0
            return State.RUNNING
        return State.RUNNABLE

    def close(self) -> None:
        """Close the descriptors."""
        for descriptor in (self._call, self._sched):
            if descriptor >= 0:
                os.close(descriptor)
        self._call = self._sched = -1

    def _read(self, descriptor: int, name: str, size: int) -> bytes:
        if descriptor >= 0:
            return os.pread(descriptor, size, 0)
        passing = os.open(f"{self._folder}/{name}", _FLAGS)
        try:
            return os.pread(passing, size, 0)
        finally:
            os.close(passing)


def _open(path: str) -> int:
    """A descriptor, or -1 when there are none to spare: then the file is opened for every reading."""
    try:
        descriptor = os.open(path, _FLAGS)
    except OSError as error:
        if without_descriptors(error):
            return -1
        raise
    if to_spare(descriptor):
        return descriptor
    os.close(descriptor)
    return -1
