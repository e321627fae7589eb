"""Queue: the request puts an item into a queue and waits until a consumer has worked on it."""

from explorer.catalog import Feature
from explorer.demand import Demand, Guard
from explorer.options import Knobs, knob
from explorer.records.states import State


class QueueKnobs(Knobs):
    """How long the queue may get, and who takes from it."""

    seconds: float = knob(
        0.05, ge=0, le=60, title="Work", unit="s", effect="live",
        description="How long a consumer works on an item.",
    )  # fmt: skip
    consumers: int = knob(
        2, ge=1, le=1000, title="Consumers", unit="tasks", effect="live",
        description="How many tasks take items from the queue, one at a time each; under prefork each worker has a "
        "queue and consumers of its own.",
    )  # fmt: skip
    maxsize: int = knob(
        8, ge=0, le=100_000, title="Bound", unit="items",
        description="How many items fit into the queue; when it is full, whoever puts one in waits for room. "
        "0 = no bound.",
    )  # fmt: skip


def demand(knobs: QueueKnobs, form: str) -> Demand:
    """A consumer works on one item at a time."""
    return Demand(waits_s=knobs.seconds, guard=Guard("consumers", knobs.consumers, knobs.seconds, "process"))


feature = Feature(
    id="queue",
    title="Queue",
    short="Producers, consumers.",
    summary="Puts an item into a queue and waits until a consumer has worked on it.",
    group="Waiting",
    order=130,
    # One consumer above takes one item after the other; the requests below wait for their turn.
    picture=(
        (0, 0.04, 0.28, State.RUNNING),
        (0, 0.34, 0.28, State.RUNNING),
        (0, 0.64, 0.28, State.RUNNING),
        (1, 0.04, 0.28, State.AWAITING),
        (2, 0.08, 0.26, State.QUEUED),
        (2, 0.34, 0.28, State.AWAITING),
        (3, 0.12, 0.52, State.QUEUED),
        (3, 0.64, 0.28, State.AWAITING),
    ),
    entry="explorer.server.workloads.queue.body:awaiting",
    knobs=QueueKnobs,
    forms=("awaiting", "blocking"),
    calls={"time.sleep": State.BLOCKED},
    refuses={
        "model.thread_per_connection": "An asyncio.Queue belongs to one event loop, and here every connection has one "
        "of its own; choose the event loop or prefork.",
    },
    demand=demand,
    idle={"seconds": 0.0},
)
