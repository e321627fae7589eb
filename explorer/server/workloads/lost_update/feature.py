"""Lost update: threads read a number, call something and write it; without a lock additions get lost."""

from explorer.catalog import Feature
from explorer.options import Knobs, knob
from explorer.records.states import State
from explorer.server.sharing import AMONG_THREADS, NO_TASKS


class LostUpdateKnobs(Knobs):
    """Whether there is a lock, how often is added, and how long each addition takes."""

    cured: bool = knob(
        False, title="Cured",
        description="Hold a lock from reading to writing, so that nobody comes in between.",
    )  # fmt: skip
    additions: int = knob(
        1000, ge=1, le=100_000, title="Additions", unit="a request", effect="live",
        description="How often a request adds one to the number that all share.",
    )  # fmt: skip
    rounds: int = knob(
        500, ge=0, le=1_000_000, title="Check digit", unit="rounds", effect="live",
        description="How long the function computes that is called between reading and writing; 500 rounds take some "
        "30 µs.",
    )  # fmt: skip


feature = Feature(
    id="lost_update",
    title="Lost update on a counter",
    short="Read, call, write.",
    summary="Threads read a number, call a function and write the number; without a lock additions get lost.",
    group="Locks",
    order=300,
    # Both read the same number; the second write buries the first.
    picture=(
        (0, 0.04, 0.24, State.RUNNING),
        (0, 0.28, 0.34, State.WAITING_GIL),
        (0, 0.62, 0.32, State.RUNNING),
        (1, 0.04, 0.24, State.WAITING_GIL),
        (1, 0.28, 0.34, State.RUNNING),
        (1, 0.62, 0.32, State.WAITING_GIL),
    ),
    entry="explorer.server.workloads.lost_update.body:blocking",
    knobs=LostUpdateKnobs,
    forms=("blocking",),
    no_form={"awaiting": NO_TASKS},
    refuses=AMONG_THREADS,
)
