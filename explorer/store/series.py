"""The samples of one counter in memory: growable, bounded, in order of time."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from explorer.collect.source import Array

SAMPLE_BYTES: Final = 16
SMALLEST: Final = 64
LARGEST: Final = 262_144
"""Samples kept of one counter: seven hours at ten a second."""


class Series:
    """Times (ns, i8) and values (f8) of a counter; `times, values = series` gives both.

    The arrays are views that hold until the next append. Of more than `LARGEST` samples the older half is dropped.
    """

    def __init__(self, largest: int = LARGEST) -> None:
        self._largest = largest
        self._times = np.empty(SMALLEST, "<i8")
        self._values = np.empty(SMALLEST, "<f8")
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Array]:
        return iter((self.times, self.values))

    @property
    def times(self) -> Array:
        """When the samples were taken, ns."""
        return self._times[: self._count]

    @property
    def values(self) -> Array:
        """The samples."""
        return self._values[: self._count]

    @property
    def memory(self) -> int:
        """Bytes held, used or not."""
        return len(self._times) * SAMPLE_BYTES

    def append(self, times: Array, values: Array) -> None:
        """Add samples, in order of time; late ones are sorted in."""
        count, more = self._count, len(times)
        late = count > 0 and more > 0 and times[0] < self._times[count - 1]
        self._make_room(more)
        count = self._count
        times, values = times[-self._largest :], values[-self._largest :]
        self._count = count + len(times)
        self._times[count : self._count] = times
        self._values[count : self._count] = values
        if late:
            order = np.argsort(self.times, kind="stable")
            self.times[:], self.values[:] = self.times[order], self.values[order]

    def _make_room(self, more: int) -> None:
        needed = self._count + more
        if needed > self._largest:
            keep = min(self._count, max(0, self._largest // 2 - more))
            self._times[:keep] = self._times[self._count - keep : self._count].copy()
            self._values[:keep] = self._values[self._count - keep : self._count].copy()
            self._count = keep
            needed = min(keep + more, self._largest)
        size = len(self._times)
        while size < needed:
            size *= 2
        if size > len(self._times):
            for column in ("_times", "_values"):
                old: Array = getattr(self, column)
                new = np.empty(size, old.dtype)
                new[: self._count] = old[: self._count]
                setattr(self, column, new)
