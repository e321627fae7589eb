"""Turns the wished CPU time of mixed work into a number of loops."""

from typing import Any

from explorer.server.calibrate import rate
from explorer.server.surroundings import Surroundings
from explorer.server.workloads.mixed.body import compute
from explorer.server.workloads.mixed.feature import MixedKnobs


class Arguments:
    """Arguments of both bodies for given knobs."""

    def __init__(self, around: Surroundings) -> None:
        """Measure this interpreter, or read what was measured in this run before."""
        self._loops_per_second = rate("mixed", compute, around.run)

    def of(self, knobs: MixedKnobs) -> dict[str, Any]:
        """The keyword arguments."""
        return {"loops": max(2, round(knobs.seconds * self._loops_per_second)), "wait": knobs.wait}

    def close(self) -> None:
        """Nothing to let go of."""
