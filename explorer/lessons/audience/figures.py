"""The few figures that phones follow, from the statistics of the run on the screen."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from explorer.analysis.statistics import RunStatistics

SECONDS: Final = 20
"""How much of the past a phone's chart shows."""
EVERY_S: Final = 0.5


def figures(statistics: RunStatistics) -> dict[str, Any]:
    """Answers per second and the median response time in ms over the last seconds, two values for each second; None
    where nothing was answered.
    """
    since = statistics.now - SECONDS * 1_000_000_000
    rate = statistics.series("throughput", since)[1]
    middle = statistics.series("p50_ms", since)[1]
    return {"rate": _every(rate), "p50_ms": _every(middle), "every_s": EVERY_S}


def _every(values: Sequence[float] | np.ndarray[Any, Any]) -> list[float | None]:
    """Means of five values (100 ms each), from the newest backwards; what is left over at the old end is dropped."""
    plain = np.asarray(values, np.float64)
    plain = plain[len(plain) % 5 :].reshape(-1, 5)
    found: list[float | None] = []
    for five in plain:
        known = five[~np.isnan(five)]
        found.append(round(float(known.mean()), 2) if len(known) else None)
    return found
