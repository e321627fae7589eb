"""The parts of one load that several hosts send: together they are the whole, and a Poisson process stays one."""

from itertools import pairwise
from math import exp, sqrt
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.load.arrivals import Arrivals
from explorer.load.profile import Profile, Step
from explorer.load.share import WHOLE, Share

SECOND = 1_000_000_000


def due_until(arrivals: Arrivals, seconds: float) -> list[float]:
    found = []
    while arrivals.due <= seconds * SECOND:
        found.append(arrivals.due / SECOND)
        arrivals.next()
    return found


def superposed(profile: list[Step], parts: int, seconds: float, *, poisson: bool) -> list[float]:
    shares = [Share(index, parts) for index in range(parts)]
    randoms = [share.random(7, "arrivals") if poisson else None for share in shares]
    found = [
        due_until(Arrivals(Profile(profile), 0, random, share=share), seconds)
        for share, random in zip(shares, randoms, strict=True)
    ]
    return sorted(moment for part in found for moment in part)


@given(st.integers(0, 10_000), st.integers(1, 50))
def test_the_parts_add_up_to_the_whole_and_never_shrink(whole: int, of: int) -> None:
    shares = [Share(index, of) for index in range(of)]
    parts = [share.part(whole) for share in shares]
    assert sum(parts) == whole
    assert max(parts) - min(parts) <= 1
    assert all(share.part(whole + 1) >= part for share, part in zip(shares, parts, strict=True))


def test_there_is_no_part_beyond_the_last() -> None:
    with pytest.raises(ValueError, match="no part 2 of 2"):
        Share(2, 2)


def test_an_undivided_load_has_the_random_numbers_it_always_had() -> None:
    assert WHOLE.random(5, "arrivals").random() == Random("5 arrivals").random()


def test_hosts_have_random_numbers_of_their_own_that_can_be_had_again() -> None:
    first, second = (Share(index, 2).random(5, "arrivals").random() for index in (0, 1))
    assert first != second
    assert Share(1, 2).random(5, "arrivals").random() == second


@pytest.mark.parametrize("ramp", [0.0, 3.0])
def test_an_even_rate_is_as_even_when_several_send_it(ramp: float) -> None:
    steps = [Step(0, 90, ramp), Step(4, 30)]
    alone = due_until(Arrivals(Profile(steps), 0, None), 6)
    assert superposed(steps, 3, 6, poisson=False) == pytest.approx(alone, abs=1e-6)


def test_a_change_at_a_common_moment_keeps_an_even_rate_even() -> None:
    parts = [Arrivals(Profile([Step(0, 10)]), 0, None, share=Share(index, 4)) for index in range(4)]
    alone = Arrivals(Profile([Step(0, 10)]), 0, None)
    found, expected = [due_until(part, 0.95) for part in parts], due_until(alone, 0.95)
    for one in (*parts, alone):
        one.change(Step(0.95, 40), round(0.95 * SECOND))
    together = sorted(moment for mine, part in zip(found, parts, strict=True) for moment in mine + due_until(part, 2))
    assert together == pytest.approx(expected + due_until(alone, 2), abs=1e-6)


@pytest.mark.parametrize("parts", [2, 5])
def test_superposed_poisson_processes_are_one_poisson_process(parts: int) -> None:
    """Of the whole rate, with exponential gaps (Kolmogorov-Smirnov), and as often in one second as in another."""
    rate, seconds = 1_000.0, 20
    found = superposed([Step(0, rate)], parts, seconds, poisson=True)
    count = len(found)
    assert abs(count - rate * seconds) < 4 * sqrt(rate * seconds)
    gaps = sorted(b - a for a, b in pairwise(found))
    distance = max(abs((place + 1) / len(gaps) - (1 - exp(-rate * gap))) for place, gap in enumerate(gaps))
    assert distance < 1.63 / sqrt(len(gaps))  # at a level of 1 %
    per_second = [sum(1 for moment in found if second <= moment < second + 1) for second in range(seconds)]
    variance = sum((number - rate) ** 2 for number in per_second) / seconds
    assert 0.3 * rate < variance < 2.2 * rate


def test_each_part_has_its_part_of_the_rate() -> None:
    for index in range(4):
        part = Arrivals(Profile([Step(0, 800)]), 0, Share(index, 4).random(3, "arrivals"), share=Share(index, 4))
        assert len(due_until(part, 20)) == pytest.approx(4_000, rel=0.06)
