"""Hermitage, Martin Kleppmann's published tests of isolation levels: https://github.com/ept/hermitage

Its results for PostgreSQL are of 9.3.5, those for InnoDB of MySQL 5.6.21; MariaDB has InnoDB from there. Its summary
has one column for several of our scenarios; of those the ones it prints a test for are here, and all at the levels that
it says prevent them. "R/O" (prevented unless one writes) is: reading prevented, writing possible.
"""

from collections.abc import Mapping
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

_MAV: Final[Says] = {
    "G0": NOT, "G1a": NOT, "G1b": NOT, "G1c": NOT, "OTV": NOT,
    "PMP": POSSIBLE, "PMP-write": POSSIBLE, "P4": POSSIBLE, "G-single": POSSIBLE, "G2-item": POSSIBLE, "G2": POSSIBLE,
}  # fmt: skip
"""Monotonic atomic view, which is what both give at READ COMMITTED."""
_DIRTY: Final[Says] = {**_MAV, "G1a": POSSIBLE, "G1b": POSSIBLE, "G1c": POSSIBLE, "OTV": POSSIBLE}
_SNAPSHOT: Final[Says] = {
    **_MAV, "PMP": NOT, "PMP-write": NOT, "P4": NOT, "G-single": NOT, "G-single-pred": NOT, "G-single-write": NOT
}  # fmt: skip
_READ_ONLY: Final[Says] = {**_MAV, "PMP": NOT, "G-single": NOT, "G-single-pred": NOT, "G-single-write": POSSIBLE}
_SERIALIZABLE: Final[Says] = dict.fromkeys(ANOMALIES, NOT)
_WHERE: Final = "https://github.com/ept/hermitage"

POSTGRESQL: Final = Source(
    "Hermitage",
    f"{_WHERE}/blob/master/postgres.md",
    {READ_COMMITTED: _MAV, REPEATABLE_READ: _SNAPSHOT, SERIALIZABLE: _SERIALIZABLE},
)
INNODB: Final = Source(
    "Hermitage",
    f"{_WHERE}/blob/master/mysql.md",
    {READ_UNCOMMITTED: _DIRTY, READ_COMMITTED: _MAV, REPEATABLE_READ: _READ_ONLY, SERIALIZABLE: _SERIALIZABLE},
)
POSTGRESQL_CODES: Final[Mapping[tuple[str, str], str]] = {
    (REPEATABLE_READ, "PMP-write"): "40001", (REPEATABLE_READ, "P4"): "40001",
    (REPEATABLE_READ, "G-single-write"): "40001", (SERIALIZABLE, "G2-item"): "40001",
    (SERIALIZABLE, "G2"): "40001", (SERIALIZABLE, "G2-three"): "40001",
}  # fmt: skip
"""The code of the error that a test prints, by level and scenario."""
INNODB_CODES: Final[Mapping[tuple[str, str], str]] = {
    (SERIALIZABLE, "P4"): "1213", (SERIALIZABLE, "G-single-write"): "1213", (SERIALIZABLE, "G2-item"): "1213",
    (SERIALIZABLE, "G2"): "1213", (SERIALIZABLE, "G2-three"): "1213",
}  # fmt: skip
