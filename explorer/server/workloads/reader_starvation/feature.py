"""Reader starvation: a writer needs a moment without readers, and there is always one more."""

from explorer.catalog import Feature
from explorer.options import Knobs, knob
from explorer.records.states import State
from explorer.server.sharing import AMONG_THREADS, NO_TASKS


class ReaderStarvationKnobs(Knobs):
    """Who goes first, and how long readers and writer stay."""

    cured: bool = knob(
        False, title="Cured", description="A reader who comes while a writer waits goes in after that writer."
    )
    read: float = knob(
        0.03, ge=0, le=60, title="Read", unit="s", effect="live",
        description="How long a reader stays on average; some are quicker, some slower.",
    )  # fmt: skip
    write: float = knob(
        0.01, ge=0, le=60, title="Write", unit="s", effect="live",
        description="How long the writer stays.",
    )  # fmt: skip


feature = Feature(
    id="reader_starvation",
    title="Readers starve the writer",
    short="Always one more reader.",
    summary="A writer needs a moment without readers, and there is always one more; writers may go first.",
    group="Locks",
    order=303,
    picture=(
        (0, 0.04, 0.24, State.BLOCKED),
        (0, 0.32, 0.24, State.BLOCKED),
        (0, 0.60, 0.24, State.BLOCKED),
        (1, 0.16, 0.24, State.BLOCKED),
        (1, 0.44, 0.24, State.BLOCKED),
        (1, 0.72, 0.22, State.BLOCKED),
        (2, 0.12, 0.82, State.WAITING_LOCK),
    ),
    entry="explorer.server.workloads.reader_starvation.body:blocking",
    knobs=ReaderStarvationKnobs,
    forms=("blocking",),
    no_form={"awaiting": NO_TASKS},
    calls={"time.sleep": State.BLOCKED},
    refuses=AMONG_THREADS,
)
