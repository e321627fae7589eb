"""The plan of a load: its profile over time, and for an open loop the moments at which its requests are due.

The moments depend on the knobs, the phases and the seed alone, not on the clock nor on the server: whoever is given the
same gets the same, to the nanosecond. That is what makes two runs comparable, and what `schedule` writes down before.
"""

from collections.abc import Sequence
from math import inf
from random import Random
from typing import Final

from explorer.load.arrivals import Arrivals
from explorer.load.profile import Profile, Step
from explorer.load.share import WHOLE, Share
from explorer.scenario import LoadKnobs, Phase

OPEN: Final = ("rate", "poisson")
"""The modes of `load.mode` that do not wait for answers."""
MOST: Final = 200_000
"""So many requests are written down; the rest follows from the same numbers."""


def planned(knobs: LoadKnobs, phases: Sequence[Phase], ramp: float) -> Profile:
    """Users or rate over the seconds of the load; `ramp` (s) is that of the beginning."""
    users = knobs.mode == "users"
    profile = Profile([Step(0.0, knobs.users if users else knobs.rate, ramp)])
    for phase in phases:
        value = phase.users if users else phase.rate
        if value is not None:
            profile.change(Step(phase.at, value, phase.ramp))
    return profile


def chance(mode: str, seed: int, share: Share = WHOLE) -> Random | None:
    """What decides when the requests of a Poisson process are due; None for evenly spaced ones."""
    return share.random(seed, "arrivals") if mode == "poisson" else None


def schedule(knobs: LoadKnobs, phases: Sequence[Phase] = (), most: int = MOST) -> list[int]:
    """When the requests of an open loop are due, ns since the load began; at most the first `most` of its duration.

    Empty for users and bursts, whose requests depend on answers or have no times of their own.
    """
    if knobs.mode not in OPEN:
        return []
    arrivals = Arrivals(planned(knobs, phases, knobs.ramp), 0, chance(knobs.mode, knobs.seed))
    end = knobs.duration * 1e9 if knobs.duration else inf
    found: list[int] = []
    while arrivals.due < end and len(found) < most:
        found.append(int(arrivals.due))
        arrivals.next()
    return found
