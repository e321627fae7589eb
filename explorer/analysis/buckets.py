"""Figures over time: one value for every tenth of a second, of one loop, thread, process or of all requests."""

from typing import Any, Final

import numpy as np

from explorer.collect.source import Array

BUCKET_NS: Final = 100_000_000
MOST_CELLS: Final = 1 << 16
MOST_BUCKETS: Final = 2 * 24 * 3600 * 10
"""Two days; what lies further from a column's beginning is left out (a damaged recording may hold any time)."""


def bucket_of(time_ns: int) -> int:
    """The number of the bucket that holds a moment."""
    return time_ns // BUCKET_NS


def groups_of(buckets: Array) -> tuple[Array, Array, Array]:
    """Of ascending buckets (n,), n > 0: each once, the place of its first, and how many of it there are."""
    firsts = np.concatenate(([0], np.flatnonzero(np.diff(buckets)) + 1))
    return buckets.take(firsts), firsts, np.diff(firsts, append=len(buckets))


def runs_of(groups: Array, buckets: Array, values: Array | None = None) -> list[tuple[int, int, Array]]:
    """What each of some groups has in each bucket, from the first that it has to the last: group, first bucket, sums.

    `groups` (n,) are ascending numbers from 0 on, with none left out, n > 0; `values` (n,) of f8 are summed up, without
    them the places are counted. Of a damaged recording, whose buckets are far apart, there may be several of a group.
    """
    low, span = int(buckets.min()), int(buckets.max() - buckets.min()) + 1
    count = int(groups[-1]) + 1
    if count * span > 64 * len(groups) + MOST_CELLS:
        return [
            (group, bucket, np.array([value]))
            for group, bucket, value in zip(
                groups.tolist(), buckets.tolist(), [1] * len(groups) if values is None else values.tolist(), strict=True
            )
        ]
    table = np.bincount(groups * span + (buckets - low), values, count * span).reshape(count, span)
    firsts = np.concatenate(([0], np.flatnonzero(np.diff(groups)) + 1))
    begins = np.minimum.reduceat(buckets, firsts).tolist()
    ends = np.maximum.reduceat(buckets, firsts).tolist()
    return [
        (group, begin, table[group, begin - low : end - low + 1])
        for group, (begin, end) in enumerate(zip(begins, ends, strict=True))
    ]


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
        """Add to the values of buckets, each once: `buckets` (n,) of i8, ascending, n > 0; `values` (n,)."""
        first, last = self._place(int(buckets[0])), self._place(int(buckets[-1]))
        if first is None or last is None:
            for bucket, value in zip(buckets.tolist(), values.tolist(), strict=True):
                self.add(bucket, value)
        else:
            self._data[buckets - self.first] += values.astype(self._data.dtype)

    def add_run(self, begin: int, values: Array) -> None:
        """Add to the values of the buckets from `begin` on, (n,), n > 0."""
        first, last = self._place(begin), self._place(begin + len(values) - 1)
        if first is None or last is None:
            for at, value in enumerate(values.tolist()):
                self.add(begin + at, value)
        else:
            place = begin - self.first  # the second look may have moved it
            self._data[place : place + len(values)] += values.astype(self._data.dtype)

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

    def raise_each(self, buckets: Array, values: Array) -> None:
        """Make the values of buckets ((n,) of i8, ascending, each once, n > 0) at least `values` (n,)."""
        first, last = self._place(int(buckets[0])), self._place(int(buckets[-1]))
        if first is None or last is None:
            for bucket, value in zip(buckets.tolist(), values.tolist(), strict=True):
                self.raise_to(bucket, value)
        else:
            places = buckets - self.first
            self._data[places] = np.fmax(self._data[places], values)

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


def held(values: Array, most: int) -> Array:
    """NaN replaced by the last value before it, for at most `most` places; 0 where there is none."""
    places = np.arange(len(values))
    known = np.maximum.accumulate(np.where(np.isnan(values), -1, places))
    if not len(values):
        return values
    found: Array = np.where((known >= 0) & (places - known <= most), values[np.maximum(known, 0)], 0.0)
    return found


def sum_of(parts: list[Array], length: int) -> Array:
    """The sum of arrays of one length, bucket by bucket; zeros where there is none."""
    total: Array = np.sum(parts, axis=0) if parts else np.zeros(length)
    return total
