"""Thread per connection: every connection gets a thread with an event loop of its own, which ends with it.

A request that computes holds up nobody's loop but its own connection's; all threads still share one GIL. What belongs
to a loop there is one of per connection: the thread pool's tokens count per connection, not for the server.
"""

from explorer.catalog import Feature
from explorer.demand import Serving
from explorer.records.states import State
from explorer.server.context import ServerContext

feature = Feature(
    id="thread_per_connection",
    title="Thread per connection",
    short="A thread for each.",
    summary="Every connection gets a thread, which ends with it.",
    group="One for each connection",
    order=30,
    # Above the loop that accepts; below, threads that begin with their connection and end with it, side by side.
    picture=(
        (0, 0.02, 0.03, State.RUNNING),
        (0, 0.16, 0.03, State.RUNNING),
        (0, 0.46, 0.03, State.RUNNING),
        (1, 0.06, 0.22, State.RUNNING),
        (1, 0.28, 0.14, State.BLOCKED),
        (1, 0.42, 0.12, State.RUNNING),
        (2, 0.20, 0.16, State.RUNNING),
        (2, 0.36, 0.34, State.BLOCKED),
        (3, 0.50, 0.18, State.BLOCKED),
        (3, 0.68, 0.26, State.RUNNING),
    ),
    entry="explorer.server.models.thread_per_connection:serve",
    serving=lambda knobs: Serving(loops=None),
)


def serve(server: ServerContext) -> None:
    """Serve until the channel says stop."""
    from explorer.server.connections.threads import serve_in_threads

    serve_in_threads(server)
