"""Background task: the request is answered first, then its work is done."""

from explorer.catalog import Feature
from explorer.options import Knobs, knob
from explorer.records.states import State


class BackgroundKnobs(Knobs):
    """How much is left to do after the answer."""

    seconds: float = knob(
        0.2, ge=0, le=60, title="Afterwards", unit="s", effect="live",
        description="How long the work takes that is done after the answer, as a mail that is sent.",
    )  # fmt: skip


feature = Feature(
    id="background",
    title="Background task",
    short="Works after the answer.",
    summary="Answers first, then goes on working.",
    group="Waiting",
    order=80,
    # The request above is over soon; the thread below goes on with its work.
    picture=(
        (0, 0.06, 0.12, State.RUNNING),
        (1, 0.20, 0.06, State.RUNNING),
        (1, 0.26, 0.60, State.BLOCKED),
        (1, 0.86, 0.06, State.RUNNING),
    ),
    entry="explorer.server.workloads.background.body:awaiting",
    knobs=BackgroundKnobs,
    forms=("awaiting", "blocking"),
    calls={"time.sleep": State.BLOCKED},
)
