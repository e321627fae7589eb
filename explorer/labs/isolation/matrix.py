"""Level × anomaly for one engine, each cell a run that was measured."""

from dataclasses import dataclass, field

from explorer.labs.isolation.trace import Facts, Trace
from explorer.labs.isolation.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Difference:
    """Where an observation differs: from `what` ("the SQL standard", "the manual of PostgreSQL", "Hermitage"), and why,
    in one or two sentences.
    """

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One run. `refused`: why it cannot be made on this engine; then there is neither trace nor verdict."""

    level: str
    schedule: str
    trace: Trace | None = None
    verdict: Verdict | None = None
    differences: tuple[Difference, ...] = ()
    refused: str = ""


@dataclass(slots=True)
class Matrix:
    """Cells by (level, schedule id), as they come in. `seconds` is how long the measurement took."""

    facts: Facts
    levels: tuple[str, ...]
    schedules: tuple[str, ...]
    cells: dict[tuple[str, str], Cell] = field(default_factory=dict)
    seconds: float = 0.0
