"""Lock order: two transfers in opposite directions, each of which holds the lock that the other waits for."""

from typing import Literal

from explorer.catalog import Feature
from explorer.options import Knobs, knob
from explorer.records.states import State
from explorer.server.sharing import AMONG_THREADS, NO_TASKS


class LockOrderDeadlockKnobs(Knobs):
    """Whether and how the deadlock is cured, and how long locks are held."""

    cured: bool = knob(False, title="Cured", description="Let no circle of waiters form, or let it not last.")
    cure: Literal["order", "timeout", "try_lock"] = knob(
        "order", title="Cure", labels={"order": "fixed order", "timeout": "time-out, back off", "try_lock": "try-lock"},
        description="How, when it is cured: one order for all, a time-out with a pause of random length, or never "
        "waiting for the second lock.",
    )  # fmt: skip
    hold: float = knob(
        0.05, ge=0, le=60, title="Hold", unit="s", effect="live",
        description="How long the first lock is held before the second is asked for.",
    )  # fmt: skip
    timeout: float = knob(
        0.1, gt=0, le=60, title="Time-out", unit="s", effect="live",
        description="How long the cure with a time-out waits for the second lock.",
    )  # fmt: skip


feature = Feature(
    id="lock_order_deadlock",
    title="Two transfers, two locks",
    short="A deadlock by order.",
    summary="Two transfers in opposite directions each hold the lock that the other one waits for.",
    group="Locks",
    order=307,
    picture=(
        (0, 0.04, 0.10, State.RUNNING),
        (0, 0.14, 0.24, State.BLOCKED),
        (0, 0.38, 0.56, State.WAITING_LOCK),
        (1, 0.08, 0.10, State.RUNNING),
        (1, 0.18, 0.26, State.BLOCKED),
        (1, 0.44, 0.50, State.WAITING_LOCK),
    ),
    entry="explorer.server.workloads.lock_order_deadlock.body:blocking",
    knobs=LockOrderDeadlockKnobs,
    forms=("blocking",),
    no_form={"awaiting": NO_TASKS},
    calls={"time.sleep": State.BLOCKED},
    refuses=AMONG_THREADS,
)
