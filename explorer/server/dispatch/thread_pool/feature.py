"""Thread pool: the handler is a plain def, which FastAPI runs in a worker thread."""

from explorer.catalog import Feature
from explorer.demand import Places
from explorer.options import Knobs, knob
from explorer.records.states import State


class ThreadPoolKnobs(Knobs):
    """What limits the worker threads."""

    tokens: int = knob(
        40, ge=1, le=1000, title="Tokens", unit="threads", effect="live",
        description="How many handlers run in worker threads at once; the others wait for a token. "
        "Every event loop has its own: under thread per connection they count per connection.",
    )  # fmt: skip


feature = Feature(
    id="thread_pool",
    title="Thread pool",
    short="def in worker threads.",
    summary="A plain def runs in a worker thread; tokens limit how many run at once.",
    group="Beside the event loop",
    order=30,
    # The loop above hands over; two worker threads stand still for their request, the third request waits for a token.
    picture=(
        (0, 0.04, 0.04, State.RUNNING),
        (0, 0.10, 0.04, State.RUNNING),
        (0, 0.16, 0.04, State.RUNNING),
        (0, 0.50, 0.04, State.RUNNING),
        (0, 0.56, 0.04, State.RUNNING),
        (1, 0.08, 0.42, State.BLOCKED),
        (1, 0.51, 0.42, State.BLOCKED),
        (2, 0.14, 0.42, State.BLOCKED),
        (3, 0.20, 0.31, State.QUEUED),
        (3, 0.51, 0.42, State.BLOCKED),
    ),
    entry="explorer.server.dispatch.thread_pool.handler:job",
    knobs=ThreadPoolKnobs,
    form="blocking",
    places=lambda knobs: Places(knobs.tokens, name="tokens", symbol="T"),
)
