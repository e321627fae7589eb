"""Operations of requests by name: how many there were, and how long they took. Of the whole run."""

from typing import Final

import numpy as np

from explorer.analysis.schema import OperationFigures, OperationsFigures
from explorer.collect.source import Array
from explorer.load.histogram import Histogram

MOST: Final = 500
"""Names that are counted one by one; a library may give each of its spans another."""


class OperationLog:
    """All OPERATION records of a run. `source` says whose word they are: "hooks" of FastAPI, or a "wrapper"."""

    def __init__(self) -> None:
        self.source = ""
        self._names: dict[int, str] = {}
        self._times: dict[int, Histogram] = {}

    def declare(self, names: list[tuple[int, str]]) -> None:
        """Take in new names of the run."""
        self._names.update(names)

    def feed(self, name: Array, length_ns: Array) -> None:
        """Operations that have ended, columns (n,)."""
        for number in np.unique(name).tolist():
            times = self._times.get(number)
            if times is None:
                if len(self._times) >= MOST:
                    continue
                times = self._times[number] = Histogram()
            times.add_ns(length_ns[name == number])

    def figures(self) -> OperationsFigures | None:
        """What `run --json` says of them; None if there were none."""
        if not self._times and not self.source:
            return None
        each = sorted(self._times.items(), key=lambda item: -item[1].total)
        return {"source": self.source or None, "each": [_figures(self._names.get(n, "other"), t) for n, t in each]}


def _figures(name: str, times: Histogram) -> OperationFigures:
    return {
        "name": name,
        "count": times.count,
        "mean_ms": round(times.mean * 1e3, 4),
        "p99_ms": round(times.percentile(99) * 1e3, 4),
        "max_ms": round(times.maximum * 1e3, 4),
    }
