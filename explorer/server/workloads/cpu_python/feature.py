"""Python work: the request computes in Python and holds the GIL meanwhile."""

from explorer.catalog import Feature
from explorer.demand import Demand
from explorer.options import Knobs, knob
from explorer.records.states import State


class CpuPythonKnobs(Knobs):
    """How much a request computes."""

    seconds: float = knob(
        0.02, gt=0, le=60, title="CPU time", unit="s", effect="live",
        description="Processor time of a request, alone on a core: how many loops that takes is measured once at the "
        "start of a run, and then every request does the same number.",
    )  # fmt: skip


feature = Feature(
    id="cpu_python",
    title="Python work",
    short="Computes, holds the GIL.",
    summary="Computes in Python and holds the GIL meanwhile.",
    group="Computing",
    order=20,
    # Two threads with such work take turns.
    picture=(
        (0, 0.06, 0.20, State.RUNNING),
        (0, 0.26, 0.20, State.WAITING_GIL),
        (0, 0.46, 0.20, State.RUNNING),
        (0, 0.66, 0.20, State.WAITING_GIL),
        (1, 0.06, 0.20, State.WAITING_GIL),
        (1, 0.26, 0.20, State.RUNNING),
        (1, 0.46, 0.20, State.WAITING_GIL),
        (1, 0.66, 0.20, State.RUNNING),
    ),
    entry="explorer.server.workloads.cpu_python.body:blocking",
    knobs=CpuPythonKnobs,
    forms=("blocking",),
    no_form={
        "awaiting": "Python work never awaits; choose the blocking coroutine, the thread pool or the process pool."
    },
    demand=lambda knobs, form: Demand(computes_s=knobs.seconds),
    idle={"seconds": 1e-6},
)
