"""The manuals of MariaDB and MySQL on InnoDB: isolation levels, consistent reads, locks.

Both say that plain reads come from a snapshot (from READ COMMITTED on), that a write sees the newest rows all the same,
and that SERIALIZABLE turns reads into shared locks. Of write skew below SERIALIZABLE they say nothing. With
innodb_snapshot_isolation MariaDB's says that a write to a row which changed since the snapshot is refused.
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

_COMMITTED: Final[Says] = {
    "G0": NOT, "G1a": NOT, "G1b": NOT, "G1c": NOT, "OTV": NOT,
    "G-single": POSSIBLE, "G-single-pred": POSSIBLE, "G-single-write": POSSIBLE,
    "PMP": POSSIBLE, "PMP-write": POSSIBLE, "P4": POSSIBLE,
}  # fmt: skip
_WEAKER: Final = {
    READ_UNCOMMITTED: {**_COMMITTED, "G1a": POSSIBLE, "G1b": POSSIBLE, "G1c": POSSIBLE, "OTV": POSSIBLE},
    READ_COMMITTED: _COMMITTED,
}
_REPEATABLE: Final[Says] = {**_COMMITTED, "G-single": NOT, "G-single-pred": NOT, "PMP": NOT}
_REPEATABLE_AND_CHECKED: Final[Says] = {**_REPEATABLE, "G-single-write": NOT, "PMP-write": NOT, "P4": NOT}
_SERIALIZABLE: Final[Says] = dict.fromkeys(ANOMALIES, NOT)
_MARIADB: Final = "https://mariadb.com/kb/en/set-transaction/#isolation-levels"

MYSQL: Final = Source(
    "the manual of MySQL",
    "https://dev.mysql.com/doc/refman/8.4/en/innodb-transaction-isolation-levels.html",
    {**_WEAKER, REPEATABLE_READ: _REPEATABLE, SERIALIZABLE: _SERIALIZABLE},
)
MARIADB: Final = Source("the manual of MariaDB", _MARIADB, MYSQL.levels)
MARIADB_CHECKED: Final = Source(
    MARIADB.what, _MARIADB, {**_WEAKER, REPEATABLE_READ: _REPEATABLE_AND_CHECKED, SERIALIZABLE: _SERIALIZABLE}
)
"""With innodb_snapshot_isolation."""
