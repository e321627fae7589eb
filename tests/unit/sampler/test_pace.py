"""How often to look follows from what looking costs."""

import pytest

from explorer.sampler.pace import FASTEST_GIL_S, FASTEST_STATES_S, SLOWEST_S, Pace, Spent


def settled(most: float, round_s: float, look_s: float, vitals: float = 0.005) -> Pace:
    """The pace after half a minute in which a round and a look cost so much, vitals a share of a core."""
    pace = Pace(most)
    for _ in range(60):
        spent = Spent(vitals_s=vitals * 0.5, rounds=0.5 / pace.states_s, looks=round(0.5 / pace.gil_s))
        spent.states_s = spent.rounds * round_s
        spent.cpu_s = spent.vitals_s + spent.states_s + spent.looks * look_s
        pace.adjust(spent, 0.5)
    return pace


def cost(pace: Pace, round_s: float, look_s: float, vitals: float = 0.005) -> float:
    return vitals + round_s / pace.states_s + look_s / pace.gil_s


def test_what_is_cheap_is_done_as_often_as_is_useful() -> None:
    pace = settled(0.05, 50e-6, 20e-6)
    assert (pace.states_s, pace.gil_s) == (FASTEST_STATES_S, FASTEST_GIL_S)


@pytest.mark.parametrize("round_s", [0.3e-3, 3e-3, 30e-3])
@pytest.mark.parametrize("look_s", [20e-6, 60e-6, 500e-6])
@pytest.mark.parametrize("most", [0.01, 0.05, 0.3])
def test_it_never_costs_more_than_it_may(most: float, round_s: float, look_s: float) -> None:
    pace = settled(most, round_s, look_s, vitals=0.2 * most)
    assert cost(pace, round_s, look_s, 0.2 * most) <= most


def test_states_that_cost_little_leave_the_rest_to_the_gil() -> None:
    rich, poor = settled(0.05, 50e-6, 60e-6), settled(0.05, 5e-3, 60e-6)
    assert rich.gil_s < poor.gil_s
    assert poor.states_s > 10 * rich.states_s


def test_vitals_that_take_it_all_leave_a_little() -> None:
    pace = settled(0.05, 1e-3, 30e-6, vitals=0.06)
    assert FASTEST_STATES_S < pace.states_s < SLOWEST_S
    assert FASTEST_GIL_S < pace.gil_s < SLOWEST_S
