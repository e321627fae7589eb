"""Turns the wished CPU time of native work into a number of rounds."""

from typing import Any

from explorer.server.calibrate import rate
from explorer.server.surroundings import Surroundings
from explorer.server.workloads.cpu_native.body import blocking
from explorer.server.workloads.cpu_native.feature import CpuNativeKnobs


class Arguments:
    """Arguments of `body.blocking` for given knobs."""

    def __init__(self, around: Surroundings) -> None:
        """Measure this machine, or read what was measured in this run before."""
        self._rounds_per_second = rate("cpu_native", blocking, around.run)

    def of(self, knobs: CpuNativeKnobs) -> dict[str, Any]:
        """The keyword arguments."""
        return {"rounds": max(1, round(knobs.seconds * self._rounds_per_second))}

    def close(self) -> None:
        """Nothing to let go of."""
