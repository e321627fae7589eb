"""The shelf that all requests of a process share."""

from typing import Any

from explorer.server.surroundings import Surroundings
from explorer.server.workloads.reader_starvation.body import Shelf
from explorer.server.workloads.reader_starvation.feature import ReaderStarvationKnobs


class Arguments:
    """Arguments of the body for given knobs. The shelf stays the same when they change live."""

    def __init__(self, around: Surroundings) -> None:
        """It is made when it is known who goes first."""
        self._shelf: Shelf | None = None

    def of(self, knobs: ReaderStarvationKnobs) -> dict[str, Any]:
        """The keyword arguments."""
        if self._shelf is None:
            self._shelf = Shelf("writers" if knobs.cured else "readers")
        return {"shelf": self._shelf, "read": knobs.read, "write": knobs.write}

    def close(self) -> None:
        """Nothing to let go of."""
