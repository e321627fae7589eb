"""The values of a number that everybody raises by one, write by write, and where a write took others back. No Qt."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from explorer.store.series import Series

MOST_BOXES: Final = 400
CLOSE_UP: Final = 6
"""Values that a close-up has in view."""


@dataclass(frozen=True, slots=True)
class Write:
    """Somebody wrote `value` at `time` (ns), and it stood until `until`; it should have been `due`."""

    time: int
    until: int
    value: int
    due: int

    @property
    def lost(self) -> bool:
        """Whether others' additions are not in it."""
        return self.value < self.due


def writes(series: Series, begin: int, end: int) -> list[Write]:
    """The values of a number that everybody raises by one, from `begin` to `end` (ns); too many are none."""
    first = max(0, int(np.searchsorted(series.times, begin, "right")) - 1)
    last = int(np.searchsorted(series.times, end, "right"))
    if last - first > MOST_BOXES or last <= first:
        return []
    times = series.times[first:last].tolist()
    values = [round(value) for value in series.values[first:last].tolist()]
    before = round(float(series.values[first - 1])) if first else values[0] - 1
    ends = [*times[1:], int(series.times[last]) if last < len(series.times) else max(end, times[-1])]
    return [
        Write(time, until, value, known + 1)
        for time, until, value, known in zip(times, ends, values, [before, *values], strict=False)
    ]


def first_lost(series: Series) -> tuple[int, int] | None:
    """A stretch of time (ns) around a write that took another one back, with a few values before and after; None where
    there is none. Of many the one whose values followed each other fastest: each then has room for its number.
    """
    steps = np.diff(series.values)
    lost = np.flatnonzero(steps <= 0) + 1
    lost = lost[(lost > 2) & (lost < len(series.values) - 2) & (series.values[lost] > 1)]
    if not len(lost):
        return None
    low, high = np.maximum(lost - CLOSE_UP // 2 - 1, 0), np.minimum(lost + CLOSE_UP // 2, len(series) - 1)
    evenly = series.times[high] - series.times[low]
    at = int(np.argmin(evenly))
    return int(series.times[low[at]]), int(series.times[high[at]])
