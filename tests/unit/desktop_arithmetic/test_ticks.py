"""Ticks, their words, and flags that hide them."""

from hypothesis import given
from hypothesis import strategies as st

from explorer.desktop.timeline.ticks import free_ticks, place_flags, step_for, ticks_for
from explorer.desktop.timeline.viewport import LONGEST_NS, SHORTEST_NS, Viewport

MS = 1_000_000
SECOND = 1_000 * MS


@given(st.integers(SHORTEST_NS, LONGEST_NS), st.integers(300, 3_000))
def test_ticks_are_at_least_84_px_apart(length: int, width: int) -> None:
    view = Viewport(0, length, width)
    step = step_for(view)
    assert step / view.ns_per_px >= 84 or step == LONGEST_NS


def test_near_ticks_count_from_an_absolute_moment_at_the_left() -> None:
    origin = 5_000 * SECOND
    ticks = ticks_for(Viewport(origin + 19_700 * MS, 264 * MS, 840), origin)
    assert ticks.anchor == "19.700 s"
    assert [tick.text for tick in ticks.ticks] == ["+50 ms", "+100 ms", "+150 ms", "+200 ms", "+250 ms"]
    assert ticks.ticks[0].time == origin + 19_750 * MS


def test_the_closest_view_counts_nanoseconds_from_an_anchor_exact_to_them() -> None:
    ticks = ticks_for(Viewport(SECOND + 123_456_500, 1_000, 1_000), 0)
    assert ticks.anchor == "1.123456 s"
    assert [tick.text for tick in ticks.ticks][:2] == ["+500 ns", "+600 ns"]


def test_far_ticks_are_absolute() -> None:
    ticks = ticks_for(Viewport(55 * SECOND + 300 * MS, 15 * SECOND, 1_500), 0)
    assert ticks.anchor == "55.3 s"
    assert [tick.text for tick in ticks.ticks][:6] == ["56 s", "57 s", "58 s", "59 s", "1:00", "1:01"]


def test_ticks_of_tenths_are_absolute_too() -> None:
    ticks = ticks_for(Viewport(2_550 * MS, 2 * SECOND, 850), 0)
    assert ticks.anchor == "2.5 s"
    assert [tick.text for tick in ticks.ticks][:3] == ["2.6 s", "2.8 s", "3.0 s"]


def test_a_flag_hides_a_tick_and_never_the_reverse() -> None:
    flags = place_flags([100.0], ["Tokens 3 → 4"], lambda text: 90.0, 20.0, 1_000)
    assert [(flag.left, flag.width, flag.words) for flag in flags] == [(100.0, 90.0, True)]
    taken = [(flag.left, flag.left + flag.width) for flag in flags]
    assert free_ticks([(40.0, 80.0), (150.0, 190.0), (195.0, 240.0), (980.0, 1_010.0)], taken, 1_000) == [0, 2]


def test_flags_close_to_one_another_shrink_to_their_icons() -> None:
    flags = place_flags([100.0, 130.0, 135.0], ["a", "b", "c"], lambda text: 90.0, 20.0, 1_000)
    assert [(flag.index, flag.words) for flag in flags] == [(0, False), (1, False)]


def test_a_flag_at_the_right_edge_lies_left_of_its_line() -> None:
    flags = place_flags([950.0], ["a"], lambda text: 90.0, 20.0, 1_000)
    assert flags[0].left == 860.0


def test_with_the_beginning_in_view_it_is_what_ticks_count_from() -> None:
    ticks = ticks_for(Viewport(5 * SECOND - 60 * MS, 264 * MS, 840), 5 * SECOND)
    assert ticks.anchor == "0.000 s"
    assert [tick.text for tick in ticks.ticks] == ["−50 ms", "0 s", "+50 ms", "+100 ms", "+150 ms", "+200 ms"]
    assert ticks.ticks[1].time == 5 * SECOND
    before = ticks_for(Viewport(5 * SECOND - 300 * MS, 264 * MS, 840), 5 * SECOND)
    assert before.anchor == "−0.300 s"
    assert [tick.text for tick in before.ticks] == ["+50 ms", "+100 ms", "+150 ms", "+200 ms", "+250 ms"]
