"""The axes of charts: where a value lies, and at which round numbers an axis ends and is labelled. No Qt."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Axis:
    """Values from `low` to `high`, linear or logarithmic (then `low` > 0)."""

    low: float
    high: float
    log: bool = False

    def share(self, values: Floats) -> Floats:
        """Where the values lie between low (0) and high (1), clipped to that."""
        low, high = self.low, self.high
        if self.log:
            low, high = np.log(low), np.log(high)
            values = np.log(np.maximum(values, self.low))
        if high <= low:
            return np.zeros_like(values)
        return np.clip((values - low) / (high - low), 0.0, 1.0)

    def value(self, share: float) -> float:
        """The value at a place between low (0) and high (1): the way back from `share`."""
        share = min(1.0, max(0.0, share))
        if self.log:
            return float(np.exp(np.log(self.low) + share * (np.log(self.high) - np.log(self.low))))
        return self.low + share * (self.high - self.low)


def log_axis(values: Floats) -> Axis:
    """A logarithmic axis that holds `values`, its ends at 1, 2 or 5 of a decade, at least a decade long."""
    given = values[np.isfinite(values) & (values > 0)]
    if not len(given):
        return Axis(1.0, 10.0, log=True)
    low, high = round_125(float(given.min()), up=False), round_125(float(given.max()), up=True)
    return Axis(low, high if high >= 10 * low else round_125(low * 10, up=True), log=True)


def linear_axis(values: Floats, at_least: float = 1.0) -> Axis:
    """An axis from zero that holds `values`, its end at 1, 2 or 5 of a decade."""
    given = values[np.isfinite(values)]
    most = max(at_least, float(given.max()) if len(given) else 0.0)
    return Axis(0.0, round_125(most, up=True))


def round_125(value: float, *, up: bool) -> float:
    """The next number above (or below) of the form 1, 2 or 5 times a power of ten; `value` itself if it is one."""
    power = 10.0 ** np.floor(np.log10(value))
    steps = (1.0, 2.0, 5.0, 10.0) if up else (10.0, 5.0, 2.0, 1.0)
    for step in steps:
        # A tolerance, as 0.1 / 0.01 and its like are not exact.
        if (step * power >= value * (1 - 1e-9)) if up else (step * power <= value * (1 + 1e-9)):
            return float(step * power)
    return float(steps[-1] * power)


def ticks_125(axis: Axis) -> list[float]:
    """The values 1, 2, 5 times powers of ten within a logarithmic axis, at most three a decade."""
    first, last = int(np.floor(np.log10(axis.low))), int(np.ceil(np.log10(axis.high)))
    all_ticks = [step * 10.0**power for power in range(first, last + 1) for step in (1, 2, 5)]
    return [tick for tick in all_ticks if axis.low * (1 - 1e-9) <= tick <= axis.high * (1 + 1e-9)]


def moving_mean(values: Floats, reach: int) -> Floats:
    """The mean of each value and the `reach` - 1 before it; NaN counts as 0. Single events make no comb of a line."""
    sums = np.cumsum(np.insert(np.nan_to_num(values), 0, 0.0))
    ends = np.arange(1, len(values) + 1)
    counted = np.minimum(ends, reach)
    mean: Floats = (sums[ends] - sums[ends - counted]) / counted
    return mean
