"""The log that all requests of a process share."""

from typing import Any

from explorer.server.surroundings import Surroundings
from explorer.server.workloads.convoy.body import Log
from explorer.server.workloads.convoy.feature import ConvoyKnobs


class Arguments:
    """Arguments of the body for given knobs. The log stays the same when they change."""

    def __init__(self, around: Surroundings) -> None:
        """An empty log."""
        self._log = Log()

    def of(self, knobs: ConvoyKnobs) -> dict[str, Any]:
        """The keyword arguments."""
        return {"log": self._log, **knobs.model_dump()}

    def close(self) -> None:
        """Nothing to let go of."""
