"""What can be read of a process from outside, whatever the system: the shape, and the choice of who reads it."""

import sys
from dataclasses import dataclass
from typing import NamedTuple, Protocol


class Gone(Exception):
    """The process has ended, or may not be looked at."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A process at one moment: processor time so far (s, all threads), resident memory (bytes), number of threads."""

    cpu_s: float
    rss: int
    threads: int


class ThreadTimes(NamedTuple):
    """A thread so far: on a processor (s), and ready but waiting for one (s; None where the system does not say)."""

    cpu_s: float
    queued_s: float | None


class Subject(Protocol):
    """A process that is being read."""

    def read(self) -> Reading:
        """Its figures now. Raises `Gone`."""
        ...

    def thread_times(self) -> dict[int, ThreadTimes]:
        """Times so far by native thread id. Raises `Gone`, and OSError when no descriptor is free."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


def subject(pid: int) -> Subject:
    """The process `pid`, read in the way that suits this system. Raises `Gone`."""
    if sys.platform == "linux":
        from explorer.sampler.linux import LinuxSubject

        return LinuxSubject(pid)
    from explorer.sampler.portable import PortableSubject

    return PortableSubject(pid)
