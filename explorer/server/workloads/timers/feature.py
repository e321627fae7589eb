"""Timers: the request waits for a timer of its own, while a periodic one measures how late timers are."""

from explorer.catalog import Feature
from explorer.demand import Demand
from explorer.options import Knobs, knob
from explorer.records.states import State


class TimersKnobs(Knobs):
    """When the timers are due."""

    seconds: float = knob(
        0.1, ge=0, le=60, title="One-shot", unit="s", effect="live",
        description="After how long the timer of a request is due.",
    )  # fmt: skip
    period: float = knob(
        0.05, ge=0.001, le=60, title="Period", unit="s", effect="live",
        description="How often the periodic timer is due, which goes on whether there are requests or not.",
    )  # fmt: skip


feature = Feature(
    id="timers",
    title="Timers",
    short="Work at set times.",
    summary="Runs callbacks at set times and shows how late they are.",
    group="Waiting",
    order=120,
    # The loop: timers on time, then a long callback, and the next timers are late.
    picture=(
        (0, 0.04, 0.04, State.RUNNING),
        (0, 0.24, 0.04, State.RUNNING),
        (0, 0.40, 0.34, State.RUNNING),
        (0, 0.76, 0.04, State.RUNNING),
        (0, 0.84, 0.04, State.RUNNING),
        (1, 0.44, 0.32, State.QUEUED),
        (2, 0.64, 0.20, State.QUEUED),
    ),
    entry="explorer.server.workloads.timers.body:awaiting",
    knobs=TimersKnobs,
    forms=("awaiting", "blocking"),
    calls={"time.sleep": State.BLOCKED},
    demand=lambda knobs, form: Demand(waits_s=knobs.seconds),
    idle={"seconds": 0.0},
)
