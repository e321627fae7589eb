"""Priority inversion: an urgent thread waits for a lock whose idle holder does not get the GIL."""

from explorer.catalog import Feature
from explorer.options import Knobs, knob
from explorer.records.states import State
from explorer.server.sharing import AMONG_THREADS, NO_TASKS


class PriorityInversionKnobs(Knobs):
    """How long the idle one holds the lock, and how often the urgent one wants it."""

    cured: bool = knob(False, title="Cured", description="Compute before taking the lock, and hold it for a moment.")
    seconds: float = knob(
        0.01, gt=0, le=10, title="Hold", unit="s", effect="live",
        description="Processor time of a report, alone on a core; as written the lock is held meanwhile.",
    )  # fmt: skip
    pause: float = knob(
        0.03, ge=0, le=60, title="Think", unit="s", effect="live",
        description="How long the urgent one pauses before it wants the lock.",
    )  # fmt: skip


feature = Feature(
    id="priority_inversion",
    title="Priority inversion",
    short="Urgent waits for idle.",
    summary="An urgent thread waits for a lock whose idle holder does not get the GIL; as far as Python shows it.",
    group="Locks",
    order=306,
    picture=(
        (0, 0.10, 0.80, State.WAITING_LOCK),
        (1, 0.04, 0.12, State.RUNNING),
        (1, 0.16, 0.56, State.WAITING_GIL),
        (1, 0.72, 0.18, State.RUNNING),
        (2, 0.04, 0.12, State.WAITING_GIL),
        (2, 0.16, 0.28, State.RUNNING),
        (2, 0.44, 0.50, State.WAITING_GIL),
        (3, 0.04, 0.40, State.WAITING_GIL),
        (3, 0.44, 0.28, State.RUNNING),
        (3, 0.72, 0.22, State.WAITING_GIL),
    ),
    entry="explorer.server.workloads.priority_inversion.body:blocking",
    knobs=PriorityInversionKnobs,
    forms=("blocking",),
    no_form={"awaiting": NO_TASKS},
    calls={"time.sleep": State.BLOCKED},
    refuses=AMONG_THREADS,
)
