"""Times in logarithmic bins: what the load measures, small enough to be sent ten times a second and kept for good.

256 bins a decade from 1 µs to 1000 s, so that a bin is 0.9 % wide; one more bin below and one above. Count, sum, least
and greatest value are kept exactly beside the bins. Histograms of different moments or processes are merged by
adding. Between processes they travel as sparse dictionaries `{bin number: count}`.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

PER_DECADE: Final = 256
LOWEST_S: Final = 1e-6
HIGHEST_S: Final = 1e3
DECADES: Final = 9
INNER: Final = PER_DECADE * DECADES
SIZE: Final = INNER + 2
"""Number of bins: 0 holds what is below `LOWEST_S`, the last what is `HIGHEST_S` or more."""

Counts = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def _edges() -> Floats:
    inner = LOWEST_S * 10.0 ** (np.arange(INNER + 1) / PER_DECADE)
    return np.concatenate(([0.0], inner, [np.inf]))


EDGES_S: Final = _edges()
"""(SIZE + 1,) seconds; bin i holds values from `EDGES_S[i]` up to, but not including, `EDGES_S[i + 1]`."""


def bin_of(values_s: Floats) -> npt.NDArray[np.int64]:
    """The bin number of each value in seconds."""
    with np.errstate(divide="ignore"):
        place = np.log10(np.maximum(values_s, 0.0) / LOWEST_S) * PER_DECADE
    return np.asarray(np.clip(np.floor(place), -1, INNER).astype(np.int64) + 1)


class Histogram:
    """Counts of times in seconds. `count`, `total`, `minimum` and `maximum` are exact, percentiles within a bin."""

    __slots__ = ("counts", "maximum", "minimum", "total")

    def __init__(self) -> None:
        """An empty histogram."""
        self.counts: Counts = np.zeros(SIZE, np.int64)
        self.total = 0.0
        self.minimum = float("inf")
        self.maximum = 0.0

    @property
    def count(self) -> int:
        """Number of values."""
        return int(self.counts.sum())

    @property
    def mean(self) -> float:
        """Mean in seconds, 0 when empty."""
        count = self.count
        return self.total / count if count else 0.0

    def add(self, values_s: npt.ArrayLike) -> None:
        """Add values in seconds."""
        values = np.asarray(values_s, np.float64)
        if not values.size:
            return
        self.counts += np.bincount(bin_of(values), minlength=SIZE)
        self.total += float(values.sum())
        self.minimum = min(self.minimum, float(values.min()))
        self.maximum = max(self.maximum, float(values.max()))

    def add_ns(self, values_ns: npt.ArrayLike) -> None:
        """Add values in nanoseconds."""
        self.add(np.asarray(values_ns, np.float64) * 1e-9)

    def merge(self, other: "Histogram") -> None:
        """Add everything that `other` counted."""
        self.counts += other.counts
        self.total += other.total
        self.minimum = min(self.minimum, other.minimum)
        self.maximum = max(self.maximum, other.maximum)

    def percentile(self, percent: float) -> float:
        """The least value in seconds that `percent` (0 … 100) of all values do not exceed; 0 when empty.

        Of few values the highest percentiles are thus the greatest of them.
        """
        return self.percentiles((percent,))[0]

    def percentiles(self, percents: Sequence[float]) -> list[float]:
        """`percentile` of several, in one pass. Inside a bin the values count as evenly spread."""
        count = self.count
        if not count:
            return [0.0 for _ in percents]
        reached = np.cumsum(self.counts)
        # Of a hundred the 99th is the 99th one, although 0.99 * 100 may be a hair more than 99.
        ranks = (math.ceil(min(max(percent, 0.0), 100.0) / 100.0 * count - 1e-9) - 1 for percent in percents)
        return [self.maximum if rank == count - 1 else self._at(reached, max(rank, 0)) for rank in ranks]

    def to_bins(self) -> dict[str, int]:
        """The bins that are not empty, as JSON wants them: `{"612": 3}`."""
        used = np.flatnonzero(self.counts)
        return dict(zip(map(str, used.tolist()), self.counts[used].tolist(), strict=True))

    @classmethod
    def from_bins(
        cls,
        bins: Mapping[Any, int],
        *,
        total: float | None = None,
        minimum: float | None = None,
        maximum: float | None = None,
    ) -> "Histogram":
        """The histogram that `to_bins` wrote. What is not given (seconds) is estimated from the bins, within 0.5 %."""
        made = cls()
        if not bins:
            return made
        places = np.fromiter((int(key) for key in bins), np.int64, len(bins))
        counts = np.fromiter(bins.values(), np.int64, len(bins))
        if places.min() < 0 or places.max() >= SIZE or counts.min() < 0:
            raise ValueError(f"A histogram's bins are numbered 0 to {SIZE - 1} and counted from 0.")
        np.add.at(made.counts, places, counts)
        low = EDGES_S[places]
        high = np.minimum(EDGES_S[places + 1], HIGHEST_S)
        made.total = float(((low + high) / 2 * counts).sum()) if total is None else total
        made.minimum = float(low.min()) if minimum is None else minimum
        made.maximum = float(high.max()) if maximum is None else maximum
        return made

    def _at(self, reached: Counts, rank: int) -> float:
        place = int(np.searchsorted(reached, rank, side="right"))
        inside = int(self.counts[place])
        low = max(float(EDGES_S[place]), self.minimum)
        high = min(float(EDGES_S[place + 1]), self.maximum)
        if inside == 1 and low != high and place not in (0, SIZE - 1):
            return min(max(float(np.sqrt(EDGES_S[place] * EDGES_S[place + 1])), self.minimum), self.maximum)
        share = (rank - float(reached[place] - inside)) / max(inside - 1, 1)
        return low + (high - low) * min(max(share, 0.0), 1.0)
