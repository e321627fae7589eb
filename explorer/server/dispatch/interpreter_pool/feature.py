"""Interpreter pool: the handler hands its work to a sub-interpreter, a thread with a GIL of its own."""

from explorer.catalog import Feature
from explorer.demand import Places
from explorer.options import Knobs, knob
from explorer.records.states import State

NOT_INSIDE = (
    "The drivers of this workload are C extensions that cannot be loaded into a sub-interpreter; "
    "choose the thread pool or the process pool."
)


class InterpreterPoolKnobs(Knobs):
    """The pool's size."""

    interpreters: int = knob(
        2, ge=1, le=64, title="Interpreters", unit="interpreters",
        description="How many interpreters the pool has, each on a thread of its own; each runs one request's work at "
        "a time.",
    )  # fmt: skip


feature = Feature(
    id="interpreter_pool",
    title="Interpreter pool",
    short="Work in interpreters.",
    summary="The work goes to another interpreter on a thread of the same process, which has a GIL of its own.",
    group="Beside the event loop",
    order=50,
    # The loop above hands over; two threads of this process run side by side, the third request waits for one of them.
    picture=(
        (0, 0.04, 0.04, State.RUNNING),
        (0, 0.10, 0.04, State.RUNNING),
        (0, 0.16, 0.04, State.RUNNING),
        (0, 0.48, 0.04, State.RUNNING),
        (0, 0.54, 0.04, State.RUNNING),
        (1, 0.10, 0.38, State.RUNNING),
        (1, 0.49, 0.38, State.RUNNING),
        (2, 0.16, 0.38, State.RUNNING),
        (3, 0.22, 0.27, State.QUEUED),
        (3, 0.49, 0.38, State.AWAITING),
    ),
    entry="explorer.server.dispatch.interpreter_pool.handler:job",
    knobs=InterpreterPoolKnobs,
    form="blocking",
    python=(3, 14),
    refuses={"workload.database": NOT_INSIDE, "workload.db_events": NOT_INSIDE},
    places=lambda knobs: Places(
        knobs.interpreters, "process", gils=knobs.interpreters, name="interpreters", symbol="W"
    ),
)
