"""The body is told how long to work on an item; the queue and its consumers are the handler's."""

from typing import Any

from explorer.server.surroundings import Surroundings
from explorer.server.workloads.queue.feature import QueueKnobs


class Arguments:
    """Arguments of both bodies for given knobs."""

    def __init__(self, around: Surroundings) -> None:
        """Nothing to prepare."""

    def of(self, knobs: QueueKnobs) -> dict[str, Any]:
        """The keyword arguments."""
        return {"seconds": knobs.seconds}

    def close(self) -> None:
        """Nothing to let go of."""
