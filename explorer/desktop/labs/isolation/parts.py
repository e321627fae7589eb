"""What a lab session is made of: the database's child, the shipped schedules, who judges a run and draws its graph.

They are handed to the session as one value, so that a test gives it what it needs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from explorer.labs.isolation.graph import Graph
from explorer.labs.isolation.schedule import Schedule
from explorer.labs.isolation.target import EMBEDDED, SQLITE, Target
from explorer.labs.isolation.trace import Facts, Trace
from explorer.labs.isolation.verdict import Verdict
from explorer.supervise.postgres.programs import find

Told = Callable[[Trace], None]


class Lab(Protocol):
    """What the window needs of an `IsolationLab`."""

    facts: Facts

    @property
    def lost(self) -> str:
        """Why it has ended, in one sentence; empty while it lives."""

    async def start(self) -> Facts:
        """Begin; raises `OptionError`."""

    async def begin(self, schedule: Schedule, level: str, told: Told = ...) -> Trace:
        """Tables fresh, nothing sent yet."""

    async def advance(self, steps: int | None = 1, pace: float = 0.0) -> Trace:
        """Send so many steps."""

    async def finish(self) -> Trace:
        """Roll back what is open, read the final tables."""

    async def run(self, schedule: Schedule, level: str, told: Told = ..., pace: float = 0.0) -> Trace:
        """All of it."""

    def pause(self) -> None:
        """Let `advance` return after the present step."""

    async def stop(self) -> None:
        """Nothing is left but files."""

    def discard(self) -> None:
        """Nor those."""


@dataclass(frozen=True, slots=True)
class Parts:
    """`lab(target, ended)` makes a lab; `ended(sentence)` is called when it has ended by itself. `first` is the target
    that is taken when nobody has chosen one.
    """

    lab: Callable[[Target, Callable[[str], None]], Lab]
    schedules: Callable[[], Mapping[str, Schedule]]
    judge: Callable[[Schedule, Trace], Verdict]
    graph: Callable[[Schedule, Trace], Graph]
    toml: Callable[[Schedule], str]
    test: Callable[[Schedule, Target, str, Trace], str]
    first: Callable[[], Target]


def real_parts() -> Parts:
    """Those of the program. They are imported now: the window is to appear before what few will look at."""
    from explorer.labs.isolation import dependencies, export_test, judge, library, toml
    from explorer.labs.isolation.lab import IsolationLab

    def lab(target: Target, ended: Callable[[str], None]) -> Any:
        return IsolationLab(target, ended=ended)

    def test(schedule: Schedule, target: Target, level: str, trace: Trace) -> str:
        return str(export_test.as_pytest(schedule, target.url, level, trace))

    return Parts(lab, library.shipped, judge.judge, dependencies.graph, toml.write, test, first_target)


def first_target() -> Target:
    """PostgreSQL where its programs are, of the package or of the system, else SQLite."""
    return Target(EMBEDDED) if next(find(), None) is not None else Target(SQLITE)
