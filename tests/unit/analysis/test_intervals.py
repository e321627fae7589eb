"""Columns and intervals: sums of any stretch, bounded memory."""

import numpy as np
import pytest

from explorer.analysis import intervals
from explorer.analysis.buckets import MOST_BUCKETS, Column
from explorer.analysis.intervals import Interval, IntervalLog, Sparse
from explorer.load.histogram import Histogram


def interval(number: int, *, length: int = 100) -> Interval:
    return Interval(number * length, (number + 1) * length, (1, number), (Sparse.of_bins({500 + number % 3: 2}),))


def test_any_stretch_can_be_added_up() -> None:
    log = IntervalLog(2, 1)
    for number in range(50):
        log.add(interval(number))
    found = log.sum(1_000, 2_000)
    assert (found.start, found.end) == (1_000, 2_000)
    assert found.numbers == (10, sum(range(10, 20)))
    assert found.histograms[0].count == 20
    assert log.sum(950, 2_049).numbers[0] == 10, "what begins before is left out, what ends soon after is not"
    assert log.sum(-100, 1 << 62).numbers[0] == 50
    empty = log.sum(10_000, 20_000)
    assert (empty.start, empty.end, empty.numbers, empty.histograms[0].count) == (0, 0, (0, 0), 0)


def test_many_intervals_are_joined_in_the_middle_and_lose_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("KEPT_AT_BEGIN", 10), ("KEPT_AT_END", 20), ("MOST_INTERVALS", 60)):
        monkeypatch.setattr(intervals, name, value)
    log = IntervalLog(2, 1)
    for number in range(1_000):
        log.add(interval(number))
    assert len(log) <= 60
    whole = log.sum(0, 1 << 62)
    assert whole.numbers == (1_000, sum(range(1_000)))
    assert whole.histograms[0].count == 2_000
    assert log.sum(0, 1_000).numbers[0] == 10, "the beginning stays exact"
    assert log.sum(99_000, 100_000).numbers[0] == 10, "and so does the end"


def test_a_sparse_histogram_is_the_dense_one() -> None:
    dense = Histogram()
    dense.add(np.geomspace(1e-5, 5, 1_000))
    one = Sparse.of_bins(dense.to_bins(), dense.total, dense.maximum)
    two = Sparse.of_dense(dense.counts, dense.total, dense.maximum)
    log = IntervalLog(0, 1)
    log.add(Interval(0, 1, (), (one.joined(two),)))
    (both,) = log.sum(0, 1).histograms
    assert both.count == 2_000
    assert both.mean == pytest.approx(dense.mean)
    assert both.percentile(99) == pytest.approx(dense.percentile(99), rel=0.01)


def test_bins_that_no_histogram_has_are_left_out() -> None:
    found = Sparse.of_bins({"-5": 1, "99999": 2, "700": 3})
    assert found.bins.tolist() == [700]
    assert found.total > 0


def test_a_column_grows_to_both_sides_and_is_empty_elsewhere() -> None:
    column = Column("f8", np.nan)
    column.put(1_000, 1.0)
    column.put(1_500, 2.0)
    column.raise_to(1_500, 1.0)
    column.raise_to(1_200, 7.0)
    column.add(990, 0.0)
    column.put(990, 1.0)
    assert column.first == 990
    assert column.sum(0, 2_000) == 11
    assert column.sum(1_000, 1_001) == 1
    assert column.maximum(0, 2_000) == 7
    assert column.maximum(1_001, 1_100) is None
    values = column.between(998, 1_002)
    assert values[2] == 1.0
    assert np.isnan(values[[0, 1, 3]]).all()
    assert len(column.between(5, 5)) == 0


def test_a_column_takes_no_absurd_time() -> None:
    column = Column("u4")
    column.add(1_000, 1)
    column.add(1_000 + MOST_BUCKETS, 5)
    column.add(-MOST_BUCKETS, 5)
    column.add(900, 1)
    assert column.sum(-(1 << 62), 1 << 62) == 2, "a little early is kept, far away is left out"
