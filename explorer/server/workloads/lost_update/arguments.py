"""The account of all requests, whose books tell what went missing."""

from functools import partial
from typing import Any

from explorer.server import tracing
from explorer.server.books import RaisedNumber
from explorer.server.surroundings import Surroundings
from explorer.server.workloads.lost_update.body import Account
from explorer.server.workloads.lost_update.feature import LostUpdateKnobs


class WatchedAccount(Account):
    """An account whose balance is drawn whenever it is written."""

    def __init__(self, around: Surroundings) -> None:
        self.number = RaisedNumber(partial(tracing.counter, around.tracer), "balance", "additions")
        super().__init__()
        self.number.begin()

    @property
    def balance(self) -> int:
        """What has been added up."""
        return self.number.value

    @balance.setter
    def balance(self, value: int) -> None:
        self.number.write(value)


class Arguments:
    """Arguments of the body for given knobs. The account stays the same when they change."""

    def __init__(self, around: Surroundings) -> None:
        """Begin with nought."""
        self._account = WatchedAccount(around)

    def of(self, knobs: LostUpdateKnobs) -> dict[str, Any]:
        """The keyword arguments."""
        return {"account": self._account, **knobs.model_dump()}

    def close(self) -> None:
        """Nothing to let go of."""
