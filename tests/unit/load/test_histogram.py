"""Percentiles against NumPy's, merging, and the way over JSON."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.load.histogram import EDGES_S, SIZE, Histogram, bin_of

PERCENTS = (0, 1, 25, 50, 90, 99, 99.9, 100)


@pytest.mark.parametrize(
    "values",
    [
        np.random.default_rng(1).exponential(0.2, 20_000),
        np.random.default_rng(2).lognormal(-7, 2, 5_000),
        np.random.default_rng(3).uniform(1e-5, 1e-4, 777),
        np.full(100, 0.2),
        np.array([0.2]),
    ],
    ids=["exponential", "lognormal", "uniform", "constant", "single"],
)
def test_percentiles_agree_with_numpy_within_one_percent(values: np.ndarray) -> None:
    histogram = Histogram()
    histogram.add(values)
    # In the sparse tail of a small sample two neighbours may lie far apart; there NumPy's rank may lie between them.
    lower = np.percentile(values, PERCENTS, method="lower")
    upper = np.percentile(values, PERCENTS, method="higher")
    found = np.array(histogram.percentiles(PERCENTS))
    assert (found >= lower * 0.99).all()
    assert (found <= upper * 1.01).all()


def test_of_few_values_a_percentile_is_the_value_that_so_many_do_not_exceed() -> None:
    values = np.array([8.0] * 9 + [38.7])
    histogram = Histogram()
    histogram.add(values)
    assert histogram.percentile(99) == 38.7 > histogram.mean
    assert histogram.percentile(90) == pytest.approx(8.0, rel=0.01)
    histogram.add(np.full(90, 8.0))
    assert histogram.percentile(99) == pytest.approx(8.0, rel=0.01)


def test_count_mean_and_extremes_are_exact() -> None:
    values = np.random.default_rng(4).exponential(0.01, 1000)
    histogram = Histogram()
    histogram.add(values[:500])
    histogram.add_ns(values[500:] * 1e9)
    assert histogram.count == 1000
    assert histogram.mean == pytest.approx(values.mean(), rel=1e-12)
    assert histogram.maximum == pytest.approx(values.max(), rel=1e-12)
    assert histogram.percentile(100) == pytest.approx(values.max(), rel=1e-12)
    assert histogram.minimum == pytest.approx(values.min(), rel=1e-12)


def test_what_lies_outside_goes_to_the_outer_bins() -> None:
    histogram = Histogram()
    histogram.add([-1.0, 0.0, 1e-9, 5e3])
    assert histogram.counts[0] == 3
    assert histogram.counts[SIZE - 1] == 1
    assert histogram.maximum == 5e3


def test_a_value_lies_between_the_edges_of_its_bin() -> None:
    values = 10.0 ** np.random.default_rng(5).uniform(-5.99, 2.99, 10_000)
    places = bin_of(values)
    assert (EDGES_S[places] <= values * (1 + 1e-12)).all()
    assert (values <= EDGES_S[places + 1] * (1 + 1e-12)).all()


@settings(deadline=None)
@given(st.lists(st.floats(0, 2000), max_size=50), st.lists(st.floats(0, 2000), max_size=50))
def test_merging_equals_adding_everything_to_one(first: list[float], second: list[float]) -> None:
    apart, other, whole = Histogram(), Histogram(), Histogram()
    apart.add(first)
    other.add(second)
    whole.add(first + second)
    apart.merge(other)
    assert (apart.counts == whole.counts).all()
    assert (apart.minimum, apart.maximum) == (whole.minimum, whole.maximum)
    assert apart.total == pytest.approx(whole.total)


def test_the_way_over_json_keeps_every_count() -> None:
    histogram = Histogram()
    histogram.add(np.random.default_rng(6).exponential(0.1, 3000))
    sent = json.loads(json.dumps(histogram.to_bins()))
    read = Histogram.from_bins(sent, total=histogram.total, minimum=histogram.minimum, maximum=histogram.maximum)
    assert (read.counts == histogram.counts).all()
    assert read.percentiles(PERCENTS) == histogram.percentiles(PERCENTS)
    guessed = Histogram.from_bins(sent)
    assert guessed.mean == pytest.approx(histogram.mean, rel=0.006)
    assert guessed.maximum == pytest.approx(histogram.maximum, rel=0.01)


def test_bins_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match="numbered 0 to"):
        Histogram.from_bins({str(SIZE): 1})


def test_an_empty_histogram_has_only_zeros() -> None:
    histogram = Histogram()
    assert (histogram.count, histogram.mean, histogram.percentile(99), histogram.to_bins()) == (0, 0.0, 0.0, {})
    assert Histogram.from_bins({}).count == 0
