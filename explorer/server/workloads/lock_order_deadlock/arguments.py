"""The two accounts of all requests of a process, and which way of transferring the knobs mean."""

from typing import Any

from explorer.server import tracing
from explorer.server.surroundings import Surroundings
from explorer.server.workloads.lock_order_deadlock.body import Account
from explorer.server.workloads.lock_order_deadlock.feature import LockOrderDeadlockKnobs

BALANCE = 1000


class Arguments:
    """Arguments of the body for given knobs. The accounts stay the same when they change live."""

    def __init__(self, around: Surroundings) -> None:
        """Two accounts with the same balance."""
        self._accounts = [Account("A", BALANCE), Account("B", BALANCE)]
        for account in self._accounts:
            tracing.name_lock(account.lock, account.name)

    def of(self, knobs: LockOrderDeadlockKnobs) -> dict[str, Any]:
        """The keyword arguments."""
        cure = knobs.cure if knobs.cured else "none"
        return {"accounts": self._accounts, "hold": knobs.hold, "timeout": knobs.timeout, "cure": cure}

    def close(self) -> None:
        """Nothing to let go of."""
