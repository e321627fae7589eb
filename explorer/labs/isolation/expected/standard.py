"""The SQL standard (SQL-92 and all later ones): four levels, told apart by three phenomena that they may not show.

P1 dirty read: what another transaction has not committed is read. P2 non-repeatable read: a row that was read is
changed by another before the reader ends. P3 phantom: rows appear under a condition that was read. We take P2 and P3 in
the broad reading of Berenson et al. (1995), that the change alone counts, whether the reader looks again or not; else
the table would rule out hardly anything.

SERIALIZABLE is defined by itself: the outcome must be one that some serial order gives. So nothing may happen there. Of
dirty writes (G0) at the three weaker levels the table says nothing: all it has to say are these three phenomena.
SQLite's DEFERRED and IMMEDIATE are names of its own; its manual calls what they give serializable.
"""

from collections.abc import Mapping
from typing import Final

from explorer.labs.isolation.expected.source import (
    ANOMALIES,
    DEFERRED,
    IMMEDIATE,
    NOT,
    POSSIBLE,
    READ_COMMITTED,
    READ_UNCOMMITTED,
    REPEATABLE_READ,
    SERIALIZABLE,
    Says,
    Source,
)

PHENOMENON: Final[Mapping[str, str]] = {
    "G1a": "P1", "G1b": "P1", "G1c": "P1", "OTV": "P1",
    "G-single": "P2", "G-single-pred": "P2", "G-single-write": "P2", "PMP-write": "P2", "P4": "P2", "G2-item": "P2",
    "G2-three": "P2",
    "PMP": "P3", "G2": "P3",
}  # fmt: skip
NAMES: Final[Mapping[str, str]] = {"P1": "dirty read", "P2": "non-repeatable read", "P3": "phantom"}
_MAY_SHOW: Final[Mapping[str, tuple[str, ...]]] = {
    READ_UNCOMMITTED: ("P1", "P2", "P3"),
    READ_COMMITTED: ("P2", "P3"),
    REPEATABLE_READ: ("P3",),
}
_NOTHING: Final[Says] = dict.fromkeys(ANOMALIES, NOT)


def _row(may: tuple[str, ...]) -> Says:
    return {scenario: POSSIBLE if which in may else NOT for scenario, which in PHENOMENON.items()}


STANDARD: Final = Source(
    "the SQL standard",
    "ISO/IEC 9075-2, SQL-transactions, isolation levels",
    {level: _row(may) for level, may in _MAY_SHOW.items()}
    | dict.fromkeys((SERIALIZABLE, DEFERRED, IMMEDIATE), _NOTHING),
)
