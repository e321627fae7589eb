"""Shared counter: threads or coroutines change one number, with or without a lock."""

from explorer.catalog import Feature
from explorer.demand import Demand, Guard
from explorer.options import Knobs, knob
from explorer.records.states import State

PROCESSES = (
    "Each process has a counter of its own, so that nothing is shared and nothing is lost; "
    "choose threads or coroutines of one process."
)
INTERPRETERS = (
    "Interpreters share no objects, so that there is no counter that all could raise; "
    "choose threads or coroutines of one interpreter."
)


class SharedCounterKnobs(Knobs):
    """Whether there is a lock, and how often the number is changed."""

    lock: bool = knob(
        False, title="Lock", effect="live",
        description="Whether a lock is held while the number is read, raised and written. An asyncio.Lock guards the "
        "coroutines of one loop, a threading.Lock all threads of the process.",
    )  # fmt: skip
    increments: int = knob(
        10, ge=1, le=10_000, title="Increments", unit="a request", effect="live",
        description="How often a request raises the number by one; under prefork each worker has a number of its own.",
    )  # fmt: skip
    seconds: float = knob(
        0.002, ge=0, le=1, title="In between", unit="s", effect="live",
        description="How long it takes from reading the number to writing it; others may change it meanwhile.",
    )  # fmt: skip


def demand(knobs: SharedCounterKnobs, form: str) -> Demand | None:
    """The lock is one for each loop where handlers await, one for each process where they do not."""
    seconds = knobs.increments * knobs.seconds
    lock = Guard("lock", 1, seconds, "loop" if form == "awaiting" else "process", symbol="1")
    return Demand(waits_s=seconds, guard=lock if knobs.lock else None)


feature = Feature(
    id="shared_counter",
    title="Shared counter",
    short="A race, or a lock.",
    summary="Threads change one number, with or without a lock.",
    group="Trouble",
    order=140,
    # Two threads with a lock: one waits while the other holds it.
    picture=(
        (0, 0.04, 0.20, State.RUNNING),
        (0, 0.24, 0.22, State.WAITING_LOCK),
        (0, 0.46, 0.20, State.RUNNING),
        (0, 0.66, 0.22, State.WAITING_LOCK),
        (1, 0.04, 0.20, State.WAITING_LOCK),
        (1, 0.24, 0.22, State.RUNNING),
        (1, 0.46, 0.20, State.WAITING_LOCK),
        (1, 0.66, 0.22, State.RUNNING),
    ),
    entry="explorer.server.workloads.shared_counter.body:blocking",
    knobs=SharedCounterKnobs,
    forms=("awaiting", "blocking"),
    calls={"time.sleep": State.BLOCKED},
    refuses={
        "dispatch.process_pool": PROCESSES,
        "dispatch.interpreter_pool": INTERPRETERS,
        "dispatch.cluster": PROCESSES,
        "model.process_per_connection": PROCESSES,
    },
    demand=demand,
    idle={"seconds": 0.0, "increments": 1},
)
