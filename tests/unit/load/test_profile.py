"""Users and rates over time: steps, ramps, live changes, and when the next request is due."""

from itertools import pairwise
from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.load.profile import Profile, Step


def test_before_the_first_step_there_is_nothing() -> None:
    assert Profile().value(5) == 0
    assert Profile([Step(1, 10)]).value(0.99) == 0
    assert Profile([Step(1, 10)]).value(1) == 10


def test_a_ramp_is_a_straight_line_from_where_it_starts() -> None:
    profile = Profile([Step(0, 100, ramp=10), Step(20, 50, ramp=5)])
    assert [profile.value(t) for t in (0, 5, 10, 15, 20, 22.5, 25, 99)] == [0, 50, 100, 100, 100, 75, 50, 50]


def test_a_change_cuts_a_ramp_off_and_keeps_later_steps() -> None:
    profile = Profile([Step(0, 100, ramp=10), Step(30, 7)])
    profile.change(Step(5, 20))
    assert [profile.value(t) for t in (4, 5, 9, 29, 30)] == [40, 20, 20, 20, 7]
    profile.change(Step(6, 40, ramp=2))
    assert profile.value(7) == 30


def test_a_phase_cuts_off_the_ramp_before_it() -> None:
    profile = Profile([Step(0, 100, ramp=10), Step(5, 10)])
    assert [profile.value(t) for t in (2.5, 5, 10)] == [25, 10, 10]


def test_a_constant_rate_gives_even_gaps() -> None:
    profile = Profile([Step(0, 4)])
    assert profile.advance(0, 1) == 0.25
    assert profile.advance(0.25, 1) == 0.5


def test_a_ramp_from_nothing_begins_slowly() -> None:
    # The rate is t, so t²/2 requests are due by t.
    profile = Profile([Step(0, 10, ramp=10)])
    assert profile.advance(0, 1) == pytest.approx(2**0.5)
    assert profile.advance(0, 50) == pytest.approx(10)
    assert profile.advance(0, 60) == pytest.approx(11)


def test_a_rate_that_ends_is_never_due_again() -> None:
    profile = Profile([Step(0, 10), Step(1, 0)])
    assert profile.advance(0, 9) == pytest.approx(0.9)
    assert profile.advance(0, 11) == inf
    assert Profile().advance(0, 1) == inf


@settings(deadline=None)
@given(
    st.lists(
        st.builds(Step, st.floats(0, 20), st.floats(0, 50), st.one_of(st.just(0.0), st.floats(0.1, 10))),
        min_size=1,
        max_size=5,
    ),
    st.floats(0, 25),
    st.floats(0.01, 30),
)
def test_the_sum_up_to_the_due_moment_is_the_amount(steps: list[Step], start: float, amount: float) -> None:
    profile = Profile([*steps, Step(40, 5)])
    due = profile.advance(start, amount)
    # Between these moments the profile is a straight line, so that the value in the middle is its mean.
    bends = {step.at for step in steps} | {step.at + step.ramp for step in steps} | {40.0}
    moments = sorted({start, due} | {bend for bend in bends if start < bend < due})
    total = sum(profile.value((a + b) / 2) * (b - a) for a, b in pairwise(moments))
    assert total == pytest.approx(amount, rel=1e-6, abs=1e-6)


def test_the_area_is_what_advance_goes_through() -> None:
    profile = Profile([Step(1, 10, ramp=2), Step(4, 2), Step(6, 0)])
    assert profile.area(0, 3) == pytest.approx(10)
    assert profile.area(0, 10) == pytest.approx(10 + 10 + 4)
    assert profile.area(3, 3) == profile.area(5, 2) == 0
    for amount in (0.1, 5, 10, 17, 23.9):
        assert profile.area(0.5, profile.advance(0.5, amount)) == pytest.approx(amount)
