"""How sure a difference between two scenarios is, from a few repeats of each.

The repeats are paired: run r of A and run r of B lie next to each other in time, so that what the machine did meanwhile
happened to both. Of each pair the logarithm of the ratio is taken, because figures such as throughput and latency vary
by a share of themselves. With n pairs the mean of the logarithms has the standard error s / √n, and the 95 % interval
is the mean ± t · s / √n, t being the 97.5 % quantile of Student's distribution with n - 1 degrees of freedom; its
exponential is the interval of the ratio. For so few repeats the normal quantile would be too narrow by far (n = 5: 1.96
in place of 2.78).

A duel asks this of some twenty figures, of each for B, C and D. Each by itself would seem to differ in one of twenty
duels of equal scenarios, and so most such duels would find something. Holm's procedure keeps the chance that a duel
calls anything clear that does not differ at 5 %, for the duel as a whole: of m comparisons the surest is tested at
5 % / m, the next at 5 % / (m - 1), and so on, until one fails; that one and all after it are not clear. Of the
corrections that are known this one fits: figures hang together (the median, the 99th percentile), and it holds however
they do, which Šidák's and Hochberg's do not; it finds all that Bonferroni's finds and more; and permuting five pairs
has too few outcomes (32) to pass any correction. Each interval is told at the level at which its comparison was
decided, so that "clear" goes on to mean that the interval excludes 1; it is never narrower than 95 %.
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
    plain difference excludes 0. The interval has the confidence that was asked for; of `compare_all` that is 95 % or
    more.
    """

    ratio: float | None
    interval: tuple[float, float] | None
    clear: bool


NOTHING: Final = Difference(None, None, False)


Values = Sequence[float | None]


def compare_all(pairs: Sequence[tuple[Values, Values]]) -> tuple[Difference, ...]:
    """The differences of all comparisons of a duel, corrected for their number; each of the pairs is A's values and
    another's, as `compare` takes them. What cannot be tested (fewer than two repeats) does not count as one.
    """
    chances = [chance(*pair) for pair in pairs]
    order = sorted((one, place) for place, one in enumerate(chances) if one is not None)
    confidences = [CONFIDENCE] * len(pairs)
    level, decided = 1 - CONFIDENCE, True
    for rank, (one, place) in enumerate(order):
        if decided:
            level = (1 - CONFIDENCE) / (len(order) - rank)
            decided = one <= level
        confidences[place] = 1 - level
    return tuple(compare(*pair, confidence) for pair, confidence in zip(pairs, confidences, strict=True))


def compare(a: Values, other: Values, confidence: float = CONFIDENCE) -> Difference:
    """The figures of A and of another scenario by repeat, in the same order; pairs with a None are left out."""
    pairs = _known(a, other)
    if not pairs:
        return NOTHING
    if all(x == y for x, y in pairs):
        return Difference(1.0, (1.0, 1.0) if len(pairs) > 1 else None, False)
    changes, ratios = _changes(pairs)
    found = mean_interval(changes, confidence)
    rounding = _ROUNDING if ratios else 0.0
    clear = found is not None and not found[0] - rounding <= 0 <= found[1] + rounding
    if not ratios:
        return Difference(None, None, clear)
    interval = None if found is None else (_exp(found[0]), _exp(found[1]))
    return Difference(exp(fmean(changes)), interval, clear)


def chance(a: Values, other: Values) -> float | None:
    """How likely a difference of this size or more would be if the two did not differ (the p-value of Student's test of
    the pairs), from 0 to 1; None for fewer than two pairs.
    """
    pairs = _known(a, other)
    if len(pairs) < 2:
        return None
    changes, ratios = _changes(pairs)
    size = max(0.0, abs(fmean(changes)) - (_ROUNDING if ratios else 0.0))
    error = stdev(changes) / sqrt(len(changes))
    if not error:
        return 0.0 if size else 1.0
    return 1 - _within(size / error, len(changes) - 1)


def _known(a: Values, other: Values) -> list[tuple[float, float]]:
    return [(x, y) for x, y in zip(a, other, strict=True) if x is not None and y is not None]


def _changes(pairs: Sequence[tuple[float, float]]) -> tuple[list[float], bool]:
    """From A to the other, pair by pair: logarithms of the ratios, or plain differences if a 0 is among them."""
    if any(x <= 0 or y <= 0 for x, y in pairs):
        return [y - x for x, y in pairs], False
    return [log(y / x) for x, y in pairs], True


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
