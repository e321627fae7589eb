"""Prefork: several processes share the listening socket, each with an event loop of its own.

uvicorn's own supervisor of workers does the work: it starts them, asks each for a sign of life twice a second, and
replaces one that died. `explorer.server.workers` adds what a run needs to know of that.
"""

from explorer.catalog import Feature
from explorer.demand import Serving
from explorer.options import Knobs, knob
from explorer.records.states import State
from explorer.server.context import ServerContext


class PreforkKnobs(Knobs):
    """How many workers."""

    workers: int = knob(
        2, ge=1, le=64, title="Workers", unit="processes",
        description="How many processes serve the port, each with an event loop of its own. The system gives a new "
        "connection to whichever takes it first, and there it stays: a few users who reuse theirs may all meet in one.",
    )  # fmt: skip


feature = Feature(
    id="prefork",
    title="Prefork",
    short="Several event loops.",
    summary="Several processes share the port, each with an event loop of its own.",
    group="Event loops",
    order=20,
    # Two rows, two loops that run at the same time; the connections are not shared out evenly.
    picture=(
        (0, 0.04, 0.14, State.RUNNING),
        (0, 0.20, 0.22, State.RUNNING),
        (0, 0.42, 0.12, State.IDLE),
        (0, 0.54, 0.36, State.RUNNING),
        (1, 0.04, 0.10, State.IDLE),
        (1, 0.14, 0.20, State.RUNNING),
        (1, 0.36, 0.16, State.RUNNING),
        (1, 0.52, 0.42, State.IDLE),
    ),
    entry="explorer.server.models.prefork:serve",
    knobs=PreforkKnobs,
    serving=lambda knobs: Serving(knobs.workers, knobs.workers),
)


def serve(server: ServerContext) -> None:
    """Serve with `model.workers` processes until the channel says stop."""
    from explorer.server.workers import serve_with_workers

    serve_with_workers(server, server.scenario.model.knobs.model_dump()["workers"])
