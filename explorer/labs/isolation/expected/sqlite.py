"""SQLite's documentation: "Isolation in SQLite" and "Shared-Cache Mode".

All transactions are serializable, because there is one writer at a time. The exception are connections of one shared
cache with PRAGMA read_uncommitted: they read without any lock, but still one alone may write. What follows from that
for skews and lost updates it does not say.
"""

from typing import Final

from explorer.labs.isolation.expected.source import (
    ANOMALIES,
    DEFERRED,
    IMMEDIATE,
    NOT,
    POSSIBLE,
    READ_UNCOMMITTED,
    Says,
    Source,
)

_NOTHING: Final[Says] = dict.fromkeys(ANOMALIES, NOT)
SQLITE: Final = Source(
    "SQLite's documentation",
    "https://www.sqlite.org/isolation.html",
    {
        READ_UNCOMMITTED: {
            "G0": NOT, "G1a": POSSIBLE, "G1b": POSSIBLE, "G1c": NOT,
            "G-single": POSSIBLE, "G-single-pred": POSSIBLE, "PMP": POSSIBLE,
        },
        DEFERRED: _NOTHING,
        IMMEDIATE: _NOTHING,
    },
)  # fmt: skip
