"""The belt that all requests of a process share."""

from typing import Any

from explorer.server.surroundings import Surroundings
from explorer.server.workloads.producer_consumer.body import Belt
from explorer.server.workloads.producer_consumer.feature import ProducerConsumerKnobs


class Arguments:
    """Arguments of the body for given knobs. The belt stays the same when they change live."""

    def __init__(self, around: Surroundings) -> None:
        """The belt is made when it is known how many places it has."""
        self._belt: Belt | None = None

    def of(self, knobs: ProducerConsumerKnobs) -> dict[str, Any]:
        """The keyword arguments."""
        if self._belt is None:
            self._belt = Belt(knobs.places if knobs.cured else 0)
        return {"belt": self._belt, "produce": knobs.produce}

    def close(self) -> None:
        """Send the consumer home, should there be one."""
        if self._belt is not None:
            self._belt.closed.set()
