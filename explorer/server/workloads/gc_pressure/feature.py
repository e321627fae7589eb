"""Garbage: the request makes objects that only the garbage collector can free, and whoever comes then waits for it."""

from explorer.catalog import Feature
from explorer.options import Knobs, knob
from explorer.records.states import State


class GcPressureKnobs(Knobs):
    """How many objects, and how long they live."""

    objects: int = knob(
        8_000, ge=1, le=50_000, title="Objects", unit="a request", effect="live",
        description="How many objects a request makes; they refer to one another, so that only the garbage collector "
        "can free them.",
    )  # fmt: skip
    kept: int = knob(
        125, ge=1, le=500, title="Kept", unit="requests", effect="live",
        description="For how many more requests the objects stay alive. The more there are, the longer each full "
        "collection takes; an object needs about 100 bytes.",
    )  # fmt: skip


feature = Feature(
    id="gc_pressure",
    title="Garbage",
    short="Keeps the GC busy.",
    summary="Makes so much garbage that collecting it delays requests.",
    group="Trouble",
    order=150,
    # Short requests on the loop, then a long collection; below, a request that comes meanwhile.
    picture=(
        (0, 0.04, 0.06, State.RUNNING),
        (0, 0.16, 0.06, State.RUNNING),
        (0, 0.28, 0.46, State.RUNNING),
        (0, 0.76, 0.06, State.RUNNING),
        (0, 0.86, 0.06, State.RUNNING),
        (1, 0.34, 0.40, State.QUEUED),
        (1, 0.76, 0.06, State.RUNNING),
    ),
    entry="explorer.server.workloads.gc_pressure.body:blocking",
    knobs=GcPressureKnobs,
    forms=("blocking",),
    no_form={
        "awaiting": "Making objects never awaits; choose the blocking coroutine, the thread pool or the process pool."
    },
)
