"""Where the time of phones' requests went, from the run's own records: which states they were in, and when.

Fed with every batch, on the collector's thread. A request's pieces come with its end or a moment later, so a trip is
told once they cover it, or when they should have come.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from explorer.collect.source import Array, Batch
from explorer.lessons.audience.events import Stay
from explorer.records.schema import PROCESS_SHIFT
from explorer.records.states import Kind, Role, State

COVERED: Final = 0.99
"""Share of a request's time that its pieces cover when no more will come."""
PATIENCE_NS: Final = 1_000_000_000
MOST: Final = 1_000
"""Requests under way that are followed at once."""

MOST_STAYS: Final = 60
"""Of one request; what comes on top goes into the last."""

Told = Callable[[int, tuple[Stay, ...]], object]
"""Of a request: its number, and the states it was in."""


@dataclass(slots=True)
class _Way:
    """What is known of a request: its stays, the sum of them, and its whole time and end (0: not over)."""

    stays: list[Stay] = field(default_factory=list)
    known: int = 0
    length: int = 0
    end: int = 0

    @property
    def covered(self) -> bool:
        return self.end > 0 and self.known >= self.length * COVERED

    def add(self, stay: Stay) -> None:
        """Another one, in order of time."""
        self.known += stay.end - stay.start
        last = self.stays[-1] if self.stays else None
        if last is not None and (last.state == stay.state or len(self.stays) >= MOST_STAYS):
            self.stays[-1] = Stay(last.state, last.start, stay.end)
        else:
            self.stays.append(stay)


class Trips:
    """Follows the requests of the gateway through the batches of one run after the other."""

    def __init__(self, told: Told) -> None:
        self._told = told
        self._gateways: list[int] = []
        self._ways: dict[int, _Way] = {}
        self._now: dict[int, Stay] = {}

    def so_far(self, request: int, now: int) -> tuple[Stay, ...]:
        """The stays of a request that is under way, up to `now` (ns); may be asked from another thread."""
        way, last = self._ways.get(request), self._now.get(request)
        known = tuple(way.stays) if way is not None else ()
        if last is not None and last.start <= now and not (known and known[-1].end > last.start):
            known = (*known, Stay(last.state, last.start, now))
        return known

    def begin(self) -> None:
        """Another run: numbers of processes and requests begin anew."""
        self._gateways, self._ways, self._now = [], {}, {}

    def feed(self, batch: Batch) -> None:
        """Take in what is new."""
        self._gateways += [one.number for one in batch.processes if one.role is Role.GATEWAY]
        if not self._gateways:
            return
        if batch.open_spans is not None:
            mine = (one for one in batch.open_spans if one.request >> PROCESS_SHIFT in self._gateways)
            self._now = {
                one.request: Stay(_word(one.state), one.start, one.start) for one in mine if one.kind is Kind.PIECE
            }
        spans = batch.spans
        if len(spans):
            whose = np.isin(spans["request"] >> np.uint64(PROCESS_SHIFT), np.array(self._gateways, np.uint64))
            kinds = (spans["kind"] == Kind.PIECE) | (spans["kind"] == Kind.CLIENT_REQUEST)
            self._take(spans[whose & kinds])
        self._tell(batch.now)

    def _take(self, spans: Array) -> None:
        ways = self._ways  # `begin` may put others in their place, on another thread
        columns = (spans[name].tolist() for name in ("request", "kind", "state", "start", "end"))
        for request, kind, state, start, end in zip(*columns, strict=True):
            way = ways.setdefault(request, _Way())
            if kind == Kind.PIECE:
                way.add(Stay(_word(state), start, end))
            else:
                way.length, way.end = end - start, end
        while len(ways) > MOST:
            del ways[next(iter(ways))]

    def _tell(self, now: int) -> None:
        ways = self._ways
        over = [request for request, way in ways.items() if way.covered or (way.end and way.end < now - PATIENCE_NS)]
        for request in over:
            self._told(request, tuple(ways.pop(request).stays))


def _word(state: int) -> str:
    return State(state).name.lower()
