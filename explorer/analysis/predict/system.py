"""The server as laws see it: how long a request takes when it is alone, and what there is only so much of.

It is put together from what model, dispatch and workload say of themselves (`explorer.demand`) and the calibration.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from explorer.analysis.predict.calibration import Calibration
from explorer.analysis.predict.prediction import Input
from explorer.analysis.predict.words import number, seconds
from explorer.demand import Demand, Guard, Per, Places, Serving

SMALL: Final = 0.05
"""What serving costs is left out of formulas where it is less than this part of what a request waits."""

COMPUTING: Final = ("D", "Ds", "Dw")
"""Letters of times on a processor."""

Kind = Literal["places", "guard", "serial", "cores"]


@dataclass(frozen=True, slots=True)
class Term:
    """A time in a formula: letters, the numbers for them, seconds."""

    symbol: str
    numbers: str
    value: float


@dataclass(frozen=True, slots=True)
class Limit:
    """Something of which there is only so much: `count`, each taken up by a request for the sum of `held`.

    `title` names the law where this is the narrowest; `symbol` and `numbers` stand for the count in formulas.
    """

    kind: Kind
    title: str
    symbol: str
    numbers: str
    count: float
    held: tuple[Term, ...]

    @property
    def held_s(self) -> float:
        """How long a request takes one up."""
        return total(self.held)

    @property
    def rate(self) -> float:
        """Requests a second that it can bear."""
        return self.count / self.held_s if self.held_s > 0 else float("inf")

    @property
    def computes(self) -> bool:
        """Whether it rests on processor time, for the greater part."""
        computing = sum(term.value for term in self.held if term.symbol in COMPUTING)
        return self.kind in ("serial", "cores") or computing > 0.5 * self.held_s


@dataclass(frozen=True, slots=True)
class System:
    """`alone`: the parts of the response time of a request that nobody else disturbs. `inputs` explain all letters.

    `shares`: threads share the processor, so that those that began together end together; if not, one after the other.
    `waits_s` and `computes_s` are those of a whole request. `first_s` is how long the cores are taken up for each
    request by load and loop before it is handed to the processes that do the work; 0 where there are none.
    """

    alone: tuple[Term, ...]
    limits: tuple[Limit, ...]
    inputs: tuple[Input, ...]
    waits_s: float
    computes_s: float
    demand: Demand
    serving: Serving
    shares: bool
    first_s: float = 0.0

    @property
    def alone_s(self) -> float:
        """Response time of a request that is alone."""
        return total(self.alone)

    @property
    def narrowest(self) -> Limit | None:
        """The limit that bears least; None where there is none."""
        return min(self.limits, key=lambda limit: limit.rate, default=None)

    def find(self, *kinds: Kind) -> list[Limit]:
        """The limits of these kinds."""
        return [limit for limit in self.limits if limit.kind in kinds]


def total(terms: Iterable[Term]) -> float:
    """Seconds of all terms."""
    return sum(term.value for term in terms)


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]


def build(serving: Serving, places: Places, demand: Demand, known: Calibration) -> System:
    """The system of one workload under one dispatch and one model."""
    return _Builder(serving, places, demand, known).system()


class _Builder:
    def __init__(self, serving: Serving, places: Places, demand: Demand, known: Calibration) -> None:
        self._serving = serving
        self._places = places
        self._demand = demand
        self._known = known
        self._inputs: dict[str, Input] = {}
        visits = demand.visits
        self._waits_s = visits * demand.waits_s
        self._own_s = visits * demand.computes_s
        self._request_s = visits * known.request_s + self._own_s

    def system(self) -> System:
        alone = self._alone()
        limits = [
            limit
            for limit in (self._of_places(), self._of_gils(), self._of_guard(), self._of_serial(), self._of_cores())
            if limit is not None and limit.held_s > 0
        ]
        return System(
            alone, tuple(limits), tuple(self._inputs.values()), self._waits_s + self._demand.pauses_s,
            self._request_s, self._demand, self._serving, not (self._places.on_loop or self._places.gils),
            self._first_s(),
        )  # fmt: skip

    # -- times -----------------------------------------------------------------------------------------------------

    def _input(self, symbol: str, name: str, value: float, unit: str = "") -> None:
        self._inputs.setdefault(symbol, Input(symbol, name, value, unit))

    def _waiting(self) -> tuple[Term, ...]:
        if not self._waits_s:
            return ()
        visits, each = self._demand.visits, self._demand.waits_s
        self._input("S", "what a request waits" if visits == 1 else "what each of its pieces of work waits", each, "s")
        if visits == 1:
            return (Term("S", seconds(each), each),)
        self._input("n", "pieces of work of a request", visits)
        return (Term("n · S", f"{visits} · {seconds(each)}", self._waits_s),)

    def _computing(self, value: float, symbol: str = "D") -> tuple[Term, ...]:
        if value <= 0:
            return ()
        name = "CPU seconds of a request" if symbol == "D" else "CPU seconds of a request in the pool"
        self._input(symbol, name, value, "s")
        return (Term(symbol, seconds(value), value),)

    def _alone(self) -> tuple[Term, ...]:
        waiting = self._waiting()
        pauses = self._demand.pauses_s
        if pauses:
            self._input("I", "its pauses, together", pauses, "s")
            waiting = (*waiting, Term("I", seconds(pauses), pauses))
        if self._counts(total(waiting)):
            return (*waiting, *self._computing(self._request_s))
        return waiting

    def _counts(self, beside_s: float) -> bool:
        """Whether processor time belongs into a formula with a wait of `beside_s`."""
        return self._own_s > 0 or self._request_s > SMALL * beside_s

    # -- limits ----------------------------------------------------------------------------------------------------

    def _units(self, per: Per) -> int | None:
        if per == "server":
            return 1
        return self._serving.loops if per == "loop" else self._serving.processes

    def _counted(self, places: int | None, per: Per, symbol: str, name: str) -> tuple[str, str, float] | None:
        """Letters, numbers and the count of places in all; None where there is no end of them."""
        units = self._units(per)
        if places is None or units is None:
            return None
        if symbol != "1":
            self._input(symbol, name, places)
        if units == 1:
            return symbol, str(places), places
        self._input("L", "event loops" if per == "loop" else "processes that serve", units)
        if symbol == "1":
            return "L", str(units), units
        return f"L · {symbol}", f"{units} · {places}", places * units

    def _of_places(self) -> Limit | None:
        places = self._places
        counted = self._counted(places.count, places.per, places.symbol, places.name)
        if counted is None:
            return None
        symbol, numbers, count = counted
        title = (
            "Blocked loop: one at a time" if places.on_loop else f"{_capital(places.name)}: {places.symbol} at a time"
        )
        held = self._waiting() if places.stands else ()
        if places.gils and self._own_s:
            held = (*held, *self._in_the_pool())
        elif self._counts(total(held)):
            held = (*held, *self._computing(self._request_s))
        return Limit("places", title, symbol, numbers, count, held)

    def _of_gils(self) -> Limit | None:
        """Places that share interpreters compute as many at a time as there are of those."""
        places = self._places
        shared = places.gils and places.count is not None and places.gils < places.count
        if not shared or not (self._own_s and self._demand.holds_gil and self._known.gil):
            return None
        counted = self._counted(places.gils, places.per, "G", "interpreters of the places")
        if counted is None:
            return None
        return Limit("serial", "GIL: one thread of each interpreter computes", *counted, self._in_the_pool())

    def _in_the_pool(self) -> tuple[Term, ...]:
        """What a pool's process computes for a request: nearly all, or the letter is another one."""
        own = self._demand.visits * self._known.places_s + self._own_s
        return self._computing(self._request_s) if own > 0.9 * self._request_s else self._computing(own, "Dw")

    def _of_guard(self) -> Limit | None:
        guard: Guard | None = self._demand.guard
        if guard is None:
            return None
        counted = self._counted(guard.places, guard.per, guard.symbol, guard.name)
        if counted is None:
            return None
        symbol, numbers, count = counted
        title = f"{_capital(guard.name)}: {'one' if guard.symbol == '1' else guard.symbol} at a time"
        if abs(guard.held_s - self._waits_s) < 1e-12:
            return Limit("guard", title, symbol, numbers, count, self._waiting())
        self._input("H", f"how long a request has the {guard.name}", guard.held_s, "s")
        return Limit("guard", title, symbol, numbers, count, (Term("H", seconds(guard.held_s), guard.held_s),))

    def _of_serial(self) -> Limit | None:
        """Computing that waits for the GIL of the serving process, or for the thread of its loop."""
        known, places = self._known, self._places
        here = places.on_loop or (not places.gils and self._demand.holds_gil and known.gil)
        value = self._demand.visits * known.serving_s + (self._own_s if here else 0.0)
        units = self._serving.processes if known.gil else self._serving.loops
        if units is None or value <= 0:
            return None
        by_gil = known.gil and not places.on_loop
        title = "GIL: one thread computes at a time" if by_gil else "Event loop: one at a time computes"
        if not here:
            title = "Event loop: one at a time is served"
        held = self._computing(self._request_s) if value > 0.9 * self._request_s else self._serving_term(value)
        if units == 1:
            return Limit("serial", title, "1", "1", 1, held)
        self._input("L", "processes that serve", units)
        return Limit("serial", title, "L", str(units), units, held)

    def _serving_term(self, value: float) -> tuple[Term, ...]:
        self._input("Ds", "CPU seconds that serving a request takes", value, "s")
        return (Term("Ds", seconds(value), value),)

    def _left(self) -> float:
        """Cores that the sampler leaves."""
        return max(self._known.cores - self._known.beside, 0.05)

    def _first_s(self) -> float:
        if not self._places.gils:
            return 0.0
        return self._demand.visits * (self._known.serving_s + self._known.load_s) / self._left()

    def _of_cores(self) -> Limit | None:
        known = self._known
        if known.cores == float("inf") or self._request_s <= 0:
            return None
        left = self._left()
        # At the most that the cores can bear the load takes its part of them for every request.
        left *= self._request_s / (self._request_s + self._demand.visits * known.load_s)
        self._input("C", "cores that load and window leave", left)
        held = self._computing(self._request_s)
        return Limit("cores", "Cores: all are busy", "C", number(left), left, held)
