"""How sure a difference is: the quantiles against tables, the interval against a simulation, and what has no ratio."""

from math import exp, log
from random import Random

import pytest

from explorer.session.duel_statistics import CONFIDENCE, chance, compare, compare_all, mean_interval, t_quantile

TABLE = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 8: 2.306, 9: 2.262, 19: 2.093, 30: 2.042, 120: 1.980}
TRIALS = 1_000
DUELS = 300


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


@pytest.mark.parametrize("together", [0.0, 0.9])
def test_a_duel_of_equal_scenarios_is_clear_in_one_of_twenty_as_a_whole(together: float) -> None:
    """Sixteen figures, by themselves or hanging together: the correction is for all of them."""
    random, clear, single = Random(11), 0, 0
    for _ in range(DUELS):
        pairs = [_figures(random, 16, together) for _ in range(2)]
        told = compare_all(list(zip(*pairs, strict=True)))
        clear += any(each.clear for each in told)
        single += any((chance(a, b) or 0.0) <= 0.05 for a, b in zip(*pairs, strict=True))
    # 5 % and three standard errors of so many; one by one, most duels would find something or other.
    assert clear / DUELS <= 0.05 + 3 * (0.05 * 0.95 / DUELS) ** 0.5
    assert single / DUELS > 0.15


def _figures(random: Random, count: int, together: float) -> list[list[float | None]]:
    """Five repeats of so many figures of one scenario, which have a spread in common (`together`, from 0 to 1)."""
    common = [random.gauss(0, 1) for _ in range(5)]
    own = (1 - together**2) ** 0.5
    return [[50 * exp(0.1 * (together * one + own * random.gauss(0, 1))) for one in common] for _ in range(count)]


def test_holm_finds_more_than_bonferroni_and_its_intervals_say_the_same() -> None:
    """Three comparisons with p of 0.001, 0.02 and 0.03: at 5 % / 3, / 2 and / 1 all are clear; with one of 0.3 less."""
    pairs = [([1.0] * 5, _with_chance(one)) for one in (0.03, 0.001, 0.02)]
    assert [chance(*pair) for pair in pairs] == pytest.approx([0.03, 0.001, 0.02])
    assert [each.clear for each in compare_all(pairs)] == [True, True, True]
    more = compare_all([*pairs, ([1.0] * 5, _with_chance(0.3)), ([None] * 5, [1.0] * 5)])
    assert [each.clear for each in more] == [False, True, False, False, False]
    for each, pair in zip(more, pairs, strict=False):
        interval, plain = each.interval, compare(*pair).interval
        assert interval is not None
        assert plain is not None
        assert each.clear == (not interval[0] <= 1 <= interval[1])
        assert interval[0] < plain[0]
        assert interval[1] > plain[1]


def _with_chance(wanted: float) -> list[float]:
    """Five values beside 1 that differ from it with this p-value."""
    noise = [-1.0, -0.5, 0.0, 0.5, 1.0]
    error = (sum(each * each for each in noise) / 4 / 5) ** 0.5
    return [exp(0.01 * (each + error * t_quantile(1 - wanted / 2, 4))) for each in noise]


def test_a_chance_is_sure_of_what_never_varies() -> None:
    assert chance([1.0, 1.0], [2.0, 2.0]) == 0.0
    assert chance([1.0, 1.0], [1.0, 1.0]) == chance([0.0, 0.0], [0.0, 0.0]) == 1.0
    assert chance([1.0], [2.0]) is None
    assert [each.clear for each in compare_all([([1.0] * 3, [2.0] * 3), ([1.0] * 3, [1.0] * 3)])] == [True, False]
    assert compare_all([([1.0], [2.0])]) == (compare([1.0], [2.0], CONFIDENCE),)


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
