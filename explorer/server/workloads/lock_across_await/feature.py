"""Lock across await: a lock that is held while its holder waits lets everybody else wait as long."""

from explorer.catalog import Feature
from explorer.demand import Demand, Guard
from explorer.options import Knobs, knob
from explorer.records.states import State
from explorer.server.sharing import AMONG_TASKS, NO_THREADS


class LockAcrossAwaitKnobs(Knobs):
    """What the lock is held for, and how long that takes."""

    cured: bool = knob(False, title="Cured", description="Await first, and lock for the moment of writing.")
    seconds: float = knob(
        0.1, ge=0, le=60, title="Fetch", unit="s", effect="live",
        description="How long a request awaits what it is going to write.",
    )  # fmt: skip


def demand(knobs: LockAcrossAwaitKnobs, form: str) -> Demand:
    """One at a time as written, all at the same time when cured."""
    lock = Guard("lock", 1, knobs.seconds, "process", symbol="1")
    return Demand(waits_s=knobs.seconds, guard=None if knobs.cured else lock)


feature = Feature(
    id="lock_across_await",
    title="Lock held across await",
    short="The lock sleeps too.",
    summary="A lock that is held while its holder awaits lets every other request stand outside.",
    group="Locks",
    order=310,
    picture=(
        (0, 0.04, 0.28, State.AWAITING),
        (1, 0.06, 0.27, State.WAITING_LOCK),
        (1, 0.33, 0.29, State.AWAITING),
        (2, 0.08, 0.55, State.WAITING_LOCK),
        (2, 0.63, 0.29, State.AWAITING),
    ),
    entry="explorer.server.workloads.lock_across_await.body:awaiting",
    knobs=LockAcrossAwaitKnobs,
    forms=("awaiting",),
    no_form={"blocking": NO_THREADS},
    refuses=AMONG_TASKS,
    demand=demand,
    idle={"seconds": 0.0},
)
