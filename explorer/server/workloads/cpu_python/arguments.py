"""Turns the wished CPU time of Python work into a number of loops."""

from typing import Any

from explorer.server.calibrate import rate
from explorer.server.surroundings import Surroundings
from explorer.server.workloads.cpu_python.body import blocking
from explorer.server.workloads.cpu_python.feature import CpuPythonKnobs


class Arguments:
    """Arguments of `body.blocking` for given knobs."""

    def __init__(self, around: Surroundings) -> None:
        """Measure this interpreter, or read what was measured in this run before."""
        self._loops_per_second = rate("cpu_python", blocking, around.run)

    def of(self, knobs: CpuPythonKnobs) -> dict[str, Any]:
        """The keyword arguments."""
        return {"loops": max(1, round(knobs.seconds * self._loops_per_second))}

    def close(self) -> None:
        """Nothing to let go of."""
