"""Fan-out: the request starts many awaits at once and ends with the slowest."""

from explorer.catalog import Feature
from explorer.demand import Demand
from explorer.options import Knobs, knob
from explorer.records.states import State


class FanOutKnobs(Knobs):
    """How many awaits, and how long they take."""

    awaits: int = knob(
        8, ge=1, le=1000, title="Awaits", unit="awaits", effect="live",
        description="How many things a request waits for at once; each is a task of its own.",
    )  # fmt: skip
    seconds: float = knob(
        0.2, ge=0, le=60, title="Slowest", unit="s", effect="live",
        description="How long the slowest of them takes; the request takes no less.",
    )  # fmt: skip
    spread: float = knob(
        0.75, ge=0, le=1, title="Spread", effect="live",
        description="How much faster the fastest is, as a share of the slowest; the others lie evenly between them.",
    )  # fmt: skip


feature = Feature(
    id="fan_out",
    title="Fan-out",
    short="Many awaits at once.",
    summary="Starts many awaits at once and ends with the slowest.",
    group="Waiting",
    order=70,
    # The request above starts three tasks and goes on when the last is done.
    picture=(
        (0, 0.04, 0.08, State.RUNNING),
        (0, 0.88, 0.08, State.RUNNING),
        (1, 0.12, 0.24, State.AWAITING),
        (2, 0.12, 0.48, State.AWAITING),
        (3, 0.12, 0.76, State.AWAITING),
    ),
    entry="explorer.server.workloads.fan_out.body:awaiting",
    knobs=FanOutKnobs,
    forms=("awaiting",),
    no_form={"blocking": "Many awaits at once need a handler that awaits; choose the coroutine."},
    demand=lambda knobs, form: Demand(waits_s=knobs.seconds),
    idle={"seconds": 0.0},
)
