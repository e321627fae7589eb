"""The clock of a host: `perf_counter_ns`, with an anchor that ties it to the calendar.

On Linux, macOS and Windows `perf_counter` counts from one origin for all processes of a host, so that the records of
different processes stand on one axis without correction.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

Clock = Callable[[], int]
"""A function that returns nanoseconds; components take one so that tests can pass their own."""

now_ns: Clock = time.perf_counter_ns


@dataclass(frozen=True, slots=True)
class Anchor:
    """The same moment on both clocks: `monotonic_ns` of `perf_counter_ns`, `wall_ns` of `time_ns`."""

    monotonic_ns: int
    wall_ns: int

    @classmethod
    def take(cls) -> "Anchor":
        """Read both clocks as close together as possible: the wall clock between two readings of the other."""
        before = time.perf_counter_ns()
        wall = time.time_ns()
        return cls((before + time.perf_counter_ns()) // 2, wall)

    def wall(self, monotonic_ns: int) -> int:
        """The calendar time, ns since 1970, of a moment on the monotonic clock."""
        return self.wall_ns + monotonic_ns - self.monotonic_ns
