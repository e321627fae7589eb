"""Mixed: Python, a wait, Python again; what most handlers look like."""

from explorer.catalog import Feature
from explorer.demand import Demand
from explorer.options import Knobs, knob
from explorer.records.states import State


class MixedKnobs(Knobs):
    """How much a request computes and how long it waits in between."""

    seconds: float = knob(
        0.01, gt=0, le=60, title="CPU time", unit="s", effect="live",
        description="Processor time of a request, half of it before and half after the wait; measured once at the "
        "start of a run, and then the same number of loops for every request.",
    )  # fmt: skip
    wait: float = knob(
        0.1, ge=0, le=60, title="Wait", unit="s", effect="live",
        description="How long each request waits between its two computations.",
    )  # fmt: skip


feature = Feature(
    id="mixed",
    title="Mixed",
    short="Python, a wait, Python.",
    summary="Python, a wait for I/O, Python again.",
    group="Computing",
    order=40,
    picture=(
        (0, 0.06, 0.18, State.RUNNING),
        (0, 0.24, 0.46, State.BLOCKED),
        (0, 0.70, 0.18, State.RUNNING),
    ),
    entry="explorer.server.workloads.mixed.body:blocking",
    knobs=MixedKnobs,
    forms=("awaiting", "blocking"),
    calls={"time.sleep": State.BLOCKED},
    demand=lambda knobs, form: Demand(waits_s=knobs.wait, computes_s=knobs.seconds),
    idle={"seconds": 1e-6, "wait": 0.0},
)
