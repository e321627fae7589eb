"""Check, then act: coroutines check, await and act; what they checked need not be true any more."""

from typing import Literal

from explorer.catalog import Feature
from explorer.options import Knobs, knob
from explorer.records.states import State
from explorer.server.sharing import AMONG_TASKS, NO_THREADS


class CheckThenActKnobs(Knobs):
    """Whether and how the race is cured, and what is sold to how many."""

    cured: bool = knob(False, title="Cured", description="Let nobody check between another one's check and act.")
    cure: Literal["no_await", "lock"] = knob(
        "no_await", title="Cure", labels={"no_await": "no await between", "lock": "asyncio.Lock"},
        description="How, when it is cured: check and act with no await between them, or hold an asyncio.Lock.",
    )  # fmt: skip
    seats: int = knob(
        10, ge=1, le=10_000, title="Seats", unit="seats", effect="live",
        description="How many seats there are for each performance.",
    )  # fmt: skip
    guests: int = knob(
        40, ge=1, le=100_000, title="Guests", unit="requests", effect="live",
        description="After so many requests the next performance is on sale.",
    )  # fmt: skip
    seconds: float = knob(
        0.05, ge=0, le=60, title="Payment", unit="s", effect="live",
        description="How long the payment is awaited between checking and taking the seat.",
    )  # fmt: skip


feature = Feature(
    id="check_then_act",
    title="Check, then act (async)",
    short="A race at the await.",
    summary="Coroutines check, await and act; no thread is involved, and yet seats are sold twice.",
    group="Locks",
    order=301,
    # Both check before either acts.
    picture=(
        (0, 0.04, 0.12, State.RUNNING),
        (0, 0.16, 0.52, State.AWAITING),
        (0, 0.68, 0.12, State.RUNNING),
        (1, 0.16, 0.12, State.RUNNING),
        (1, 0.28, 0.52, State.AWAITING),
        (1, 0.80, 0.12, State.RUNNING),
    ),
    entry="explorer.server.workloads.check_then_act.body:awaiting",
    knobs=CheckThenActKnobs,
    forms=("awaiting",),
    no_form={"blocking": NO_THREADS},
    refuses=AMONG_TASKS,
)
