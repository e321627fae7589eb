"""Dining philosophers: everybody needs two forks, and all take the left one first."""

from explorer.catalog import Feature
from explorer.options import Knobs, knob
from explorer.records.states import State
from explorer.server.sharing import AMONG_THREADS, NO_TASKS


class DiningPhilosophersKnobs(Knobs):
    """Which fork comes first, how many dine, and how long everything takes."""

    cured: bool = knob(False, title="Cured", description="One of them reaches for the right fork first.")
    seats: int = knob(
        5, ge=2, le=100, title="Seats", unit="philosophers",
        description="How many sit at the table; with fewer requests at a time than that the circle never closes.",
    )  # fmt: skip
    think: float = knob(
        0.02, ge=0, le=60, title="Think", unit="s", effect="live",
        description="How long each thinks before it takes a fork.",
    )  # fmt: skip
    reach: float = knob(
        0.05, ge=0, le=60, title="Reach", unit="s", effect="live",
        description="How long each takes from the first fork to the second.",
    )  # fmt: skip
    eat: float = knob(
        0.05, ge=0, le=60, title="Hold", unit="s", effect="live",
        description="How long each eats with both forks.",
    )  # fmt: skip


feature = Feature(
    id="dining_philosophers",
    title="Dining philosophers",
    short="Five, and five forks.",
    summary="Everybody needs two forks and takes the left one first, until all hold one and wait for the other.",
    group="Locks",
    order=308,
    picture=(
        (0, 0.04, 0.24, State.BLOCKED),
        (0, 0.28, 0.66, State.WAITING_LOCK),
        (1, 0.08, 0.24, State.BLOCKED),
        (1, 0.32, 0.62, State.WAITING_LOCK),
        (2, 0.12, 0.24, State.BLOCKED),
        (2, 0.36, 0.58, State.WAITING_LOCK),
        (3, 0.16, 0.24, State.BLOCKED),
        (3, 0.40, 0.54, State.WAITING_LOCK),
        (4, 0.20, 0.24, State.BLOCKED),
        (4, 0.44, 0.50, State.WAITING_LOCK),
    ),
    entry="explorer.server.workloads.dining_philosophers.body:blocking",
    knobs=DiningPhilosophersKnobs,
    forms=("blocking",),
    no_form={"awaiting": NO_TASKS},
    calls={"time.sleep": State.BLOCKED},
    refuses=AMONG_THREADS,
)
