"""Process pool: the handler hands its work to another process and awaits the result."""

from explorer.catalog import Feature
from explorer.demand import Places
from explorer.options import Knobs, knob
from explorer.records.states import State


class ProcessPoolKnobs(Knobs):
    """The pool's size."""

    processes: int = knob(
        2, ge=1, le=64, title="Processes", unit="processes",
        description="How many processes the pool has; each runs one request's work at a time.",
    )  # fmt: skip


feature = Feature(
    id="process_pool",
    title="Process pool",
    short="Work in processes.",
    summary="The work goes to another process, which has a GIL of its own.",
    group="Beside the event loop",
    order=40,
    # The loop above hands over; two processes run side by side, the third request waits for one of them.
    picture=(
        (0, 0.04, 0.04, State.RUNNING),
        (0, 0.10, 0.04, State.RUNNING),
        (0, 0.16, 0.04, State.RUNNING),
        (0, 0.52, 0.04, State.RUNNING),
        (0, 0.58, 0.04, State.RUNNING),
        (1, 0.10, 0.42, State.RUNNING),
        (1, 0.53, 0.42, State.RUNNING),
        (2, 0.16, 0.42, State.RUNNING),
        (3, 0.22, 0.31, State.QUEUED),
        (3, 0.53, 0.42, State.AWAITING),
    ),
    entry="explorer.server.dispatch.process_pool.handler:job",
    knobs=ProcessPoolKnobs,
    form="blocking",
    places=lambda knobs: Places(knobs.processes, "process", gils=knobs.processes, name="processes", symbol="W"),
)
