"""Event loop: one thread, one loop, all connections in turn; uvicorn as most people run it."""

from explorer.catalog import Feature
from explorer.demand import Serving
from explorer.records.states import State
from explorer.server.context import ServerContext

feature = Feature(
    id="event_loop",
    title="Event loop",
    short="One thread takes turns.",
    summary="One thread serves all connections in turn.",
    group="Event loops",
    order=10,
    # One row, the loop; it takes one callback after the other and idles in between.
    picture=(
        (0, 0.04, 0.12, State.RUNNING),
        (0, 0.18, 0.10, State.RUNNING),
        (0, 0.30, 0.16, State.RUNNING),
        (0, 0.46, 0.10, State.IDLE),
        (0, 0.56, 0.14, State.RUNNING),
        (0, 0.72, 0.22, State.RUNNING),
    ),
    entry="explorer.server.models.event_loop:serve",
    serving=lambda knobs: Serving(),
)


def serve(server: ServerContext) -> None:
    """Serve until the channel says stop."""
    from explorer.server.one_loop import serve_one_loop

    serve_one_loop(server)
