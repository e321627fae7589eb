"""Convoy: one sleeps while it holds a lock that all need, and everybody marches in its step."""

from explorer.catalog import Feature
from explorer.demand import Demand, Guard
from explorer.options import Knobs, knob
from explorer.records.states import State
from explorer.server.sharing import AMONG_THREADS, NO_TASKS


class ConvoyKnobs(Knobs):
    """Where the slow ones sleep, how many are slow, and how long the lock is held."""

    cured: bool = knob(False, title="Cured", description="Sleep outside the lock.")
    every: int = knob(
        10, ge=1, le=10_000, title="Slow: one in", unit="requests", effect="live",
        description="Which part of the requests sleeps after its line.",
    )  # fmt: skip
    write: float = knob(
        0.002, ge=0, le=10, title="Hold", unit="s", effect="live",
        description="How long the lock is held for one line.",
    )  # fmt: skip
    sleep: float = knob(
        0.1, ge=0, le=60, title="Sleep", unit="s", effect="live",
        description="How long a slow one sleeps: within the lock as written, outside when cured.",
    )  # fmt: skip


def demand(knobs: ConvoyKnobs, form: str) -> Demand:
    """Of the mean request: one in so many sleeps, within the lock or outside."""
    mean = knobs.write + knobs.sleep / knobs.every
    lock = Guard("lock", 1, knobs.write if knobs.cured else mean, "process", symbol="1")
    return Demand(waits_s=mean, guard=lock, even=False)


feature = Feature(
    id="convoy",
    title="Convoy at one lock",
    short="One slow, all slow.",
    summary="One sleeps while it holds a lock that all need, and everybody marches in its step.",
    group="Locks",
    order=302,
    picture=(
        (0, 0.04, 0.46, State.BLOCKED),
        (0, 0.56, 0.38, State.WAITING_LOCK),
        (1, 0.08, 0.42, State.WAITING_LOCK),
        (1, 0.50, 0.08, State.RUNNING),
        (2, 0.12, 0.46, State.WAITING_LOCK),
        (2, 0.58, 0.08, State.RUNNING),
        (3, 0.16, 0.50, State.WAITING_LOCK),
        (3, 0.66, 0.08, State.RUNNING),
    ),
    entry="explorer.server.workloads.convoy.body:blocking",
    knobs=ConvoyKnobs,
    forms=("blocking",),
    no_form={"awaiting": NO_TASKS},
    calls={"time.sleep": State.BLOCKED},
    refuses=AMONG_THREADS,
    demand=demand,
    idle={"write": 0.0, "sleep": 0.0},
)
