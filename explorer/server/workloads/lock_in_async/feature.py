"""threading.Lock in async def: the coroutine that waits for it holds up the whole event loop."""

from explorer.catalog import Feature
from explorer.options import Knobs, knob
from explorer.records.states import State
from explorer.server.sharing import AMONG_TASKS, NO_THREADS


class LockInAsyncKnobs(Knobs):
    """Which kind of lock, and how long it is held."""

    cured: bool = knob(False, title="Cured", description="Use an asyncio.Lock in place of the threading.Lock.")
    hold: float = knob(
        0.2, ge=0, le=60, title="Hold", unit="s", effect="live",
        description="How long a report takes, during which the lock is held.",
    )  # fmt: skip


feature = Feature(
    id="lock_in_async",
    title="threading.Lock in async def",
    short="The whole loop waits.",
    summary="A coroutine waits for a threading.Lock, and the whole event loop waits with it.",
    group="Locks",
    order=309,
    picture=(
        (0, 0.04, 0.06, State.RUNNING),
        (0, 0.12, 0.60, State.WAITING_LOCK),
        (0, 0.72, 0.06, State.RUNNING),
        (0, 0.80, 0.06, State.RUNNING),
        (1, 0.10, 0.62, State.BLOCKED),
        (2, 0.20, 0.58, State.QUEUED),
        (3, 0.40, 0.44, State.QUEUED),
    ),
    entry="explorer.server.workloads.lock_in_async.body:awaiting",
    knobs=LockInAsyncKnobs,
    forms=("awaiting",),
    no_form={"blocking": NO_THREADS},
    calls={"time.sleep": State.BLOCKED},
    refuses=AMONG_TASKS,
)
