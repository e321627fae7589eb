"""The form in which a source is written down: a table of what it says of levels and scenarios."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from explorer.labs.isolation.trace import Facts

POSSIBLE: Final = True
NOT: Final = False
Says = Mapping[str, bool]
"""By scenario id whether it can happen at a level. A scenario that is missing is one the source says nothing of."""

AUTOCOMMIT: Final = "AUTOCOMMIT"
READ_UNCOMMITTED: Final = "READ UNCOMMITTED"
READ_COMMITTED: Final = "READ COMMITTED"
REPEATABLE_READ: Final = "REPEATABLE READ"
SERIALIZABLE: Final = "SERIALIZABLE"
DEFERRED: Final = "DEFERRED"
IMMEDIATE: Final = "IMMEDIATE"
ANOMALIES: Final = (
    "G0", "G1a", "G1b", "G1c", "OTV", "G-single", "G-single-pred", "G-single-write", "PMP", "PMP-write", "P4",
    "G2-item", "G2", "G2-three",
)  # fmt: skip
INNODB: Final = ("mariadb", "mysql")
SNAPSHOT_ISOLATION: Final = "innodb_snapshot_isolation"


@dataclass(frozen=True, slots=True)
class Source:
    """`what` is what people call it, `levels` what it says by level, `where` where it says so."""

    what: str
    where: str
    levels: Mapping[str, Says]

    def says(self, level: str, scenario: str) -> bool | None:
        """Whether this scenario can happen at this level; None: the source does not say."""
        return self.levels.get(level, {}).get(scenario)


def has_snapshot_isolation(facts: Facts) -> bool:
    """Whether InnoDB refuses to write a row that has changed since the transaction's snapshot."""
    return facts.settings.get(SNAPSHOT_ISOLATION, "").upper() in ("ON", "1")
