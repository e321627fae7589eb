"""Blocking coroutine: the handler is an async def that never awaits, the classic mistake."""

from explorer.catalog import Feature
from explorer.demand import Places
from explorer.records.states import State

feature = Feature(
    id="blocking_coroutine",
    title="Blocking coroutine",
    short="async def that blocks.",
    summary="An async def that never awaits: until it ends, nobody else is served.",
    group="On the event loop",
    order=20,
    # The loop above stands still for one request after the other; below, the others queue.
    picture=(
        (0, 0.04, 0.28, State.BLOCKED),
        (0, 0.34, 0.28, State.BLOCKED),
        (0, 0.64, 0.28, State.BLOCKED),
        (1, 0.04, 0.28, State.BLOCKED),
        (2, 0.04, 0.30, State.QUEUED),
        (2, 0.34, 0.28, State.BLOCKED),
        (3, 0.04, 0.60, State.QUEUED),
        (3, 0.64, 0.28, State.BLOCKED),
    ),
    entry="explorer.server.dispatch.blocking_coroutine.handler:job",
    form="blocking",
    places=lambda knobs: Places(1, on_loop=True, name="event loop", symbol="1"),
)
