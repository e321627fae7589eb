"""Lets the objects of garbage go when the server that made them ends."""

from typing import Any

from explorer.server.surroundings import Surroundings
from explorer.server.workloads.gc_pressure import body
from explorer.server.workloads.gc_pressure.feature import GcPressureKnobs


class Arguments:
    """Arguments of `body.blocking` for given knobs."""

    def __init__(self, around: Surroundings) -> None:
        """Nothing to prepare."""

    def of(self, knobs: GcPressureKnobs) -> dict[str, Any]:
        """The keyword arguments."""
        return knobs.model_dump()

    def close(self) -> None:
        """Keep no object any longer."""
        body.alive.clear()
