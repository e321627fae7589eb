"""The register that all requests of a process share."""

from typing import Any

from explorer.server.surroundings import Surroundings
from explorer.server.workloads.lock_in_async.body import Register
from explorer.server.workloads.lock_in_async.feature import LockInAsyncKnobs


class Arguments:
    """Arguments of the body for given knobs. The register stays the same when they change."""

    def __init__(self, around: Surroundings) -> None:
        """An empty register."""
        self._register = Register()

    def of(self, knobs: LockInAsyncKnobs) -> dict[str, Any]:
        """The keyword arguments."""
        return {"register": self._register, **knobs.model_dump()}

    def close(self) -> None:
        """Nothing to let go of."""
