"""Why an engine does otherwise than a source says: one or two sentences for each case that is known."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from explorer.labs.isolation.expected import hermitage
from explorer.labs.isolation.expected.source import (
    INNODB,
    READ_UNCOMMITTED,
    REPEATABLE_READ,
    Source,
    has_snapshot_isolation,
)
from explorer.labs.isolation.expected.standard import STANDARD
from explorer.labs.isolation.trace import Facts

POSTGRESQL: Final = ("postgresql",)
SQLITE: Final = ("sqlite",)
UNKNOWN: Final = "We know no reason for that."


@dataclass(frozen=True, slots=True)
class Reason:
    """`why` holds where all of this fits; `happened` is what was observed."""

    source: str
    engines: tuple[str, ...]
    levels: tuple[str, ...]
    scenarios: tuple[str, ...]
    happened: bool
    why: str
    when: Callable[[Facts], bool] = lambda facts: True


_STANDARD, _HERMITAGE = STANDARD.what, hermitage.INNODB.what
_P2: Final = (
    "This rests on how the standard's P2 (non-repeatable read) is read: broadly, as by Berenson and others (1995), "
    "nobody may change what you have read until you end. Read narrowly, only a second look that finds the row changed "
    "counts, and nothing differs. "
)

REASONS: Final = (
    Reason(
        _STANDARD, POSTGRESQL, (READ_UNCOMMITTED,), ("G1a", "G1b", "G1c", "OTV"), False,
        "PostgreSQL never shows what was not committed: its READ UNCOMMITTED is READ COMMITTED. "
        "The standard allows a level to be stricter than it must be.",
    ),
    Reason(
        _STANDARD, POSTGRESQL, (REPEATABLE_READ,), ("PMP",), False,
        "The standard allows phantoms here. In PostgreSQL the whole transaction reads one snapshot, and rows that come "
        "later are not in it.",
    ),
    Reason(
        _STANDARD, POSTGRESQL, (REPEATABLE_READ,), ("G2-item", "G2-three"), True,
        _P2 + "PostgreSQL locks no reads: it gives you a snapshot and refuses only a second write to the same row, so "
        "a skew between different rows passes.",
    ),
    Reason(
        _STANDARD, INNODB, (REPEATABLE_READ,), ("PMP",), False,
        "The standard allows phantoms here. InnoDB answers plain reads from one snapshot, and rows that come later are "
        "not in it.",
    ),
    Reason(
        _STANDARD, ("mariadb",), (REPEATABLE_READ,), ("P4", "G-single-write", "PMP-write"), True,
        "Plain reads come from the snapshot, but a write acts on the newest rows, which others have changed meanwhile. "
        "innodb_snapshot_isolation, which would refuse such a write, is off (the default before MariaDB 11.6.2).",
        lambda facts: not has_snapshot_isolation(facts),
    ),
    Reason(
        _STANDARD, ("mysql",), (REPEATABLE_READ,), ("P4", "G-single-write", "PMP-write"), True,
        "Plain reads come from the snapshot, but a write acts on the newest rows, which others have changed meanwhile. "
        "MySQL does not compare the two.",
    ),
    Reason(
        _STANDARD, INNODB, (REPEATABLE_READ,), ("G2-item", "G2-three"), True,
        _P2 + "InnoDB's plain reads take no locks, so a skew between different rows passes.",
    ),
    Reason(
        _HERMITAGE, ("mariadb",), (REPEATABLE_READ,), ("P4", "G-single-write", "PMP-write"), False,
        "Hermitage measured MySQL 5.6, which does not compare. Here innodb_snapshot_isolation is on (the default from "
        "MariaDB 11.6.2): a write to a row that has changed since the snapshot is refused with 1020.",
        has_snapshot_isolation,
    ),
    Reason(
        _STANDARD, SQLITE, (READ_UNCOMMITTED,), ("G1c", "OTV"), False,
        "Even with a shared cache SQLite has one writer at a time. A second one is refused at once, so there are never "
        "two transactions that have both written.",
    ),
    Reason(
        _STANDARD, SQLITE, (READ_UNCOMMITTED,), ("P4", "G2-item", "G2", "PMP-write"), False,
        "Reads are not isolated here, but writes are: while one transaction has written, a second is refused with "
        "SQLITE_LOCKED and does not come to its write.",
    ),
)  # fmt: skip


def reason(facts: Facts, source: Source, level: str, scenario: str, happened: bool) -> str:
    """Why this engine differs from that source here; if that is not known, a sentence that says so."""
    for one in REASONS:
        if (
            one.source == source.what
            and facts.engine in one.engines
            and level in one.levels
            and scenario in one.scenarios
            and one.happened == happened
            and one.when(facts)
        ):
            return one.why
    if happened:
        return f"It happened here, and {source.what} says that it cannot at this level. {UNKNOWN}"
    return f"It did not happen here, and {source.what} says that it can at this level. {UNKNOWN}"
