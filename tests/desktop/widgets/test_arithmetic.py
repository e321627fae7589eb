"""The plain arithmetic below the widgets: numbers and their bounds, axes, envelopes, parts that add up, places."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.desktop.widgets.cpu_bar import CpuRow, full_scale
from explorer.desktop.widgets.number import NumberRange
from explorer.desktop.widgets.raster import DOTS_MOST, area_coverage, dots_coverage, line_coverage, line_spans, over
from explorer.desktop.widgets.rounding import round_parts
from explorer.desktop.widgets.scale import Axis, linear_axis, log_axis, round_125, ticks_125


@pytest.mark.parametrize(
    ("bounds", "text", "value"),
    [
        (NumberRange(1, 1000), "1,000", 1000),
        (NumberRange(1, 1000), " 7 ", 7),
        (NumberRange(1, 1000), "1001", None),
        (NumberRange(1, 1000), "2.5", None),
        (NumberRange(0, 10, whole=False), "2.5", 2.5),
        (NumberRange(0), "1e9", 1e9),
        (NumberRange(0), "inf", None),
        (NumberRange(0), "nan", None),
        (NumberRange(0), "", None),
    ],
)
def test_reading_numbers(bounds: NumberRange, text: str, value: float | None) -> None:
    assert bounds.parse(text) == value


@pytest.mark.parametrize(
    ("bounds", "value", "text"),
    [
        (NumberRange(0), 12345, "12,345"),
        (NumberRange(0, whole=False, by=0.001), 0.005, "0.005"),
        (NumberRange(0, whole=False), 0.2, "0.2"),
        (NumberRange(0, whole=False), 2000.0, "2,000"),
        (NumberRange(0, whole=False), 0.0, "0"),
    ],
)
def test_writing_numbers(bounds: NumberRange, value: float, text: str) -> None:
    assert bounds.text(value) == text
    assert bounds.parse(text) == value


def test_bounds_without_an_end_are_said_so() -> None:
    assert NumberRange(0).sentence() == "From 0 up."
    assert NumberRange(0).sentence("-1") == "From 0 up."


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=20), st.integers(0, 2))
def test_rounded_parts_add_up(parts: list[float], decimals: int) -> None:
    rounded = round_parts(parts, decimals)
    unit = 10**decimals
    assert round(sum(rounded) * unit) == round(sum(part * unit for part in parts))
    assert all(abs(one - other) <= 1 / unit + 1e-6 for one, other in zip(rounded, parts, strict=True))


@given(st.floats(1e-6, 1e9))
def test_ends_of_axes_are_1_2_or_5(value: float) -> None:
    low, high = round_125(value, up=False), round_125(value, up=True)
    assert low <= value * (1 + 1e-9)
    assert high >= value * (1 - 1e-9)
    for end in (low, high):
        first = end / 10 ** math.floor(math.log10(end) + 1e-9)
        assert min(abs(first - digit) for digit in (1, 2, 5, 10)) < 1e-6


def test_axes_hold_their_values() -> None:
    assert linear_axis(np.array([3.0, 63.0, np.nan])) == Axis(0.0, 100.0)
    assert linear_axis(np.empty(0)) == Axis(0.0, 1.0)
    assert log_axis(np.array([30.0, 0.0, 60.0])) == Axis(20.0, 200.0, log=True)
    assert log_axis(np.empty(0)) == Axis(1.0, 10.0, log=True)
    assert ticks_125(Axis(20.0, 500.0, log=True)) == [20, 50, 100, 200, 500]


def test_an_axis_without_length_puts_all_at_its_begin() -> None:
    assert Axis(5.0, 5.0).share(np.array([5.0, 6.0])).tolist() == [0.0, 0.0]


def test_a_logarithmic_axis_gives_each_decade_the_same_room() -> None:
    assert Axis(1.0, 100.0, log=True).share(np.array([1.0, 10.0, 100.0, 0.0])).tolist() == [0.0, 0.5, 1.0, 0.0]


@given(st.integers(2, 2000), st.integers(1, 50))
def test_the_spans_of_a_line_keep_its_peaks_and_touch(count: int, width: int) -> None:
    xs = np.linspace(0, width, count, endpoint=False)
    ys = np.random.default_rng(count).uniform(0, 40, count)
    low, high = line_spans(xs, ys, width)
    used = ~np.isnan(low)
    assert np.nanmin(low) == ys.min()
    assert np.nanmax(high) == ys.max()
    low, high = low[used], high[used]
    assert np.all(low[1:] <= high[:-1])
    assert np.all(high[1:] >= low[:-1])


def test_where_a_value_is_missing_the_line_is_broken() -> None:
    xs = np.linspace(0.5, 90.5, 10)
    ys = np.full(10, 7.0)
    ys[[3, 4, 6]] = np.nan
    low, _ = line_spans(xs, ys, 100)
    drawn = np.flatnonzero(~np.isnan(low)).tolist()
    assert drawn == [*range(21), 50, *range(70, 91)], "twice a line, and a dot between"
    assert np.isnan(line_spans(xs, np.full(10, np.nan), 100)[0]).all()


def test_a_line_covers_its_thickness_and_an_area_what_is_below() -> None:
    low = high = np.array([np.nan, 5.25, 5.25])
    line = line_coverage(low, high, 2.0, 10)
    assert line[:, 0].sum() == 0
    assert line[4:7, 1].tolist() == [0.75, 1.0, 0.25]
    assert line[:, 1].sum() == 2.0
    area = area_coverage(low, high, 8.0, 10)
    assert area[:, 2].tolist() == [0, 0, 0, 0, 0, 0.75, 1, 1, 0, 0]
    assert over(line, area).max() == 1.0


def test_dots_add_up_as_painted_ones_would_and_stay_in_the_picture() -> None:
    at = np.array([3.5, 3.5, -1.0, 99.0])
    once = dots_coverage(at[:1], at[:1], 0.5, 0.5, 8, 6)
    assert once.shape == (6, 8)
    assert once[3, 3] == pytest.approx(0.5)
    assert once.sum() == pytest.approx(0.5)
    assert dots_coverage(at, at, 0.5, 0.5, 8, 6)[3, 3] == pytest.approx(0.75)


def test_thinned_out_dots_look_like_all_of_them() -> None:
    rng = np.random.default_rng(1)
    xs, ys = rng.uniform(0, 20, 3 * DOTS_MOST), rng.uniform(0, 20, 3 * DOTS_MOST)
    thinned = dots_coverage(xs, ys, 0.5, 0.005, 20, 20)
    whole = 1 - (1 - 0.005) ** (len(xs) / 400)
    assert thinned.mean() == pytest.approx(whole, abs=0.02)


def test_bars_of_processes_rescale_by_powers_of_two() -> None:
    def full(cpu: float) -> int:
        return full_scale([CpuRow("server", cpu, "")])

    assert full_scale([]) == 2
    assert [full(cpu) for cpu in (0.1, 2.0, 2.1, 4.5)] == [2, 2, 4, 8]
