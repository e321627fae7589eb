"""The page that all requests of a process write to."""

from typing import Any

from explorer.server.surroundings import Surroundings
from explorer.server.workloads.lock_across_await.body import Page
from explorer.server.workloads.lock_across_await.feature import LockAcrossAwaitKnobs


class Arguments:
    """Arguments of the body for given knobs. The page stays the same when they change."""

    def __init__(self, around: Surroundings) -> None:
        """An empty page."""
        self._page = Page()

    def of(self, knobs: LockAcrossAwaitKnobs) -> dict[str, Any]:
        """The keyword arguments."""
        return {"page": self._page, **knobs.model_dump()}

    def close(self) -> None:
        """Nothing to let go of."""
