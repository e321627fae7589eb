"""Where the time of phones' requests went, from the run's own records: how long in each state.

Fed with every batch, on the collector's thread. A request's pieces come with its end or a moment later, so a trip is
told once they cover it, or when they should have come.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from explorer.collect.source import Array, Batch
from explorer.records.schema import PROCESS_SHIFT
from explorer.records.states import Kind, Role, State

COVERED: Final = 0.99
"""Share of a request's time that its pieces cover when no more will come."""
PATIENCE_NS: Final = 1_000_000_000
MOST: Final = 1_000
"""Requests under way that are followed at once."""

Told = Callable[[int, dict[str, int]], object]
"""Of a request: its number, and ns by state."""


@dataclass(slots=True)
class _Way:
    """What is known of a request: ns by state, and its whole time and end (0: not over)."""

    states: dict[int, int] = field(default_factory=dict)
    length: int = 0
    end: int = 0

    @property
    def covered(self) -> bool:
        return self.end > 0 and sum(self.states.values()) >= self.length * COVERED


class Trips:
    """Follows the requests of the gateway through the batches of one run after the other."""

    def __init__(self, told: Told) -> None:
        self._told = told
        self._gateways: list[int] = []
        self._ways: dict[int, _Way] = {}

    def begin(self) -> None:
        """Another run: numbers of processes and requests begin anew."""
        self._gateways, self._ways = [], {}

    def feed(self, batch: Batch) -> None:
        """Take in what is new."""
        self._gateways += [one.number for one in batch.processes if one.role is Role.GATEWAY]
        if not self._gateways:
            return
        spans = batch.spans
        if len(spans):
            whose = np.isin(spans["request"] >> np.uint64(PROCESS_SHIFT), np.array(self._gateways, np.uint64))
            kinds = (spans["kind"] == Kind.PIECE) | (spans["kind"] == Kind.CLIENT_REQUEST)
            self._take(spans[whose & kinds])
        self._tell(batch.now)

    def _take(self, spans: Array) -> None:
        columns = (spans[name].tolist() for name in ("request", "kind", "state", "start", "end"))
        for request, kind, state, start, end in zip(*columns, strict=True):
            way = self._ways.setdefault(request, _Way())
            if kind == Kind.PIECE:
                way.states[state] = way.states.get(state, 0) + end - start
            else:
                way.length, way.end = end - start, end
        while len(self._ways) > MOST:
            del self._ways[next(iter(self._ways))]

    def _tell(self, now: int) -> None:
        over = [
            request for request, way in self._ways.items() if way.covered or (way.end and way.end < now - PATIENCE_NS)
        ]
        for request in over:
            way = self._ways.pop(request)
            self._told(request, {_word(state): ns for state, ns in way.states.items() if ns > 0})


def _word(state: int) -> str:
    return State(state).name.lower()
