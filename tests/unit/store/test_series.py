"""A counter's samples: bounded, in order."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from explorer.store.series import Series


@given(st.lists(st.lists(st.integers(0, 1000), max_size=40), max_size=20), st.sampled_from([16, 100, 10_000]))
def test_the_newest_samples_are_kept_in_order(chunks: list[list[int]], largest: int) -> None:
    series, everything = Series(largest), list[int]()
    for chunk in chunks:
        times = np.array(sorted(chunk), "<i8")
        series.append(times, times / 2)
        everything += sorted(chunk)
    times, values = series
    assert len(series) == len(times) <= largest
    assert np.all(np.diff(times) >= 0)
    assert np.array_equal(values, times / 2)
    if len(everything) <= largest:
        assert times.tolist() == sorted(everything)
    else:
        assert len(series) >= largest // 2


def test_memory_grows_with_the_samples() -> None:
    series = Series()
    before = series.memory
    series.append(np.arange(1000), np.arange(1000.0))
    assert before < series.memory <= 1024 * 16
