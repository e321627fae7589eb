"""How sure a difference between two scenarios is, from a few repeats of each.

The repeats are paired: run r of A and run r of B lie next to each other in time, so that what the machine did meanwhile
happened to both. Of each pair the logarithm of the ratio is taken, because figures such as throughput and latency vary
by a share of themselves. With n pairs the mean of the logarithms has the standard error s / √n, and the 95 % interval
is the mean ± t · s / √n, t being the 97.5 % quantile of Student's distribution with n - 1 degrees of freedom; its
exponential is the interval of the ratio. For so few repeats the normal quantile would be too narrow by far (n = 5: 1.96
in place of 2.78).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan, cos, exp, isfinite, log, pi, sin, sqrt
from statistics import fmean, stdev
from typing import Final

CONFIDENCE: Final = 0.95
_ROUNDING: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Difference:
    """What one scenario's figure is to that of A.

    `ratio` is None where A or the other has a 0 and they are not all alike, or one has nothing to say; `interval` is
    None there and with fewer than two repeats. `clear`: the interval excludes 1; where there is no ratio, that of the
    plain difference excludes 0.
    """

    ratio: float | None
    interval: tuple[float, float] | None
    clear: bool


NOTHING: Final = Difference(None, None, False)


def compare(a: Sequence[float | None], other: Sequence[float | None]) -> Difference:
    """The figures of A and of another scenario by repeat, in the same order; pairs with a None are left out."""
    pairs = [(x, y) for x, y in zip(a, other, strict=True) if x is not None and y is not None]
    if not pairs:
        return NOTHING
    if all(x == y for x, y in pairs):
        return Difference(1.0, (1.0, 1.0) if len(pairs) > 1 else None, False)
    if any(x <= 0 or y <= 0 for x, y in pairs):
        found = mean_interval([y - x for x, y in pairs])
        return Difference(None, None, found is not None and not found[0] <= 0 <= found[1])
    logs = [log(y / x) for x, y in pairs]
    ratio = exp(fmean(logs))
    found = mean_interval(logs)
    if found is None:
        return Difference(ratio, None, False)
    low, high = found
    return Difference(ratio, (_exp(low), _exp(high)), not low - _ROUNDING <= 0 <= high + _ROUNDING)


def mean_interval(values: Sequence[float], confidence: float = CONFIDENCE) -> tuple[float, float] | None:
    """The interval in which the mean of what `values` were drawn from lies with `confidence`; None for fewer than two.

    It is exact for values of a normal distribution.
    """
    if len(values) < 2:
        return None
    middle, half = fmean(values), stdev(values) / sqrt(len(values))
    half *= t_quantile(0.5 + confidence / 2, len(values) - 1)
    return middle - half, middle + half


def t_quantile(share: float, freedom: int) -> float:
    """The value below which this `share` (from 0.5 to below 1) of Student's distribution lies, for whole degrees."""
    if not 0.5 <= share < 1 or freedom < 1:
        raise ValueError(
            "Student's quantile is asked for shares from 0.5 to below 1 and one degree of freedom or more."
        )
    inside = 2 * share - 1
    low, high = 0.0, 1.0
    while _within(high, freedom) < inside:
        high *= 2
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if _within(middle, freedom) < inside else (low, middle)
    return (low + high) / 2


def _within(t: float, freedom: int) -> float:
    """The share of Student's distribution between -t and t: finite sums for whole degrees of freedom."""
    angle = atan(t / sqrt(freedom))
    sine, cosine = sin(angle), cos(angle)
    if freedom == 1:
        return 2 * angle / pi
    term = cosine if freedom % 2 else 1.0
    total = term
    for k in range(3 if freedom % 2 else 2, freedom - 1, 2):
        term *= cosine * cosine * (k - 1) / k
        total += term
    return 2 / pi * (angle + sine * total) if freedom % 2 else sine * total


def _exp(value: float) -> float:
    """Without the overflow of two repeats that say nothing."""
    return exp(min(value, 700.0)) if isfinite(value) else float("inf")
