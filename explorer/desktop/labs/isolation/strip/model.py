"""The lanes of a run: what each session did when. No Qt.

Statements take microseconds, waits and the pauses between steps up to seconds. So the axis is stretched where something
happens: each piece between two moments at which a statement begins, starts or stops waiting, or ends is drawn by the
logarithm of how long it took, and half of that where nobody does anything. Ticks say the true times.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from explorer.labs.isolation.trace import Ran, Trace

LEAST: Final = 1.0
SHORTEST_NS: Final = 10_000
"""What is shorter is drawn as if it took as long."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A statement, or the part of one, in the lane of a session: it ran, or it `waits`. `label` is the step's number,
    on one bar of each statement. `failed`: the statement ended with an error, at the end of this bar.
    """

    sent: int
    column: int
    begin: int
    end: int
    waits: bool
    label: str = ""
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Release:
    """At `time` the end of `source` let `target` go on."""

    time: int
    source: int
    target: int


@dataclass(frozen=True, slots=True)
class Axis:
    """Moments in ns and where they are, from 0 to 1."""

    moments: tuple[int, ...] = (0, 1)
    places: tuple[float, ...] = (0.0, 1.0)

    def place(self, time: int) -> float:
        """Where a moment is, 0 to 1."""
        at = min(max(bisect_right(self.moments, time) - 1, 0), len(self.moments) - 2)
        begin, end = self.moments[at], self.moments[at + 1]
        share = min(max((time - begin) / max(1, end - begin), 0.0), 1.0)
        return self.places[at] + share * (self.places[at + 1] - self.places[at])

    def ticks(self, apart: float) -> list[tuple[int, float]]:
        """Moments that are at least `apart` from one another, with their places; the first and the last always, whose
        words stand inside of them.
        """
        found = [(self.moments[0], self.places[0])]
        for moment, place in zip(self.moments[1:-1], self.places[1:-1], strict=True):
            before = apart * (1.5 if len(found) == 1 else 1.0)
            if place - found[-1][1] >= before and 1.0 - place >= 1.5 * apart:
                found.append((moment, place))
        return [*found, (self.moments[-1], self.places[-1])]


@dataclass(frozen=True, slots=True)
class Strip:
    """All of it; `origin` is when the first statement began, ns."""

    bars: tuple[Bar, ...] = ()
    releases: tuple[Release, ...] = ()
    axis: Axis = Axis()
    origin: int = 0


def strip(trace: Trace, columns: Sequence[str], now: int) -> Strip:
    """`columns` are the sessions in order, `now` the time until which what goes on is drawn."""
    sent = [one for one in trace.ran if one.state != "left out"]
    if not sent:
        return Strip()
    bars = [bar for one in sent for bar in _bars(one, columns.index(one.session), now)]
    releases = [
        Release(wait.until, wait.released_by, one.number)
        for one in sent
        for wait in one.waits
        if wait.until is not None and wait.released_by >= 0
    ]
    return Strip(tuple(bars), tuple(releases), _axis(bars), min(one.began for one in sent))


def _bars(one: Ran, column: int, now: int) -> list[Bar]:
    end = max(one.ended if one.ended is not None else now, one.began + 1)
    label = str(one.step + 1) if one.step >= 0 else ""
    pieces: list[tuple[int, int, bool]] = []
    at = one.began
    for wait in one.waits:
        until = min(wait.until if wait.until is not None else end, end)
        if wait.since > at:
            pieces.append((at, wait.since, False))
        pieces.append((max(at, wait.since), max(until, wait.since, at), True))
        at = pieces[-1][1]
    if end > at or not pieces:
        pieces.append((at, end, False))
    longest = max(range(len(pieces)), key=lambda number: (pieces[number][2], pieces[number][1] - pieces[number][0]))
    last = len(pieces) - 1
    return [
        Bar(
            one.number, column, begin, until, waits, label if number == longest else "",
            failed=number == last and one.failure is not None,
        )
        for number, (begin, until, waits) in enumerate(pieces)
    ]  # fmt: skip


def _axis(bars: Sequence[Bar]) -> Axis:
    moments = sorted({time for bar in bars for time in (bar.begin, bar.end)})
    if len(moments) < 2:
        moments = [moments[0], moments[0] + 1]
    widths = []
    for begin, end in pairwise(moments):
        busy = any(bar.begin < end and bar.end > begin for bar in bars)
        width = LEAST + math.log10(max(1.0, (end - begin) / SHORTEST_NS))
        widths.append(width if busy else width / 2)
    total, at = sum(widths), 0.0
    places = [0.0]
    for width in widths:
        at += width
        places.append(at / total)
    return Axis(tuple(moments), tuple(places))
