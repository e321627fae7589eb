"""On which databases a side of a comparison can run, beside the one that the lab is on. No Qt."""

from dataclasses import dataclass
from typing import Final

from explorer.labs.isolation.target import EMBEDDED, SQLITE, Target
from explorer.labs.isolation.trace import Facts

LAST: Final = ("AUTOCOMMIT", "READ UNCOMMITTED")
"""Levels that nobody begins with."""


@dataclass(frozen=True, slots=True)
class Choice:
    """`target`: None for the lab's own."""

    title: str
    target: Target | None


def choices(shared: Facts | None, target: Target, *, embedded: bool) -> list[Choice]:
    """The lab's own first; then what can be had without a URL and is not that. `embedded`: whether this machine has
    PostgreSQL's programs.
    """
    found = [Choice(named(shared) if shared is not None else "The lab's database", None)]
    others = [
        Choice("SQLite, rollback journal", Target(SQLITE, "delete")),
        Choice("SQLite, write-ahead log", Target(SQLITE, "wal")),
    ]
    if embedded:
        others.insert(0, Choice("PostgreSQL, embedded", Target(EMBEDDED)))
    return found + [one for one in others if one.target != target]


def named(facts: Facts) -> str:
    """An engine, with what tells two of a kind apart."""
    return facts.title


def level_on(facts: Facts, wanted: str, other: str = "") -> str:
    """The level to begin with on a database: the one of this name, else the weakest but `LAST` that is not `other`."""
    if wanted in facts.levels and wanted != other:
        return wanted
    rest = [level for level in facts.levels if level not in (*LAST, other)]
    return rest[0] if rest else next(level for level in reversed(facts.levels) if level != other)
