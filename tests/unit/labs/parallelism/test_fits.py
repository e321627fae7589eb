"""The two laws: known parameters are found again, and the intervals hold them as often as they say."""

import numpy as np
import pytest

from explorer.labs.parallelism.fits import Fits, fit

FEW = (1, 2, 3, 4)
MANY = (1, 2, 4, 6, 8, 12, 16, 24, 32)


def amdahl_times(counts: tuple[int, ...], repeats: int, serial: float, cores: float) -> tuple[list[int], np.ndarray]:
    n = np.repeat(counts, repeats)
    return n.tolist(), 0.4 * (serial + (1 - serial) / np.minimum(n, cores))


def usl_times(repeats: int, contention: float, coherency: float) -> tuple[list[int], np.ndarray]:
    n = np.repeat(MANY, repeats)
    return n.tolist(), 0.4 / n * (1 + contention * (n - 1) + coherency * n * (n - 1))


@pytest.mark.parametrize("serial", [0.0, 0.05, 0.2, 1.0])
def test_an_exact_amdahl_curve_gives_its_serial_fraction(serial: float) -> None:
    n, t = amdahl_times(FEW, 2, serial, 2)
    found = fit(n, t.tolist(), 2).amdahl
    assert found is not None
    assert found.serial == pytest.approx(serial, abs=1e-6)
    assert found.interval == pytest.approx((serial, serial), abs=1e-6)
    assert found.one == pytest.approx(0.4)
    assert found.told


def test_workers_without_a_core_of_their_own_are_no_serial_fraction() -> None:
    n, t = amdahl_times(FEW, 2, 0.0, 2)
    right, naive = fit(n, t.tolist(), 2).amdahl, fit(n, t.tolist(), 4).amdahl
    assert right is not None
    assert naive is not None
    assert right.serial < 0.001
    assert naive.serial > 0.2


def test_an_exact_usl_curve_gives_contention_coherency_and_peak() -> None:
    n, t = usl_times(2, 0.06, 0.002)
    found = fit(n, t.tolist(), 32).usl
    assert found is not None
    assert (found.contention, found.coherency) == pytest.approx((0.06, 0.002), rel=1e-4)
    assert found.peak == pytest.approx((0.94 / 0.002) ** 0.5, rel=1e-3)
    assert found.speedup(1) == pytest.approx(1)


def test_a_peak_outside_of_what_was_measured_is_not_told() -> None:
    n, t = usl_times(2, 0.01, 0.0001)
    found = fit(n, t.tolist(), 32).usl
    assert found is not None
    assert found.coherency == pytest.approx(0.0001, rel=0.01)
    assert found.peak is None


def shaken(n: list[int], t: np.ndarray, noise: float, cores: float, seed: int) -> Fits:
    shake = 1 + noise * np.random.default_rng(seed).standard_normal(len(t))
    return fit(n, (t * shake).tolist(), cores, draws=300, seed=seed)


@pytest.mark.parametrize(("serial", "repeats", "noise"), [(0.2, 3, 0.03), (0.02, 3, 0.05), (0.2, 1, 0.03)])
def test_the_interval_of_the_serial_fraction_holds_it(serial: float, repeats: int, noise: float) -> None:
    n, t = amdahl_times(FEW, repeats, serial, 2)
    found = [shaken(n, t, noise, 2, seed).amdahl for seed in range(60)]
    held = sum(one is not None and one.interval[0] <= serial <= one.interval[1] for one in found)
    assert held >= 52  # 95 % of 60 are 57, less three standard deviations


def test_the_intervals_of_the_usl_hold_its_parameters() -> None:
    n, t = usl_times(3, 0.06, 0.002)
    found = [one for seed in range(60) if (one := shaken(n, t, 0.03, 32, seed).usl) is not None]
    assert len(found) == 60
    assert sum(one.contention_interval[0] <= 0.06 <= one.contention_interval[1] for one in found) >= 51
    assert sum(one.coherency_interval[0] <= 0.002 <= one.coherency_interval[1] for one in found) >= 51


def test_a_wide_interval_is_not_told() -> None:
    n, t = amdahl_times((1, 2), 2, 0.3, 2)
    found = fit(n, [0.4, 0.2, 0.4, 0.2], 2).amdahl
    assert found is not None
    assert not found.told
    assert len(n) == len(t)


@pytest.mark.parametrize(
    ("n", "t", "reason"),
    [
        ([1, 1, 1, 1], [1.0] * 4, "at least two numbers of workers"),
        ([1, 2], [1.0, 0.5], "four measurements"),
        ([1, 1, 2, 2], [1.0, 0.0, 0.5, 0.5], "nought"),
    ],
)
def test_what_cannot_be_fitted_says_why(n: list[int], t: list[float], reason: str) -> None:
    found = fit(n, t, 2)
    assert found.amdahl is None
    assert reason in found.reason


def test_one_core_leaves_nothing_for_amdahl_to_tell() -> None:
    found = fit([1, 1, 2, 2], [1.0, 1.1, 1.0, 1.05], 1)
    assert found.amdahl is None


def test_the_band_holds_the_curve() -> None:
    n, t = amdahl_times(FEW, 3, 0.2, 4)
    found = shaken(n, t, 0.03, 4, 1)
    assert found.amdahl is not None
    assert found.amdahl_band is not None
    curve = found.amdahl.speedup(found.amdahl_band.workers, 4)
    assert (found.amdahl_band.low <= curve + 1e-9).all()
    assert (curve <= found.amdahl_band.high + 1e-9).all()


def test_what_the_repeats_of_a_point_share_is_in_the_interval() -> None:
    """A machine that is slower while some points are measured, whose repeats agree all the same."""
    points, right = (1, 2, 4, 8), 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        slower = {workers: 1 + rng.normal(0, 0.05) for workers in points}
        n = [workers for workers in points for _ in range(3)]
        t = [(0.2 + 0.8 / workers) * slower[workers] * (1 + rng.normal(0, 0.005)) for workers in n]
        found = fit(n, t, 8, draws=300).amdahl
        assert found is not None
        right += found.interval[0] <= 0.2 <= found.interval[1]
    assert right >= 32
