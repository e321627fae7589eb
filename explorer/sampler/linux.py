"""Vitals of a process on Linux, to the nanosecond and at 5 µs a reading.

`/proc/PID/stat` is read through a descriptor that is opened once: it goes on to mean this process even if its number
is given to another. Its processor time counts in ticks of 10 ms, too coarse for ten readings a second; the process's
CPU clock, which any process may read (clock_getcpuclockid(3)), does not.
"""

import os
import time
from typing import Final

from explorer.collect.liveness import without_descriptors
from explorer.sampler.reading import Gone, Reading, ThreadTimes

PAGE: Final = os.sysconf("SC_PAGE_SIZE")
TICK_S: Final = 1.0 / os.sysconf("SC_CLK_TCK")

# Fields of proc_pid_stat(5), counted from the one after the command name, which may itself contain blanks.
_STATE: Final = 0
_USER: Final = 11
_SYSTEM: Final = 12
_THREADS: Final = 17
_RSS: Final = 21


class LinuxSubject:
    """One process, read from /proc."""

    def __init__(self, pid: int) -> None:
        """Raises `Gone` when there is no such process, OSError when no descriptor is free."""
        self._pid = pid
        try:
            self._stat = os.open(f"/proc/{pid}/stat", os.O_RDONLY)
        except OSError as error:
            if without_descriptors(error):
                raise
            raise Gone from error

    def read(self) -> Reading:
        """Its figures now. Raises `Gone`, also for one that has ended and only waits for its parent."""
        try:
            fields = _fields(os.pread(self._stat, 1024, 0))
            if fields[_STATE] in (b"Z", b"X"):
                raise Gone
            cpu_s = time.clock_gettime(_cpu_clock(self._pid))
        except OSError as error:
            raise Gone from error
        return Reading(cpu_s, int(fields[_RSS]) * PAGE, int(fields[_THREADS]))

    def thread_times(self) -> dict[int, ThreadTimes]:
        """Times by native thread id. A thread that ends meanwhile is left out.

        Raises `Gone`, and OSError when no descriptor is free.
        """
        try:
            threads = [int(name) for name in os.listdir(f"/proc/{self._pid}/task")]
        except OSError as error:
            if without_descriptors(error):
                raise
            raise Gone from error
        found = {}
        for tid in threads:
            try:
                found[tid] = _thread_times(f"/proc/{self._pid}/task/{tid}")
            except OSError as error:
                if without_descriptors(error):
                    raise
        return found

    def close(self) -> None:
        """Close the descriptor."""
        if self._stat >= 0:
            os.close(self._stat)
            self._stat = -1


def _cpu_clock(pid: int) -> int:
    """The clock id that clock_getcpuclockid(3) gives for a process: all its threads, in scheduler nanoseconds."""
    return ~pid << 3 | 2


def _fields(stat: bytes) -> list[bytes]:
    return stat[stat.rindex(b")") + 2 :].split()


def _thread_times(folder: str) -> ThreadTimes:
    """`schedstat` has the nanoseconds on and waiting for a processor; a kernel without it has ticks in `stat`."""
    try:
        with open(f"{folder}/schedstat", "rb", buffering=0) as file:
            on, waited, *_ = file.read(64).split()
        return ThreadTimes(int(on) / 1e9, int(waited) / 1e9)
    except FileNotFoundError:
        with open(f"{folder}/stat", "rb", buffering=0) as file:
            fields = _fields(file.read(1024))
        return ThreadTimes((int(fields[_USER]) + int(fields[_SYSTEM])) * TICK_S, None)
