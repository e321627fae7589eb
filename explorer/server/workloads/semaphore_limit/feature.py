"""Semaphore: more requests come than a database has connections, with or without waiting for a token first."""

from explorer.catalog import Feature, installed
from explorer.demand import Demand, Guard
from explorer.options import Knobs, knob
from explorer.records.states import State
from explorer.server.sharing import AMONG_TASKS, NO_THREADS

NEEDS = ("sqlalchemy", "greenlet", "aiosqlite")


class SemaphoreLimitKnobs(Knobs):
    """Whether there is a semaphore, and what the database can take."""

    cured: bool = knob(
        False, title="Cured", description="Wait for one of as many tokens as there are connections, before asking."
    )
    connections: int = knob(
        5, ge=1, le=1000, title="Connections", unit="connections",
        description="How many connections to the database each process has.",
    )  # fmt: skip
    patience: float = knob(
        0.3, gt=0, le=3600, title="Patience", unit="s",
        description="A request that has waited so long for a connection is turned away with 503 (SQLAlchemy's "
        "pool_timeout).",
    )  # fmt: skip
    seconds: float = knob(
        0.1, ge=0, le=60, title="Hold", unit="s", effect="live",
        description="How long a request keeps its connection.",
    )  # fmt: skip


def demand(knobs: SemaphoreLimitKnobs, form: str) -> Demand:
    """As many at a time as there are connections; who waits for a token waits as long as it takes."""
    patience = float("inf") if knobs.cured else knobs.patience
    pool = Guard("connections", knobs.connections, knobs.seconds, "loop", patience_s=patience)
    return Demand(waits_s=knobs.seconds, guard=pool)


feature = Feature(
    id="semaphore_limit",
    title="Semaphore as a limit",
    short="Five at a time.",
    summary="More requests come than a database has connections; as many tokens let the rest wait their turn.",
    group="Locks",
    order=305,
    picture=(
        (0, 0.04, 0.28, State.BLOCKED),
        (0, 0.34, 0.28, State.BLOCKED),
        (0, 0.64, 0.28, State.BLOCKED),
        (1, 0.06, 0.27, State.WAITING_LOCK),
        (1, 0.34, 0.28, State.BLOCKED),
        (2, 0.08, 0.55, State.WAITING_LOCK),
        (2, 0.64, 0.28, State.BLOCKED),
    ),
    entry="explorer.server.workloads.semaphore_limit.body:awaiting",
    knobs=SemaphoreLimitKnobs,
    available=installed(*NEEDS),
    forms=("awaiting",),
    no_form={"blocking": NO_THREADS},
    needs=NEEDS,
    probes=("explorer.probe.database:watch",),
    refuses=AMONG_TASKS,
    demand=demand,
    idle={"seconds": 0.0, "cured": True},
)
