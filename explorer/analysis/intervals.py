"""Histograms and counts of consecutive stretches of time, kept so that those of any longer stretch can be added up.

Which part of a run counts (the measuring window) is known only at its end. So every tenth of a second stays apart for
a minute at the beginning and for some minutes at the end; between them neighbours are joined when they become many.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from explorer.collect.source import Array
from explorer.load.histogram import EDGES_S, SIZE, Histogram

KEPT_AT_BEGIN: Final = 600
KEPT_AT_END: Final = 3_000
MOST_INTERVALS: Final = 12_000


@dataclass(frozen=True, slots=True)
class Sparse:
    """A histogram by its non-empty bins: `bins`, `counts` (n,); exact `total` and `maximum` in seconds."""

    bins: Array
    counts: Array
    total: float
    maximum: float

    @classmethod
    def of_bins(cls, bins: Mapping[Any, int], total: float | None = None, maximum: float | None = None) -> "Sparse":
        """From `{bin: count}` as the load sends it; bins out of range are left out, what is not given is estimated."""
        pairs = sorted((int(key), int(count)) for key, count in bins.items())
        pairs = [(key, count) for key, count in pairs if 0 <= key < SIZE and count > 0]
        keys = np.array([key for key, _ in pairs], np.uint16)
        counts = np.array([count for _, count in pairs], np.uint32)
        if len(keys) and (total is None or maximum is None):
            estimate = Histogram.from_bins(dict(pairs))
            total = estimate.total if total is None else total
            maximum = estimate.maximum if maximum is None else maximum
        return cls(keys, counts, total or 0.0, maximum or 0.0)

    @classmethod
    def of_dense(cls, counts: Array, total: float, maximum: float) -> "Sparse":
        """From counts of all bins, (SIZE,)."""
        bins = np.flatnonzero(counts)
        return cls(bins.astype(np.uint16), counts[bins].astype(np.uint32), total, maximum)

    def joined(self, other: "Sparse") -> "Sparse":
        """Both together."""
        bins, places = np.unique(np.concatenate((self.bins, other.bins)), return_inverse=True)
        counts = np.bincount(places, np.concatenate((self.counts, other.counts)), len(bins)).astype(np.uint32)
        return Sparse(bins, counts, self.total + other.total, max(self.maximum, other.maximum))


@dataclass(frozen=True, slots=True)
class Interval:
    """What happened from `start` to `end` (ns); `named` are counts whose names nobody knows beforehand."""

    start: int
    end: int
    numbers: tuple[int, ...]
    histograms: tuple[Sparse, ...]
    named: Mapping[str, int] = field(default_factory=dict)

    def joined(self, other: "Interval") -> "Interval":
        """This one and the one after it."""
        numbers = tuple(a + b for a, b in zip(self.numbers, other.numbers, strict=True))
        histograms = tuple(a.joined(b) for a, b in zip(self.histograms, other.histograms, strict=True))
        return Interval(self.start, other.end, numbers, histograms, Counter(self.named) + Counter(other.named))


@dataclass(frozen=True, slots=True)
class Sum:
    """Intervals added up; they cover `start` to `end` (ns, 0 and 0 if there were none)."""

    start: int
    end: int
    numbers: tuple[int, ...]
    histograms: tuple[Histogram, ...]
    named: Mapping[str, int] = field(default_factory=dict)


class IntervalLog:
    """Intervals in order of time, each with `numbers` counts and `histograms` histograms."""

    def __init__(self, numbers: int, histograms: int) -> None:
        self._numbers = numbers
        self._histograms = histograms
        self._intervals: list[Interval] = []

    def __len__(self) -> int:
        return len(self._intervals)

    def add(self, interval: Interval) -> None:
        """Append the next interval."""
        self._intervals.append(interval)
        if len(self._intervals) > MOST_INTERVALS:
            begin, end = KEPT_AT_BEGIN, len(self._intervals) - KEPT_AT_END
            middle = self._intervals[begin : end - (end - begin) % 2]
            pairs = zip(middle[::2], middle[1::2], strict=True)
            self._intervals[begin : begin + len(middle)] = [one.joined(next_one) for one, next_one in pairs]

    def sum(self, begin: int, end: int) -> Sum:
        """The intervals that begin at `begin` or later and lie at least half before `end` (ns), added up."""
        chosen = [each for each in self._intervals if begin <= each.start and (each.start + each.end) // 2 <= end]
        numbers = tuple(sum(each.numbers[place] for each in chosen) for place in range(self._numbers))
        histograms = tuple(_dense([each.histograms[place] for each in chosen]) for place in range(self._histograms))
        if not chosen:
            return Sum(0, 0, numbers, histograms)
        named: Counter[str] = Counter()
        for each in chosen:
            named.update(each.named)
        return Sum(chosen[0].start, chosen[-1].end, numbers, histograms, named)


def _dense(parts: list[Sparse]) -> Histogram:
    whole = Histogram()
    filled = [part for part in parts if len(part.bins)]
    if not filled:
        return whole
    bins = np.concatenate([part.bins for part in filled])
    counts = np.concatenate([part.counts for part in filled])
    whole.counts += np.bincount(bins, counts, SIZE).astype(np.int64)
    whole.total = sum(part.total for part in filled)
    whole.maximum = max(part.maximum for part in filled)
    whole.minimum = float(EDGES_S[int(bins.min())])
    return whole
