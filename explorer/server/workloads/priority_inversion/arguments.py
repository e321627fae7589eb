"""The desk that all requests of a process share, and how many loops the wished processor time takes."""

from typing import Any

from explorer.server.calibrate import rate
from explorer.server.surroundings import Surroundings
from explorer.server.workloads.priority_inversion.body import Desk, compute
from explorer.server.workloads.priority_inversion.feature import PriorityInversionKnobs


class Arguments:
    """Arguments of the body for given knobs. The desk stays the same when they change."""

    def __init__(self, around: Surroundings) -> None:
        """Measure this interpreter, or read what was measured in this run before."""
        self._desk = Desk()
        self._loops_per_second = rate("priority_inversion", compute, around.run)

    def of(self, knobs: PriorityInversionKnobs) -> dict[str, Any]:
        """The keyword arguments."""
        loops = max(1, round(knobs.seconds * self._loops_per_second))
        return {"desk": self._desk, "loops": loops, "pause": knobs.pause, "cured": knobs.cured}

    def close(self) -> None:
        """Nothing to let go of."""
