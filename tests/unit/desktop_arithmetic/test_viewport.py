"""Time to pixels and back, exact from ten minutes down to a fraction of a microsecond."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.desktop.timeline.viewport import CLIP_PX, LONGEST_NS, SHORTEST_NS, Viewport

MONTH = 30 * 86_400_000_000_000
"""A month of perf_counter_ns: beyond the integers that a float64 of nanoseconds could tell from their neighbours by
0.3 ns.
"""
LARGE = (1 << 62) - 12_345


@pytest.mark.parametrize("begin", [0, MONTH, LARGE])
def test_a_view_of_200_ns_tells_neighbouring_nanoseconds_apart(begin: int) -> None:
    view = Viewport(begin, 200, 1_000)
    assert view.x(begin + 1) == 5.0
    assert [view.time(view.x(begin + ns)) - begin for ns in range(201)] == list(range(201))
    assert view.xs(np.array([begin, begin + 1, begin + 199])).tolist() == [0.0, 5.0, 995.0]


@pytest.mark.parametrize("length", [200, 1_000, 1_000_000, 10**9, LONGEST_NS])
@pytest.mark.parametrize("width", [640, 1_173, 1_920])
def test_pixel_and_time_agree_to_less_than_a_pixel(length: int, width: int) -> None:
    view = Viewport(LARGE - length, length, width)
    for x in (0, 1, width // 3, width - 1):
        assert abs(view.x(view.time(x)) - x) <= max(0.5, width / length)


def test_what_is_far_outside_is_clipped_where_qt_can_still_count() -> None:
    view = Viewport(MONTH, 200, 1_000)
    assert view.xs(np.array([0, 2 * MONTH])).tolist() == [-CLIP_PX, 1_000 + CLIP_PX]


@given(st.integers(0, MONTH), st.integers(SHORTEST_NS, LONGEST_NS), st.floats(0, 1_500), st.floats(0.05, 20))
def test_a_zoom_keeps_the_time_under_the_pointer(begin: int, length: int, x: float, factor: float) -> None:
    view = Viewport(begin, length, 1_500)
    zoomed = view.zoomed(factor, x)
    assert abs(zoomed.x(view.time(x)) - x) <= 1 + zoomed.width / zoomed.length


def test_zooming_ends_at_a_microsecond_and_at_ten_minutes() -> None:
    view = Viewport(MONTH, 5_000_000, 1_000)
    for _ in range(200):
        view = view.zoomed(0.5, 300)
    assert view.length == 1_000
    for _ in range(200):
        view = view.zoomed(2, 300)
    assert view.length == 600_000_000_000


def test_panning_moves_what_is_seen_with_the_hand() -> None:
    view = Viewport(MONTH, 1_000_000, 1_000)
    assert view.panned(250).x(view.time(100)) == 350


def test_a_span_is_shown_with_a_margin_on_both_sides() -> None:
    shown = Viewport(0, 1_000_000, 1_000).showing(MONTH, MONTH + 10_000)
    assert (shown.begin, shown.end) == (MONTH - 1_000, MONTH + 11_000)


def test_revealing_moves_only_if_it_must() -> None:
    view = Viewport(1_000_000, 1_000_000, 1_000)
    assert view.revealing(1_200_000, 1_300_000) == view
    later = view.revealing(2_500_000, 2_600_000)
    assert later.begin <= 2_500_000
    assert later.end >= 2_600_000
    earlier = view.revealing(100_000, 200_000)
    assert earlier.begin <= 100_000 <= earlier.end


def test_half_of_the_view_stays_within_the_history() -> None:
    view = Viewport(-50_000_000, 10_000_000, 1_000)
    assert view.kept_within(0, 100_000_000).begin == -5_000_000
    assert Viewport(10**12, 10_000_000, 1_000).kept_within(0, 100_000_000).end == 105_000_000
