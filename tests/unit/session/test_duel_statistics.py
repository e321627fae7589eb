"""How sure a difference is: the quantiles against tables, the interval against a simulation, and what has no ratio."""

from math import exp, log
from random import Random

import pytest

from explorer.session.duel_statistics import compare, mean_interval, t_quantile

TABLE = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 8: 2.306, 9: 2.262, 19: 2.093, 30: 2.042, 120: 1.980}
TRIALS = 1_000


@pytest.mark.parametrize(("freedom", "value"), TABLE.items())
def test_quantiles_are_those_of_the_tables(freedom: int, value: float) -> None:
    assert t_quantile(0.975, freedom) == pytest.approx(value, abs=6e-4)


def test_other_shares_too_and_what_is_none_is_refused() -> None:
    assert t_quantile(0.5, 3) == pytest.approx(0.0, abs=1e-9)
    assert t_quantile(0.95, 4) == pytest.approx(2.132, abs=1e-3)
    assert t_quantile(0.995, 4) == pytest.approx(4.604, abs=1e-3)
    for share, freedom in ((1.0, 3), (0.4, 3), (0.975, 0)):
        with pytest.raises(ValueError, match="quantile"):
            t_quantile(share, freedom)


@pytest.mark.parametrize("repeats", [3, 5])
def test_the_interval_covers_the_true_ratio_in_95_of_100_duels(repeats: int) -> None:
    random, hits = Random(7), 0
    for _ in range(TRIALS):
        drift = [random.gauss(0, 0.3) for _ in range(repeats)]  # what the machine does to both of a pair
        a = [100 * exp(of_pair + random.gauss(0, 0.05)) for of_pair in drift]
        b = [200 * exp(of_pair + random.gauss(0, 0.05)) for of_pair in drift]
        interval = compare(a, b).interval
        assert interval is not None
        hits += interval[0] <= 2.0 <= interval[1]
    # 95 % give or take three standard errors of so many trials; the normal quantile would cover 81 or 88 %.
    assert hits / TRIALS == pytest.approx(0.95, abs=0.021)


def test_equal_scenarios_are_clear_in_one_of_twenty_only() -> None:
    random, clear = Random(3), 0
    for _ in range(TRIALS):
        a, b = ([50 * exp(random.gauss(0, 0.1)) for _ in range(5)] for _ in range(2))
        clear += compare(a, b).clear
    assert clear / TRIALS == pytest.approx(0.05, abs=0.021)


def test_a_ratio_is_the_geometric_mean_of_the_pairs() -> None:
    found = compare([1.0, 2.0, 4.0], [10.0, 20.0, 40.0])
    assert found.ratio == pytest.approx(10.0)
    assert found.interval == pytest.approx((10.0, 10.0))
    assert found.clear
    found = compare([1.0, 1.0], [2.0, 8.0])
    assert found.ratio == pytest.approx(4.0)
    assert not found.clear, "two repeats that far apart say nothing"


def test_one_repeat_has_no_interval_and_is_never_clear() -> None:
    found = compare([1.0], [100.0])
    assert found.ratio == pytest.approx(100.0)
    assert (found.interval, found.clear) == (None, False)


def test_what_is_always_the_same_does_not_differ() -> None:
    assert compare([0.0, 0.0], [0.0, 0.0]).ratio == 1.0
    found = compare([11.0, 11.0], [11.0, 11.0])
    assert (found.ratio, found.interval, found.clear) == (1.0, (1.0, 1.0), False)


def test_from_nothing_there_is_no_ratio_but_there_may_be_a_clear_difference() -> None:
    found = compare([0.0, 0.0, 0.0], [9.0, 10.0, 11.0])
    assert (found.ratio, found.interval, found.clear) == (None, None, True)
    assert not compare([0.0, 0.0, 0.0], [0.0, 0.0, 1.0]).clear


def test_what_was_not_measured_is_left_out_with_its_pair() -> None:
    assert compare([1.0, None, 1.0], [3.0, 50.0, 3.0]).ratio == pytest.approx(3.0)
    found = compare([None, None], [1.0, 2.0])
    assert (found.ratio, found.interval, found.clear) == (None, None, False)


def test_the_mean_of_one_value_has_no_interval() -> None:
    assert mean_interval([1.0]) is None
    low, high = mean_interval([log(2.0), log(4.0)]) or (0.0, 0.0)
    assert low < log(2.83) < high
