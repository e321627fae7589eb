"""The manual of PostgreSQL, chapter Transaction Isolation: its table and what it says of each level below it.

The table's "serialization anomaly" is whatever no serial order gives; write skew is its example. "Allowed, but not in
PG" counts as not possible.
"""

from typing import Final

from explorer.labs.isolation.expected.source import (
    ANOMALIES,
    NOT,
    POSSIBLE,
    READ_COMMITTED,
    READ_UNCOMMITTED,
    REPEATABLE_READ,
    SERIALIZABLE,
    Says,
    Source,
)

_NOTHING: Final[Says] = dict.fromkeys(ANOMALIES, NOT)
_COMMITTED: Final[Says] = {
    **_NOTHING,
    # Each statement has a snapshot of its own.
    "G-single": POSSIBLE, "G-single-pred": POSSIBLE, "G-single-write": POSSIBLE, "PMP": POSSIBLE,
    # The second writer waits, and goes on with the new version of the row, if that still matches.
    "PMP-write": POSSIBLE, "P4": POSSIBLE,
    "G2-item": POSSIBLE, "G2": POSSIBLE, "G2-three": POSSIBLE,
}  # fmt: skip
POSTGRESQL: Final = Source(
    "the manual of PostgreSQL",
    "https://www.postgresql.org/docs/current/transaction-iso.html",
    {
        READ_UNCOMMITTED: _COMMITTED,
        READ_COMMITTED: _COMMITTED,
        REPEATABLE_READ: {**_NOTHING, "G2-item": POSSIBLE, "G2": POSSIBLE, "G2-three": POSSIBLE},
        SERIALIZABLE: _NOTHING,
    },
)
