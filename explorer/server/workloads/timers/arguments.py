"""The body is told of the one-shot timer only; the periodic one is the handler's."""

from typing import Any

from explorer.server.surroundings import Surroundings
from explorer.server.workloads.timers.feature import TimersKnobs


class Arguments:
    """Arguments of both bodies for given knobs."""

    def __init__(self, around: Surroundings) -> None:
        """Nothing to prepare."""

    def of(self, knobs: TimersKnobs) -> dict[str, Any]:
        """The keyword arguments."""
        return {"seconds": knobs.seconds}

    def close(self) -> None:
        """Nothing to let go of."""
