"""Event stream: a response that stays open while the server sends one update after the other."""

from explorer.catalog import Feature
from explorer.demand import Demand
from explorer.options import Knobs, knob
from explorer.records.states import State


class SseKnobs(Knobs):
    """How many updates, how often, and what one costs."""

    events: int = knob(
        10, ge=1, le=1_000_000, title="Updates", unit="updates", effect="live",
        description="How many updates a stream has; a client that comes back gets those it has not seen.",
    )  # fmt: skip
    interval: float = knob(
        0.1, ge=0, le=60, title="Interval", unit="s", effect="live",
        description="How long the server pauses between two updates.",
    )  # fmt: skip
    seconds: float = knob(
        0.01, ge=0, le=60, title="Work", unit="s", effect="live",
        description="How long the server works at each update before it sends it.",
    )  # fmt: skip


def demand(knobs: SseKnobs, form: str) -> Demand:
    """Of a whole stream: it works at each update, and pauses before each but the first."""
    return Demand(waits_s=knobs.seconds, visits=knobs.events, pauses_s=(knobs.events - 1) * knobs.interval)


feature = Feature(
    id="sse",
    title="Event stream",
    short="Server sends updates.",
    summary="Sends one update after the other on an open response.",
    group="Streams",
    order=110,
    # One response from left to right: a moment for every update, and the pause before the next.
    picture=(
        (0, 0.04, 0.04, State.RUNNING),
        (0, 0.08, 0.24, State.AWAITING),
        (0, 0.32, 0.04, State.RUNNING),
        (0, 0.36, 0.24, State.AWAITING),
        (0, 0.60, 0.04, State.RUNNING),
        (0, 0.64, 0.24, State.AWAITING),
        (0, 0.88, 0.04, State.RUNNING),
    ),
    entry="explorer.server.workloads.sse.body:blocking",
    knobs=SseKnobs,
    forms=("awaiting", "blocking"),
    calls={"time.sleep": State.BLOCKED},
    speaks="sse",
    demand=demand,
    idle={"seconds": 0.0, "events": 1},
)
