"""When requests are due, and that each is issued then: with a clock and a loop that the test turns."""

import asyncio
from collections.abc import Callable
from itertools import pairwise
from math import inf
from random import Random
from typing import Any, cast

import pytest

from explorer.load.arrivals import AT_ONCE, Arrivals, Pacer
from explorer.load.profile import Profile, Step
from explorer.load.wake.turns import AHEAD_NS, Turns

SECOND = 1_000_000_000


def due_until(arrivals: Arrivals, seconds: float) -> list[float]:
    found = []
    while arrivals.due <= seconds * SECOND:
        found.append(arrivals.due / SECOND)
        arrivals.next()
    return found


def test_a_constant_rate_is_due_at_even_distances() -> None:
    found = due_until(Arrivals(Profile([Step(0, 100)]), 0, None), 1.0)
    assert found == pytest.approx([n / 100 for n in range(1, 101)])


def test_poisson_arrivals_have_the_rate_and_are_the_same_for_a_seed() -> None:
    profile = Profile([Step(0, 1000)])
    found = due_until(Arrivals(profile, 0, Random(1)), 10)
    assert len(found) == pytest.approx(10_000, rel=0.03)
    gaps = [b - a for a, b in pairwise(found)]
    mean = sum(gaps) / len(gaps)
    assert (sum((gap - mean) ** 2 for gap in gaps) / len(gaps)) ** 0.5 == pytest.approx(mean, rel=0.05)
    assert due_until(Arrivals(profile, 0, Random(1)), 10) == found


def test_a_ramp_brings_half_of_the_requests() -> None:
    assert len(due_until(Arrivals(Profile([Step(0, 100, ramp=10)]), 0, None), 10)) == pytest.approx(500, abs=1)


def test_a_change_counts_from_now_but_what_was_due_stays_due() -> None:
    arrivals = Arrivals(Profile([Step(0, 1)]), 0, None)
    assert arrivals.due == SECOND
    arrivals.change(Step(0.5, 10), SECOND // 2)
    assert arrivals.due == round(0.55 * SECOND)  # half of it had come; the other half comes ten times as fast
    late = Arrivals(Profile([Step(0, 10)]), 0, None)
    late.change(Step(1.0, 1), SECOND)  # the request due at 0.1 s has not been issued yet
    assert due_until(late, 1.0) == pytest.approx([n / 10 for n in range(1, 11)])
    assert late.due == 2 * SECOND


@pytest.mark.parametrize("random", [None, Random(3)])
def test_a_rate_that_is_changed_all_the_time_loses_no_request(random: Random | None) -> None:
    arrivals = Arrivals(Profile([Step(0, 10)]), 0, random)
    found = 0
    for change in range(1, 501):
        at = change / 50  # five times as often as requests come
        found += len(due_until(arrivals, at))
        arrivals.change(Step(at, 10 + change % 2), round(at * SECOND))
    assert found == pytest.approx(105, abs=1 if random is None else 30)


def test_a_rate_that_begins_anew_keeps_what_had_come() -> None:
    arrivals = Arrivals(Profile([Step(0, 1), Step(0.25, 0)]), 0, None)
    assert arrivals.due == inf
    arrivals.change(Step(5.0, 1), 5 * SECOND)
    assert arrivals.due == round(5.75 * SECOND)


def test_a_rate_that_falls_to_nothing_is_never_due() -> None:
    arrivals = Arrivals(Profile([Step(0, 10), Step(1, 0)]), 0, None)
    assert len(due_until(arrivals, 100)) in (9, 10)
    assert arrivals.due == inf
    arrivals.next()
    assert arrivals.due == inf


class Loop:
    """Runs what is scheduled when the test says so; sleeping moves the clock."""

    def __init__(self) -> None:
        self.now = 0
        self.sleeps: list[float] = []
        self.turns = 0
        self.next: Callable[[], Any] | None = None

    def call_soon(self, callback: Callable[..., Any], *args: Any) -> "Loop":
        self.next = lambda: callback(*args)
        self.turns += 1
        return self

    def call_later(self, delay: float, callback: Callable[..., Any], *args: Any) -> "Loop":
        self.sleeps.append(delay)
        self.next = lambda: self._wake(delay, lambda: callback(*args))
        return self

    def cancel(self) -> None:
        self.next = None

    def clock(self) -> int:
        self.now += 1000  # reading it takes a microsecond
        return self.now

    def run(self, until: int) -> None:
        while self.next is not None and self.now < until:
            callback, self.next = self.next, None
            callback()

    def _wake(self, delay: float, callback: Callable[..., Any]) -> None:
        self.now += round(delay * SECOND)
        callback()


def paced(loop: Loop, arrivals: Arrivals, issue: Callable[[int], None]) -> Pacer:
    turned = cast(asyncio.AbstractEventLoop, loop)
    return Pacer(turned, Turns(turned, loop.clock), arrivals, issue, loop.clock)


def test_it_sleeps_until_shortly_before_and_issues_on_time() -> None:
    loop, issued = Loop(), []
    arrivals = Arrivals(Profile([Step(0, 100)]), 0, None)
    pacer = paced(loop, arrivals, lambda due: issued.append((due, loop.now)))
    pacer.start()
    loop.run(SECOND)
    assert len(issued) in (99, 100)
    assert all(0 <= at - due < 20_000 for due, at in issued)
    assert len(loop.sleeps) in (len(issued), len(issued) + 1)
    assert max(loop.sleeps) <= (SECOND / 100 - AHEAD_NS) / SECOND
    pacer.stop()
    assert loop.next is None


def test_late_requests_keep_their_moment_and_leave_room_for_other_work() -> None:
    loop, issued = Loop(), list[int]()
    pacer = paced(loop, Arrivals(Profile([Step(0, 10_000)]), 0, None), issued.append)
    loop.now = SECOND  # the process was stopped for a second
    pacer.start()
    assert len(issued) == AT_ONCE
    assert issued == [n * SECOND // 10_000 for n in range(1, AT_ONCE + 1)]
    loop.run(2 * SECOND)
    assert len(issued) >= 10_000
