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


@dataclass(slots=True)
class _Followed:
    """What is known of one run: its gateways, the ways of their requests, and what each of these is at."""

    gateways: list[int] = field(default_factory=list)
    ways: dict[int, _Way] = field(default_factory=dict)
    now: dict[int, Stay] = field(default_factory=dict)


class Trips:
    """Follows the requests of the gateway through the batches of one run after the other."""

    def __init__(self, told: Told) -> None:
        self._told = told
        self._run = _Followed()  # taken once by whoever works with it: `begin` puts another in its place

    def so_far(self, request: int, now: int) -> tuple[Stay, ...]:
        """The stays of a request that is under way, up to `now` (ns); may be asked from another thread."""
        run = self._run
        way, last = run.ways.get(request), run.now.get(request)
        known = tuple(way.stays) if way is not None else ()
        if last is not None and last.start <= now and not (known and known[-1].end > last.start):
            known = (*known, Stay(last.state, last.start, now))
        return known

    def begin(self) -> None:
        """Another run: numbers of processes and requests begin anew. May be called from another thread."""
        self._run = _Followed()

    def feed(self, batch: Batch) -> None:
        """Take in what is new."""
        run = self._run
        run.gateways += [one.number for one in batch.processes if one.role is Role.GATEWAY]
        if not run.gateways:
            return
        if batch.open_spans is not None:
            mine = (one for one in batch.open_spans if one.request >> PROCESS_SHIFT in run.gateways)
            run.now = {
                one.request: Stay(_word(one.state), one.start, one.start) for one in mine if one.kind is Kind.PIECE
            }
        spans = batch.spans
        if len(spans):
            whose = np.isin(spans["request"] >> np.uint64(PROCESS_SHIFT), np.array(run.gateways, np.uint64))
            kinds = (spans["kind"] == Kind.PIECE) | (spans["kind"] == Kind.CLIENT_REQUEST)
            _take(run, spans[whose & kinds])
        self._tell(run, batch.now)

    def _tell(self, run: _Followed, now: int) -> None:
        over = [
            request for request, way in run.ways.items() if way.covered or (way.end and way.end < now - PATIENCE_NS)
        ]
        for request in over:
            self._told(request, tuple(run.ways.pop(request).stays))


def _take(run: _Followed, spans: Array) -> None:
    columns = (spans[name].tolist() for name in ("request", "kind", "state", "start", "end"))
    for request, kind, state, start, end in zip(*columns, strict=True):
        way = run.ways.setdefault(request, _Way())
        if kind == Kind.PIECE:
            way.add(Stay(_word(state), start, end))
        else:
            way.length, way.end = end - start, end
    while len(run.ways) > MOST:
        del run.ways[next(iter(run.ways))]


def _word(state: int) -> str:
    return State(state).name.lower()
