"""Figures over time: one value for every tenth of a second, of one loop, thread, process or of all requests."""

from typing import Any, Final

import numpy as np

from explorer.collect.source import Array

BUCKET_NS: Final = 100_000_000
MOST_BUCKETS: Final = 2 * 24 * 3600 * 10
"""Two days; what lies further from a column's beginning is left out (a damaged recording may hold any time)."""


def bucket_of(time_ns: int) -> int:
    """The number of the bucket that holds a moment."""
    return time_ns // BUCKET_NS


class Column:
    """Values by bucket number, kept from the first to the last bucket that was used; elsewhere `empty`."""

    __slots__ = ("_count", "_data", "_empty", "first")

    def __init__(self, dtype: str = "f8", empty: float = 0) -> None:
        self.first = 0
        self._count = 0
        self._empty = empty
        self._data: Array = np.full(16, empty, dtype)

    @property
    def last(self) -> int:
        """The bucket behind the last one used."""
        return self.first + self._count

    def add(self, bucket: int, value: float) -> None:
        """Add to a bucket's value."""
        place = self._place(bucket)
        if place is not None:
            self._data[place] += value

    def add_each(self, buckets: Array, values: Array) -> None:
        """Add to the values of buckets, one after the other: `buckets` (n,) of i8, `values` (n,)."""
        first, last = self._place(int(buckets.min())), self._place(int(buckets.max()))
        if first is None or last is None:
            for bucket, value in zip(buckets.tolist(), values.tolist(), strict=True):
                self.add(bucket, value)
        else:
            np.add.at(self._data, buckets - self.first, values.astype(self._data.dtype))

    def add_all(self, begin: int, end: int, value: float) -> None:
        """Add to the value of each bucket from `begin` up to `end`."""
        first, last = self._place(begin), self._place(end - 1)
        if first is not None and last is not None and begin < end:
            first = begin - self.first  # the second look may have moved it
            self._data[first : first + end - begin] += value

    def put(self, bucket: int, value: float) -> None:
        """Set a bucket's value."""
        place = self._place(bucket)
        if place is not None:
            self._data[place] = value

    def raise_to(self, bucket: int, value: float) -> None:
        """Make a bucket's value at least `value`."""
        place = self._place(bucket)
        if place is not None and not self._data[place] >= value:
            self._data[place] = value

    def between(self, begin: int, end: int) -> Array:
        """The values of the buckets from `begin` up to `end`, (end - begin,), `empty` where nothing is known."""
        found = np.full(max(0, end - begin), self._empty, self._data.dtype)
        low, high = max(begin, self.first), min(end, self.last)
        if low < high:
            found[low - begin : high - begin] = self._data[low - self.first : high - self.first]
        return found

    def sum(self, begin: int, end: int) -> float:
        """The sum over those buckets."""
        return float(np.nansum(self._used(begin, end)))

    def maximum(self, begin: int, end: int) -> float | None:
        """The greatest value in those buckets; None if there is none."""
        used: Any = self._used(begin, end)
        used = used[~np.isnan(used)] if used.dtype.kind == "f" else used
        return float(used.max()) if len(used) else None

    def _used(self, begin: int, end: int) -> Array:
        low, high = max(begin, self.first), min(end, self.last)
        return self._data[max(0, low - self.first) : max(0, high - self.first)]

    def _place(self, bucket: int) -> int | None:
        if not self._count:
            self.first = bucket
        place = bucket - self.first
        if not -MOST_BUCKETS < place < MOST_BUCKETS:
            return None
        if place < 0:  # rare: what is told late, or a span that began before the first that ended
            self._data = np.concatenate((np.full(-place, self._empty, self._data.dtype), self._data))
            self._count -= place
            self.first = bucket
            return 0
        if place >= len(self._data):
            grown = np.full(max(place + 1, 2 * len(self._data)), self._empty, self._data.dtype)
            grown[: self._count] = self._data[: self._count]
            self._data = grown
        self._count = max(self._count, place + 1)
        return place
