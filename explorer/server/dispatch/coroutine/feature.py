"""Coroutine: the handler is an async def that awaits its work."""

from explorer.catalog import Feature
from explorer.demand import Places
from explorer.records.states import State

feature = Feature(
    id="coroutine",
    title="Coroutine",
    short="async def that awaits.",
    summary="An async def that awaits: the loop serves others while it waits.",
    group="On the event loop",
    order=10,
    # The loop above: a short step for each request; below, three requests that wait at the same time.
    picture=(
        (0, 0.04, 0.05, State.RUNNING),
        (0, 0.11, 0.05, State.RUNNING),
        (0, 0.18, 0.05, State.RUNNING),
        (0, 0.80, 0.05, State.RUNNING),
        (0, 0.87, 0.05, State.RUNNING),
        (0, 0.94, 0.05, State.RUNNING),
        (1, 0.09, 0.71, State.AWAITING),
        (2, 0.16, 0.71, State.AWAITING),
        (3, 0.23, 0.71, State.AWAITING),
    ),
    entry="explorer.server.dispatch.coroutine.handler:job",
    form="awaiting",
    places=lambda knobs: Places(None, stands=False, on_loop=True),
)
