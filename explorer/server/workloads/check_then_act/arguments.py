"""Which way of selling the knobs mean; the performance is the handler's to give."""

from typing import Any

from explorer.server.surroundings import Surroundings
from explorer.server.workloads.check_then_act.feature import CheckThenActKnobs


class Arguments:
    """Arguments of the body for given knobs."""

    def __init__(self, around: Surroundings) -> None:
        """Nothing to prepare."""

    def of(self, knobs: CheckThenActKnobs) -> dict[str, Any]:
        """The keyword arguments."""
        return {"seconds": knobs.seconds, "cure": knobs.cure if knobs.cured else "none"}

    def close(self) -> None:
        """Nothing to let go of."""
