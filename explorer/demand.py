"""What a feature says of itself so that a run can be predicted: what a request asks for, and what there is of it.

A workload says what each request demands, a dispatch in how many places work is done, a model how many loops and
processes serve. `explorer.analysis.predict` makes laws of it. Where a feature says nothing, nothing is predicted.
"""

from dataclasses import dataclass
from typing import Any, Literal

Per = Literal["loop", "process", "server"]
"""What has its own: every event loop, every process that has such loops, or the server as a whole."""


@dataclass(frozen=True, slots=True)
class Guard:
    """Something of the workload's own that only `places` requests may have at a time, each for `held_s` seconds.

    `name` is a word for the places ("connections"), `symbol` the letter in formulas. Who waits for one longer than
    `patience_s` is turned away.
    """

    name: str
    places: int
    held_s: float
    per: Per
    symbol: str = "P"
    patience_s: float = float("inf")


@dataclass(frozen=True, slots=True)
class Demand:
    """What one request asks for, in seconds; of framework and server it knows nothing.

    `waits_s` it stands still and `computes_s` it uses a processor where the dispatch lets work be done, both for each
    of its `visits` there; `holds_gil` says whether others of that interpreter can compute meanwhile. `pauses_s` it
    awaits in all between the visits, and takes up nothing. `guard` is what else it needs while it works. Not `even`:
    these are means, and single requests differ.
    """

    waits_s: float = 0.0
    computes_s: float = 0.0
    holds_gil: bool = True
    visits: int = 1
    pauses_s: float = 0.0
    guard: Guard | None = None
    even: bool = True


@dataclass(frozen=True, slots=True)
class Places:
    """Where a dispatch lets work be done: in `count` places for each `per`, None: in any number.

    `stands`: who waits keeps its place; if not, only computing takes up anything. `gils` is how many interpreters the
    places have for themselves; 0: they share that of the loop. `on_loop`: the place is the event loop's own thread.
    """

    count: int | None
    per: Per = "loop"
    stands: bool = True
    gils: int = 0
    on_loop: bool = False
    name: str = "places"
    symbol: str = "W"


@dataclass(frozen=True, slots=True)
class Serving:
    """How many event loops and processes a model serves with; None: one for each connection.

    `starts` says that a new connection first starts a process, which takes a time that no law knows.
    """

    loops: int | None = 1
    processes: int | None = 1
    starts: bool = False


def unknown_demand(knobs: Any, form: str) -> Demand | None:
    """`demand` of workloads whose requests no law describes."""
    return None


def unknown_places(knobs: Any) -> Places | None:
    """`places` of dispatches of which it is not known how much work they can do at a time."""
    return None


def unknown_serving(knobs: Any) -> Serving | None:
    """`serving` of models of which it is not known how many loops they have."""
    return None
