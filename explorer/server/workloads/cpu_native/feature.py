"""Native work: the request computes in native code that releases the GIL."""

from explorer.catalog import Feature
from explorer.demand import Demand
from explorer.options import Knobs, knob
from explorer.records.states import State


class CpuNativeKnobs(Knobs):
    """How much a request computes."""

    seconds: float = knob(
        0.02, gt=0, le=60, title="CPU time", unit="s", effect="live",
        description="Processor time of a request, alone on a core: how many rounds of hashing that takes is measured "
        "once at the start of a run, and then every request does the same number.",
    )  # fmt: skip


feature = Feature(
    id="cpu_native",
    title="Native work",
    short="Computes without GIL.",
    summary="Computes in native code that releases the GIL.",
    group="Computing",
    order=30,
    # Two threads with such work run at the same time, each on a core.
    picture=((0, 0.06, 0.80, State.RUNNING), (1, 0.06, 0.80, State.RUNNING)),
    entry="explorer.server.workloads.cpu_native.body:blocking",
    knobs=CpuNativeKnobs,
    forms=("blocking",),
    no_form={
        "awaiting": "Native work never awaits; choose the blocking coroutine, the thread pool or the process pool."
    },
    calls={"hashlib.pbkdf2_hmac": State.RUNNING},
    demand=lambda knobs, form: Demand(computes_s=knobs.seconds, holds_gil=False),
    idle={"seconds": 1e-6},
)
