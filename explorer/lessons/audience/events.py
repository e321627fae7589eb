"""What an `Audience` tells whoever owns it: frozen, free of Qt, on the loop that opened it."""

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Opened:
    """The gateway listens: `url` is the page, `origin` what comes before the token, `token` without its hyphens."""

    url: str
    origin: str
    token: str
    network: str


@dataclass(frozen=True, slots=True)
class Phones:
    """`here` phones have the page open now; `ever` have had it."""

    here: int
    ever: int


@dataclass(frozen=True, slots=True)
class Votes:
    """What the room answers to the present ballot: how many chose each, or the numbers that were given."""

    counts: tuple[int, ...] = ()
    numbers: tuple[float, ...] = ()

    @property
    def total(self) -> int:
        """How many phones have answered."""
        return sum(self.counts) or len(self.numbers)


@dataclass(frozen=True, slots=True)
class Sent:
    """Phone `number` has sent request `request` at `start` (ns of `perf_counter_ns`)."""

    number: int
    request: int
    start: int


class Stay(NamedTuple):
    """A request was in one state (`records.states.State`, in small letters) from `start` to `end` (ns)."""

    state: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Trip:
    """A request of phone `number` is back: it took from `start` to `end` (ns). `status` is 0 if there was no answer.

    `stays` are the states that it was in, in order; empty until the run's records have told.
    """

    number: int
    request: int
    start: int
    end: int
    status: int
    stays: tuple[Stay, ...] = ()

    @property
    def parts(self) -> dict[str, int]:
        """How long (ns) it was in each state."""
        found: dict[str, int] = {}
        for stay in self.stays:
            found[stay.state] = found.get(stay.state, 0) + stay.end - stay.start
        return found


@dataclass(frozen=True, slots=True)
class Closed:
    """The gateway has ended. `sentence` says why if nobody asked it to."""

    sentence: str = ""


Event = Opened | Phones | Votes | Sent | Trip | Closed
