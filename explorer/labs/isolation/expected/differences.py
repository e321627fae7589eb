"""Where an observation differs from what the standard, the engine's manual and Hermitage say."""

from collections.abc import Iterator
from typing import Final

from explorer.labs.isolation.expected import hermitage, innodb, postgresql, sqlite
from explorer.labs.isolation.expected.reasons import reason
from explorer.labs.isolation.expected.source import ANOMALIES, AUTOCOMMIT, Source, has_snapshot_isolation
from explorer.labs.isolation.expected.standard import STANDARD
from explorer.labs.isolation.matrix import Difference
from explorer.labs.isolation.schedule import Schedule
from explorer.labs.isolation.trace import Facts
from explorer.labs.isolation.verdict import Verdict

DETECTOR: Final = "the detector"
NOT_FIRED: Final = (
    "Without transactions nothing prevents this anomaly, and still it was not seen. Where the other cells of this row "
    "say prevented, that proves nothing."
)


def sources(facts: Facts) -> tuple[Source, ...]:
    """What there is to compare this engine with: the standard, its manual, Hermitage."""
    if facts.engine == "postgresql":
        return STANDARD, postgresql.POSTGRESQL, hermitage.POSTGRESQL
    if facts.engine == "mariadb":
        manual = innodb.MARIADB_CHECKED if has_snapshot_isolation(facts) else innodb.MARIADB
        return STANDARD, manual, hermitage.INNODB
    if facts.engine == "mysql":
        return STANDARD, innodb.MYSQL, hermitage.INNODB
    return STANDARD, sqlite.SQLITE


def differences(facts: Facts, level: str, schedule: Schedule, verdict: Verdict) -> tuple[Difference, ...]:
    """What differs, from which source, and why; `schedule` is one that comes with the program.

    Of an edited one, or one of the user's own, the sources say nothing: do not ask. A run that is not over, a cure and
    a deadlock differ from nothing.
    """
    if verdict.before or schedule.kind != "anomaly" or schedule.id not in ANOMALIES:
        return ()
    return tuple(_differences(facts, level, schedule.id, verdict.happened))


def _differences(facts: Facts, level: str, scenario: str, happened: bool) -> Iterator[Difference]:
    if level == AUTOCOMMIT:
        if not happened:
            yield Difference(DETECTOR, NOT_FIRED)
        return
    for source in sources(facts):
        says = source.says(level, scenario)
        if says is not None and says != happened:
            yield Difference(source.what, reason(facts, source, level, scenario, happened))
