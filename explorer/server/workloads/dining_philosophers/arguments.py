"""The table that all requests of a process sit at."""

from typing import Any

from explorer.server import tracing
from explorer.server.surroundings import Surroundings
from explorer.server.workloads.dining_philosophers.body import Table
from explorer.server.workloads.dining_philosophers.feature import DiningPhilosophersKnobs


class Arguments:
    """Arguments of the body for given knobs. The table stays the same when they change live."""

    def __init__(self, around: Surroundings) -> None:
        """It is laid when it is known for how many."""
        self._table: Table | None = None

    def of(self, knobs: DiningPhilosophersKnobs) -> dict[str, Any]:
        """The keyword arguments."""
        if self._table is None:
            self._table = Table(knobs.seats)
            for number, fork in enumerate(self._table.forks, 1):
                tracing.name_lock(fork, f"fork {number}")
        return {"table": self._table, **knobs.model_dump(exclude={"seats"})}

    def close(self) -> None:
        """Nothing to let go of."""
