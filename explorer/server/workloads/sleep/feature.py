"""Sleep: the request waits for a set time and uses no processor."""

from explorer.catalog import Feature
from explorer.demand import Demand
from explorer.options import Knobs, knob
from explorer.records.states import State


class SleepKnobs(Knobs):
    """How long a request sleeps."""

    seconds: float = knob(
        0.2, ge=0, le=60, title="Sleep", unit="s", effect="live",
        description="How long each request sleeps.",
    )  # fmt: skip


feature = Feature(
    id="sleep",
    title="Sleep",
    short="Waits, uses no CPU.",
    summary="Waits for a set time, using no processor.",
    group="Waiting",
    order=10,
    picture=(
        (0, 0.06, 0.04, State.RUNNING),
        (0, 0.10, 0.78, State.BLOCKED),
        (0, 0.88, 0.04, State.RUNNING),
    ),
    entry="explorer.server.workloads.sleep.body:blocking",
    knobs=SleepKnobs,
    forms=("awaiting", "blocking"),
    calls={"time.sleep": State.BLOCKED},
    demand=lambda knobs, form: Demand(waits_s=knobs.seconds),
    idle={"seconds": 0.0},
)
