"""Amdahl's law and the Universal Scalability Law, fitted to times over numbers of workers, with their intervals.

Both laws are linear in the time that a job takes. With n workers on C cores, p = min(n, C):

    Amdahl    T(n)     = a + b / p                            serial fraction s = a / (a + b)
    USL       n · T(n) = a + b (n − 1) + c n (n − 1)          contention σ = b / a, coherency κ = c / a

A worker without a core of its own adds nothing, whatever the job is like: without the min it would be taken for a
serial fraction. The USL describes what was measured, cores or not. Coefficients below zero have no meaning, so that
the fit is least squares without negative coefficients; with three of them every choice of which are zero can be tried,
which needs no solver. The errors are taken to be relative: each equation is weighted by what it predicts.

Intervals: residuals of all repeats, widened for the degrees of freedom, are drawn again and the fit repeated. Where the
points lie further from the law than their repeats from one another, what the repeats of a point share is drawn as well.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Interval = tuple[float, float]

DRAWS: Final = 2_000
LEVEL: Final = 0.95
SEED: Final = 20_261_127
TOO_WIDE: Final = 0.3
"""A serial fraction whose interval is wider than this is no answer."""
WIDEST: Final = 0.6
"""A curve whose band is wider than this share of it is none either."""


@dataclass(frozen=True, slots=True)
class Amdahl:
    """`serial` is the share of the work that gets no faster, `one` the time with one worker, in seconds.

    `told` says whether the interval is narrow enough for the fraction to be told.
    """

    serial: float
    interval: Interval
    one: float
    told: bool

    def speedup(self, workers: Any, cores: float) -> Any:
        """How many times as fast as one worker so many are."""
        return 1 / (self.serial + (1 - self.serial) / np.minimum(workers, max(cores, 1.0)))


@dataclass(frozen=True, slots=True)
class Usl:
    """Contention and coherency. `one` is the time with one worker, in seconds.

    `peak` is the number of workers with the highest throughput, None where that is not within what was measured. `told`
    says whether the curve lies in a band that is narrow enough to be shown.
    """

    contention: float
    contention_interval: Interval
    coherency: float
    coherency_interval: Interval
    one: float
    peak: float | None
    peak_interval: Interval | None
    told: bool

    def speedup(self, workers: Any) -> Any:
        """How many times as fast as one worker so many are."""
        return workers / (1 + self.contention * (workers - 1) + self.coherency * workers * (workers - 1))


@dataclass(frozen=True, slots=True)
class Band:
    """Where a law's curve lies: `low` and `high` of its speed-up, by number of workers."""

    workers: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True)
class Fits:
    """Both laws; None for one that the points do not suffice for, with the reason. Bands are for drawing."""

    amdahl: Amdahl | None
    usl: Usl | None
    amdahl_band: Band | None
    usl_band: Band | None
    reason: str = ""


def fit(
    workers: Sequence[int], seconds: Sequence[float], cores: float, *, draws: int = DRAWS, seed: int = SEED
) -> Fits:
    """Fit both laws to measurements, all repeats of all points one by one: `workers[i]` took `seconds[i]`."""
    n, t = np.asarray(workers, float), np.asarray(seconds, float)
    different = np.unique(n)
    if len(different) < 2 or len(n) < 4:
        return Fits(None, None, None, None, "A fit takes at least two numbers of workers, and four measurements.")
    if not (np.all(np.isfinite(t)) and np.all(t > 0)):
        return Fits(None, None, None, None, "A time of nought cannot be fitted; choose a larger size.")
    rng = np.random.default_rng(seed)
    along = np.linspace(different[0], different[-1], 60)
    amdahl, amdahl_band = _amdahl(n, t, max(cores, 1.0), rng, draws, along)
    reason = "" if amdahl is not None else "Every point has a worker for each core or more; measure fewer as well."
    if len(different) < 4:
        reason = reason or "The Universal Scalability Law takes at least four numbers of workers."
        return Fits(amdahl, None, amdahl_band, None, reason)
    usl, usl_band = _usl(n, t, rng, draws, along)
    return Fits(amdahl, usl, amdahl_band, usl_band, reason)


def _amdahl(
    n: Floats, t: Floats, cores: float, rng: np.random.Generator, draws: int, along: Floats
) -> tuple[Amdahl | None, Band | None]:
    p = np.minimum(n, cores)
    if len(np.unique(p)) < 2:
        return None, None
    best, drawn = _with_draws(n, np.stack([np.ones_like(p), 1 / p], 1), t, rng, draws)
    shares = drawn[:, 0] / drawn.sum(1)
    interval = _interval(shares)
    serial = float(best[0] / best.sum())
    found = Amdahl(serial, interval, float(best.sum()), interval[1] - interval[0] <= TOO_WIDE)
    curves = 1 / (shares[:, None] + (1 - shares[:, None]) / np.minimum(along, cores))
    return found, _band(along, curves)


def _usl(n: Floats, t: Floats, rng: np.random.Generator, draws: int, along: Floats) -> tuple[Usl | None, Band | None]:
    best, drawn = _with_draws(n, np.stack([np.ones_like(n), n - 1, n * (n - 1)], 1), n * t, rng, draws, first=True)
    contention, coherency = drawn[:, 1] / drawn[:, 0], drawn[:, 2] / drawn[:, 0]
    sigma, kappa = float(best[1] / best[0]), float(best[2] / best[0])
    peak, around = _peak(sigma, kappa, contention, coherency, float(n.min()), float(n.max()))
    curves = along / (1 + contention[:, None] * (along - 1) + coherency[:, None] * along * (along - 1))
    band = _band(along, curves)
    curve = along / (1 + sigma * (along - 1) + kappa * along * (along - 1))
    told = bool(((band.high - band.low) / curve).max() <= WIDEST)
    return Usl(sigma, _interval(contention), kappa, _interval(coherency), float(best[0]), peak, around, told), band


def _peak(
    sigma: float, kappa: float, contention: Floats, coherency: Floats, low: float, high: float
) -> tuple[float | None, Interval | None]:
    """Where throughput is highest, and how sure that is; None when it may well be outside of what was measured."""
    if kappa <= 0 or sigma >= 1:
        return None, None
    peaks = np.sqrt(np.maximum(1 - contention, 0) / np.maximum(coherency, 1e-12))
    around = _interval(peaks)
    if not (low <= around[0] and around[1] <= high):
        return None, None
    return float(np.sqrt((1 - sigma) / kappa)), around


def _with_draws(
    n: Floats, columns: Floats, y: Floats, rng: np.random.Generator, draws: int, *, first: bool = False
) -> tuple[Floats, Floats]:
    """The coefficients, (k,), and those of `draws` repetitions with residuals drawn anew, (draws, k).

    `first` says that the first coefficient may not be zero.
    """
    best = _solve(columns / y[:, None], np.ones((1, len(y))), first)[0]
    predicted = np.maximum(columns @ best, 1e-12)
    weighted = columns / predicted[:, None]
    best = _solve(weighted, (y / predicted)[None, :], first)[0]
    predicted = np.maximum(columns @ best, 1e-12)
    residuals = y / predicted - 1
    spare = max(1, len(y) - np.linalg.matrix_rank(columns))
    residuals = (residuals - residuals.mean()) * np.sqrt(len(y) / spare)
    # With few degrees of freedom the residuals themselves are known badly: each draw has a scale of its own.
    scales = np.sqrt(spare / rng.chisquare(spare, draws))[:, None]
    again = 1 + rng.choice(residuals, (draws, len(y))) * scales
    again += _by_point(n, y / predicted - 1, int(np.linalg.matrix_rank(columns)), rng, draws)
    return best, _solve(columns / predicted[:, None], np.maximum(again, 1e-3), first)


def _by_point(n: Floats, residuals: Floats, rank: int, rng: np.random.Generator, draws: int) -> Floats:
    """What all repeats of a point share, (draws, n): a machine that was slower meanwhile, a law that does not fit.

    None where points differ no more than their repeats do, or where there is no point to spare.
    """
    _, point, repeats = np.unique(n, return_inverse=True, return_counts=True)
    means = np.bincount(point, residuals) / repeats
    between, within = len(repeats) - rank, len(residuals) - len(repeats)
    if between < 1 or within < 1:
        return np.zeros((draws, len(residuals)))
    common = (repeats * means**2).sum() / between - ((residuals - means[point]) ** 2).sum() / within
    spread = np.sqrt(max(common, 0.0) / repeats.mean())
    scales = np.sqrt(between / rng.chisquare(between, draws))[:, None]
    return np.asarray(rng.normal(0, spread, (draws, len(repeats))) * scales)[:, point]


def _solve(columns: Floats, right: Floats, first: bool) -> Floats:
    """Least squares without negative coefficients: `columns` (m, k) for each row of `right` (d, m); gives (d, k)."""
    count, width = len(right), columns.shape[1]
    best = np.zeros((count, width))
    least = np.full(count, np.inf)
    for chosen in itertools.chain.from_iterable(
        itertools.combinations(range(width), size) for size in range(1, width + 1)
    ):
        if first and 0 not in chosen:
            continue
        part = columns[:, chosen]
        found = right @ np.linalg.pinv(part).T
        left = ((found @ part.T - right) ** 2).sum(1)
        better = (found >= 0).all(1) & (left < least)
        least[better] = left[better]
        best[better] = 0
        best[np.ix_(better, list(chosen))] = found[better]
    return best


def _interval(values: Floats) -> Interval:
    low, high = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def _band(workers: Floats, curves: Floats) -> Band:
    low, high = np.quantile(curves, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return Band(workers, low, high)
