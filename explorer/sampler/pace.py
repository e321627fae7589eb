"""How often to look, so that looking takes no more of a processor than it may.

What a look costs is measured, not assumed: the CPU time of the rounds over all threads, that of the vitals, and the
rest, which are the looks at the GIL with the waking up for them. Twice a second the periods follow from that. States
and GIL share what there is; what one of them does not need, because it looks often enough, is the other's.
"""

from dataclasses import dataclass
from typing import Final

FASTEST_STATES_S: Final = 0.010
FASTEST_GIL_S: Final = 0.001
FIRST_STATES_S: Final = 0.05
FIRST_GIL_S: Final = 0.002
SLOWEST_S: Final = 20.0
AIM: Final = 0.85
"""Of what it may take, what the periods are made for: costs vary."""
LEAST: Final = 0.3
"""Of what it may take, what is left for states and GIL whatever the vitals cost."""
_WEIGHT: Final = 0.5


@dataclass(slots=True)
class Spent:
    """What was done since the last adjustment: seconds of CPU time, and how often."""

    cpu_s: float = 0.0
    vitals_s: float = 0.0
    states_s: float = 0.0
    rounds: float = 0.0
    looks: int = 0


class Pace:
    """The periods: `states_s` between two rounds over all threads, `gil_s` between two looks at the GIL."""

    def __init__(self, most: float) -> None:
        """`most` is the share of a core that the sampler may take."""
        self.most = most
        self.states_s = FIRST_STATES_S
        self.gil_s = FIRST_GIL_S
        self._round_s = 0.0
        self._look_s = 0.0

    def adjust(self, spent: Spent, elapsed_s: float) -> None:
        """Set the periods by what was spent in `elapsed_s`."""
        if elapsed_s <= 0 or self.most <= 0:
            return
        if spent.rounds > 0:
            self._round_s = _mean(self._round_s, spent.states_s / spent.rounds)
        if spent.looks:
            rest = max(0.0, spent.cpu_s - spent.vitals_s - spent.states_s)
            self._look_s = _mean(self._look_s, rest / spent.looks)
        room = max(self.most * AIM - spent.vitals_s / elapsed_s, self.most * LEAST)
        states, gil = self._round_s / FASTEST_STATES_S, self._look_s / FASTEST_GIL_S
        gil_room = max(room / 2, room - states)
        gil_share = min(gil, gil_room)
        states_share = min(states, room - gil_share)
        self.gil_s = _period(self._look_s, gil_share, FASTEST_GIL_S)
        self.states_s = _period(self._round_s, states_share, FASTEST_STATES_S)


def _mean(before: float, now: float) -> float:
    return now if not before else before + _WEIGHT * (now - before)


def _period(cost_s: float, share: float, fastest: float) -> float:
    if share <= 0:
        return fastest
    return min(max(cost_s / share, fastest), SLOWEST_S)
