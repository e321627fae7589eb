"""The main cause of a duel's outcome: one sentence about the part of a request's time that explains most of it.

Of the groups of parts (`duel_figures.GROUPS`) it is the one whose mean changed most in the direction in which the whole
changed. What the slower scenario's dispatch does about such a wait is said in the words below.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from explorer.session.duel_table import number

NO_DIFFERENCE: Final = "No part of a request's time differs clearly."
NOT_KNOWN: Final = "Where the requests' time went was not recorded, so that no cause can be named."
SAME_TIME: Final = "A request takes about as long in both; the difference lies in how many are under way at once."
LEAST_SHARE: Final = 0.02
"""Of the longer one's time: what changed less is no cause."""

WAITS: Final[Mapping[str, str]] = {
    "load": "wait {:s} ms in the load on average",
    "loop": "wait {:s} ms for the loop on average",
    "thread": "wait {:s} ms for a thread on average",
    "process": "wait {:s} ms for a process on average",
    "interpreter": "wait {:s} ms for an interpreter on average",
    "gil": "wait {:s} ms for the GIL on average",
    "core": "wait {:s} ms for a core on average",
    "lock": "wait {:s} ms for a lock on average",
    "connection": "wait {:s} ms for a connection on average",
    "handler": "wait {:s} ms for their handler on average",
    "way": "are {:s} ms on their way to the server and back on average",
    "work": "spend {:s} ms in the handler's own work on average",
}
BECAUSE: Final[Mapping[tuple[str, str], str]] = {
    ("load", ""): "the load finds no connection free, as the requests before are not answered yet",
    ("loop", "blocking_coroutine"): "its handler blocks the event loop, and until it ends nobody else is served",
    ("loop", "coroutine"): "its handler runs on the event loop, and while it computes nobody else is served",
    ("loop", ""): "its event loop has more to do at a time",
    ("thread", ""): "its worker threads are all taken",
    ("process", ""): "its worker processes are all taken",
    ("interpreter", ""): "its interpreters are all taken",
    ("gil", ""): "one thread at a time holds the GIL and runs Python",
    ("core", ""): "more of its threads are ready to run than there are cores",
    ("lock", ""): "another thread or task holds the lock meanwhile",
    ("connection", ""): "its pool of connections runs dry",
    ("handler", ""): "the handler of the connection is still busy with the message before",
    ("way", ""): "its connections are accepted and answered more slowly",
    ("work", ""): "the work itself takes longer there",
}


@dataclass(frozen=True, slots=True)
class Side:
    """A scenario in the comparison: its badge, its dispatch, the mean time (ms) of a request in all and by group.

    `told` are the times of groups as the table of differences has them, which are other means; the words say those.
    """

    badge: str
    dispatch: str
    total_ms: float
    groups: Mapping[str, float]
    told: Mapping[str, float] = field(default_factory=dict)

    def words(self, group: str) -> str:
        """The time of a group, as it is said; "" where there was none."""
        value = self.told.get(group, self.groups.get(group, 0.0))
        return number(value) if value else ""


@dataclass(frozen=True, slots=True)
class Cause:
    """The sentence, and the group of parts that it names; empty if it names none."""

    sentence: str
    group: str


def cause(a: Side, other: Side, *, differs: bool) -> Cause:
    """What makes the difference between A and another scenario; `differs`: the verdict found a clear one."""
    if not differs:
        return Cause(NO_DIFFERENCE, "")
    if not a.groups or not other.groups:
        return Cause(NOT_KNOWN, "")
    slow, fast = (a, other) if a.total_ms >= other.total_ms else (other, a)
    gained = slow.total_ms - fast.total_ms
    changes = {
        group: slow.groups.get(group, 0.0) - fast.groups.get(group, 0.0) for group in {*slow.groups, *fast.groups}
    }
    group = max(changes, key=lambda one: changes[one])
    if gained < LEAST_SHARE * slow.total_ms or changes[group] <= 0:
        return Cause(SAME_TIME, "")
    waits = WAITS[group].format(slow.words(group))
    share = changes[group] / gained
    much = f"{100 * share:.0f} % of the difference" if share < 0.995 else "the whole difference"
    if share > 1.05:
        much = "more than the whole difference"
    rest = fast.words(group)
    because = BECAUSE.get((group, slow.dispatch)) or BECAUSE[group, ""]
    others = f"{rest} ms" if rest else "not at all"
    sentence = f"{slow.badge}'s requests {waits}, {fast.badge}'s {others}, and that is {much}: {because}."
    return Cause(sentence, group)


def widest(sides: Sequence[Side], clear: Sequence[bool]) -> int:
    """Which of B, C, D (from 0) to explain: of those that differ clearly the one furthest from A, else the first."""

    def distance(place: int) -> float:
        a, other = max(sides[0].total_ms, 1e-6), max(sides[place + 1].total_ms, 1e-6)
        return max(a / other, other / a)

    known = [place for place, one in enumerate(clear) if one]
    return max(known, key=distance) if known else 0
