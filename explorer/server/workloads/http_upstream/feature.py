"""Upstream call: the request asks another server, which takes its time."""

from explorer.catalog import Feature
from explorer.demand import Demand
from explorer.options import Knobs, knob
from explorer.records.states import State


class HttpUpstreamKnobs(Knobs):
    """How slow the upstream is, and how long the handler waits for it."""

    seconds: float = knob(
        0.2, ge=0, le=60, title="Upstream", unit="s", effect="live",
        description="How long the upstream takes to answer.",
    )  # fmt: skip
    timeout: float = knob(
        2.0, gt=0, le=120, title="Time-out", unit="s", effect="live",
        description="How long the handler waits for the upstream; then it answers with status 504.",
    )  # fmt: skip


def demand(knobs: HttpUpstreamKnobs, form: str) -> Demand | None:
    """Of an upstream that answers in time."""
    return Demand(waits_s=knobs.seconds) if knobs.seconds < knobs.timeout else None


feature = Feature(
    id="http_upstream",
    title="Upstream call",
    short="Asks another server.",
    summary="Asks a slow server that the explorer runs itself.",
    group="Waiting",
    order=60,
    # The handler above, the upstream below: one works while the other waits.
    picture=(
        (0, 0.04, 0.06, State.RUNNING),
        (0, 0.10, 0.76, State.AWAITING),
        (0, 0.86, 0.06, State.RUNNING),
        (1, 0.14, 0.06, State.RUNNING),
        (1, 0.20, 0.54, State.AWAITING),
        (1, 0.74, 0.06, State.RUNNING),
    ),
    entry="explorer.server.workloads.http_upstream.body:awaiting",
    knobs=HttpUpstreamKnobs,
    forms=("awaiting", "blocking"),
    services=("upstream",),
    bound="The upstream of this workload listens on this machine alone.",
    demand=demand,
    idle={"seconds": 0.0},
)
