"""The few figures that phones follow, from the statistics of the run on the screen."""

from typing import Any, Final

import numpy as np

from explorer.analysis.statistics import RunStatistics
from explorer.collect.source import Array

SECONDS: Final = 20
"""How much of the past a phone's chart shows."""
EVERY_S: Final = 0.5
STEP: Final = 5
SECOND: Final = 10
"""In buckets of the statistics' series, 100 ms each."""


def figures(statistics: RunStatistics) -> dict[str, Any]:
    """Answers per second and the median response time in ms over the last seconds, two values for each second; None
    where nothing was answered.
    """
    since = statistics.now - SECONDS * 1_000_000_000
    rate = statistics.series("throughput", since)[1]
    middle = statistics.series("p50_ms", since)[1]
    return {"rate": _every(rate), "p50_ms": _every(middle), "every_s": EVERY_S}


def _every(values: Array) -> list[float | None]:
    """Twice a second the mean of the second before, of values for each 100 ms; at the old end some are dropped."""
    plain = np.asarray(values, np.float64)
    found: list[float | None] = []
    for end in range(len(plain) % STEP + SECOND, len(plain) + 1, STEP):
        second = plain[end - SECOND : end]
        known = second[~np.isnan(second)]
        found.append(round(float(known.mean()), 2) if len(known) else None)
    return found
