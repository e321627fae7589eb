"""Of the knobs of the event stream only the time concerns its body; how often it is called is the handler's affair."""

from typing import Any

from explorer.server.surroundings import Surroundings
from explorer.server.workloads.sse.feature import SseKnobs


class Arguments:
    """Arguments of both bodies for given knobs, beside the update's number."""

    def __init__(self, around: Surroundings) -> None:
        """Nothing to prepare."""

    def of(self, knobs: SseKnobs) -> dict[str, Any]:
        """The keyword arguments."""
        return {"seconds": knobs.seconds}

    def close(self) -> None:
        """Nothing to let go of."""
