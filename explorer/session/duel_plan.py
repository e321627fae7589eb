"""What a duel will do: two to four scenarios, one load for all of them, and the order of the runs.

The load is A's, for everybody: same kind, users or rate, phases, duration, time-out and seed. What another scenario
says of its load does not count, and the plan says so in a sentence. An open loop sends at moments that follow from
these alone (`load.schedule`), so that every run gets the same arrivals; users get the same seeds for their think times
and for the routes they ask for.

Repeats go there and back (A B, B A, A B …), so that a machine that becomes slower meanwhile does so for all alike.
"""

import hashlib
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from explorer.catalog import Catalog
from explorer.load.schedule import MOST as MOST_PLANNED
from explorer.load.schedule import OPEN, schedule
from explorer.option_error import OptionError
from explorer.options import build
from explorer.scenario import LoadKnobs, Scenario, oldest_python, packages, reach
from explorer.session.own import settled
from explorer.supervise.checks import Checks
from explorer.supervise.interpreters.find import Interpreters

BADGES: Final = ("A", "B", "C", "D")
FEWEST, MOST = 2, len(BADGES)
REPEAT: Final = 5
MOST_REPEATS: Final = 100
DURATION_S: Final = 15.0
"""How long a run takes whose scenario does not say."""
BETWEEN_S: Final = 3.0
"""What starting and stopping take of a run, roughly."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`scenarios` with one load, each to be run `repeat` times.

    `offsets` are the intended sends of an open loop, ns since the load began, as many as `load.schedule` writes down;
    empty for users and bursts. `sentence`
    says what is compared under which load; `order` are places in `scenarios`, run by run.
    """

    scenarios: tuple[Scenario, ...]
    repeat: int
    offsets: tuple[int, ...]
    sentence: str

    @property
    def order(self) -> list[tuple[int, int]]:
        """(scenario, repeat), both from 0, in the order in which they run."""
        there = list(range(len(self.scenarios)))
        return [(one, turn) for turn in range(self.repeat) for one in (there[::-1] if turn % 2 else there)]

    @property
    def load(self) -> LoadKnobs:
        """The load of all."""
        return self.scenarios[0].load

    @property
    def seconds(self) -> float:
        """About how long all runs take; a burst ends when it is answered."""
        return len(self.order) * (self.load.duration + BETWEEN_S)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the intended sends as 64-bit integers; empty where there are none of their own."""
        return hashlib.sha256(array("q", self.offsets).tobytes()).hexdigest() if self.offsets else ""


def plan(catalog: Catalog, scenarios: Sequence[Scenario], repeat: int = REPEAT, duration: float | None = None) -> Plan:
    """Give all scenarios A's load. Raises `OptionError` for what cannot be compared; nothing is started or asked."""
    if not FEWEST <= len(scenarios) <= MOST:
        raise OptionError(f"Give two to four scenarios to compare; these are {len(scenarios)}.")
    if not 1 <= repeat <= MOST_REPEATS:
        raise OptionError(f"The number of repeats must be from 1 to {MOST_REPEATS}.", "repeat")
    first = scenarios[0]
    load = _with_end(first.load, duration)
    if load.where != "here":
        # Each host's part follows from the seed, but by its own clock: no request has a counterpart in another run.
        raise OptionError(
            "A duel sends the same requests in every run, and several hosts have no schedule in common: set load.where "
            "of A to here.",
            "load.where",
        )
    if load.mode == "users" and not load.users and not any(phase.users for phase in first.phases):
        raise OptionError("A's load has no users, so that there is nothing to compare; give it some.", "load.users")
    same = tuple(replace(one, load=load, phases=first.phases) for one in scenarios)
    others = [
        badge
        for badge, one in zip(BADGES, scenarios, strict=False)
        if (_with_end(one.load, duration), one.phases) != (load, first.phases)
    ]
    offsets = tuple(schedule(load, first.phases))
    if load.mode in OPEN and not offsets:
        raise OptionError("At A's rate no request is due within the duration; raise one of them.", "load.rate")
    return Plan(same, repeat, offsets, _sentence(load, len(offsets), others))


def check(catalog: Catalog, found: Plan, interpreters: Interpreters | None = None) -> None:
    """Raise `OptionError` if one of the scenarios could not run here; says which. May take seconds, starts nothing."""
    checks = Checks(interpreters)
    for badge, one in zip(BADGES, found.scenarios, strict=False):
        try:
            one = settled(one)[0]
            checks.server(one.server, packages(catalog, one), oldest_python(catalog, one), own=one.own)
            reach(catalog, one)
        except OptionError as error:
            raise OptionError(f"{badge} cannot run: {error}", error.where, error.details) from None


def load_words(load: LoadKnobs) -> str:
    """The load in a few words: "10 users", "500 requests/s at random", "a burst of 100 requests"."""
    if load.mode == "burst":
        return f"a burst of {load.requests:,} requests"
    if load.mode == "users":
        think = f" who think {load.think_time:g} s" if load.think_time else ""
        return f"{load.users:,} user{'s' if load.users != 1 else ''}{think}"
    return f"{load.rate:,g} requests/s{' at random' if load.mode == 'poisson' else ''}"


def _with_end(load: LoadKnobs, duration: float | None) -> LoadKnobs:
    seconds = duration if duration is not None else load.duration
    if load.mode == "burst":
        return load if duration is None else build("load", LoadKnobs, load.model_dump() | {"duration": duration})
    return build("load", LoadKnobs, load.model_dump() | {"duration": seconds or DURATION_S})


def _sentence(load: LoadKnobs, requests: int, others: Sequence[str]) -> str:
    length = f" for {load.duration:g} s" if load.duration else ""
    more = " and more" if requests == MOST_PLANNED else ""
    times = f", {requests:,} requests{more} at the same moments in every run" if requests else ""
    left = f"; what {_listed(others)} of the load does not count" if others else ""
    return f"All get A's load, {load_words(load)}{length} with seed {load.seed}{times}{left}."


def _listed(badges: Sequence[str]) -> str:
    if len(badges) == 1:
        return f"{badges[0]} says"
    return f"{', '.join(badges[:-1])} and {badges[-1]} say"
