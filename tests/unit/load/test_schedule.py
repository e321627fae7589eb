"""The intended sends of an open loop: the same for the same knobs, phases and seed, whatever the clock says."""

from random import Random

import pytest

from explorer.load.arrivals import Arrivals
from explorer.load.schedule import chance, planned, schedule
from explorer.options import build
from explorer.scenario import LoadKnobs, Phase

SECOND = 1_000_000_000


def knobs(**values: object) -> LoadKnobs:
    return build("load", LoadKnobs, {"mode": "rate", "rate": 100.0, "duration": 2.0, **values})


def test_an_even_rate_is_due_at_even_moments_up_to_its_end() -> None:
    found = schedule(knobs())
    assert found == [round(n * SECOND / 100) for n in range(1, 200)]


def test_at_random_the_seed_decides() -> None:
    one = schedule(knobs(mode="poisson", seed=4))
    assert one == schedule(knobs(mode="poisson", seed=4))
    assert one != schedule(knobs(mode="poisson", seed=5))
    assert len(one) == pytest.approx(200, abs=60)


@pytest.mark.parametrize("start", [1, 123_456_789_012_345, 9_007_199_254_740_993])
def test_offsets_do_not_depend_on_when_the_load_begins(start: int) -> None:
    """The driver counts from its own clock: the differences must be those of the schedule, to the nanosecond."""
    given, phases = (
        knobs(mode="poisson", ramp=0.5),
        [build("load.phase", Phase, {"at": 1.0, "rate": 400.0, "ramp": 0.3})],
    )
    arrivals = Arrivals(planned(given, phases, given.ramp), start, chance("poisson", given.seed), start)
    expected = schedule(given, phases)
    found = []
    for _ in expected:
        found.append(int(arrivals.due) - start)
        arrivals.next()
    assert found == expected
    assert len(expected) > 200


def test_users_and_bursts_have_no_moments_of_their_own() -> None:
    assert schedule(knobs(mode="users")) == []
    assert schedule(knobs(mode="burst")) == []


def test_of_an_endless_load_only_so_much_is_written_down() -> None:
    assert len(schedule(knobs(duration=0.0), most=50)) == 50
    assert len(schedule(knobs(), most=7)) == 7


def test_chance_is_only_in_a_poisson_process() -> None:
    assert chance("rate", 1) is None
    assert isinstance(chance("poisson", 1), Random)
