"""Producer and consumer: what comes faster than it is worked on piles up in a queue, or has to wait for a place."""

from explorer.catalog import Feature
from explorer.demand import Demand, Guard
from explorer.options import Knobs, knob
from explorer.records.states import State
from explorer.server.sharing import AMONG_THREADS

NO_TASKS = "It is about a queue.Queue between threads; the workload Queue has an asyncio.Queue between coroutines."


class ProducerConsumerKnobs(Knobs):
    """Whether the queue has a limit, and how fast both sides are."""

    cured: bool = knob(False, title="Cured", description="Give the queue a limit, so that producers wait for a place.")
    places: int = knob(
        10, ge=1, le=100_000, title="Places", unit="items",
        description="How many items the queue holds when it is cured; as written it has no limit.",
    )  # fmt: skip
    produce: float = knob(
        0.02, ge=0, le=60, title="Produce", unit="s", effect="live",
        description="How long a request takes to make an item.",
    )  # fmt: skip
    consume: float = knob(
        0.02, ge=0, le=60, title="Consume", unit="s",
        description="How long the one consumer works on an item.",
    )  # fmt: skip


def demand(knobs: ProducerConsumerKnobs, form: str) -> Demand:
    """Once the belt is full, nobody produces faster than the consumer takes; without a limit it is never full."""
    belt = Guard("consumer", 1, knobs.consume, "process", symbol="1")
    return Demand(waits_s=knobs.produce, guard=belt if knobs.cured else None, even=not knobs.cured)


feature = Feature(
    id="producer_consumer",
    title="Producer and consumer",
    short="A queue with a limit.",
    summary="Requests put items into a queue faster than one consumer takes them; a limit makes them wait.",
    group="Locks",
    order=304,
    picture=(
        (0, 0.04, 0.14, State.BLOCKED),
        (0, 0.18, 0.30, State.WAITING_LOCK),
        (0, 0.48, 0.14, State.BLOCKED),
        (0, 0.62, 0.32, State.WAITING_LOCK),
        (1, 0.04, 0.14, State.BLOCKED),
        (1, 0.18, 0.60, State.WAITING_LOCK),
        (1, 0.78, 0.14, State.BLOCKED),
        (2, 0.18, 0.29, State.RUNNING),
        (2, 0.48, 0.29, State.RUNNING),
        (2, 0.78, 0.16, State.RUNNING),
    ),
    entry="explorer.server.workloads.producer_consumer.body:blocking",
    knobs=ProducerConsumerKnobs,
    forms=("blocking",),
    no_form={"awaiting": NO_TASKS},
    calls={"time.sleep": State.BLOCKED},
    refuses=AMONG_THREADS,
    demand=demand,
    idle={"produce": 0.0, "consume": 0.0},
)
