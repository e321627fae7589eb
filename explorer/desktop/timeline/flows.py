"""Arrows along the way of the selected request: from its row to the loop, to each thread or process and back, to the
end of its response.

What belongs to a request says where it was: spans on lanes of loops, threads and processes. The first lane is home.
Everything it did elsewhere is a visit: an arrow leads there from what ran at home before, and back to what ran at home
next. So a fan-out has an arrow to each of its jobs, a chain of jobs one after the other, and a call to an upstream
server one to its loop and one back. All is found once when the selection changes (`flow_painter`); a frame only looks
up pixels. No Qt.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np

from explorer.collect.source import Track
from explorer.records.states import Kind, TrackKind
from explorer.store.rows import Span

MOST: Final = 64
"""Arrows of one request; of more visits the longest count."""
_PLACES: Final = (TrackKind.LOOP, TrackKind.THREAD)
_WORK: Final = (Kind.CALLBACK, Kind.STEP, Kind.IO, Kind.TIMER, Kind.HANDOVER, Kind.JOB)


class Flow(NamedTuple):
    """An arrow from a moment (ns) on one track to a moment on another."""

    from_track: int
    from_time: int
    to_track: int
    to_time: int


@dataclass(frozen=True, slots=True)
class _Visit:
    """What a request did on one track between two things it did at home."""

    track: int
    start: int
    end: int


def flows(spans: Sequence[Span], tracks: dict[int, Track]) -> list[Flow]:
    """The arrows of one request; `spans` are all that belong to it."""
    kinds = {number: tracks[number].kind for number in {span.track for span in spans} if number in tracks}
    work = sorted(
        (span for span in spans if not span.depth and span.kind in _WORK and kinds.get(span.track) in _PLACES),
        key=lambda span: span.start,
    )
    if not work:
        return []
    row = [span for span in spans if span.kind is Kind.PIECE and kinds.get(span.track) is TrackKind.LANE]
    answered = max((span.end for span in row), default=work[-1].end)
    home = work[0].track
    own = [span for span in work if span.track == home]
    visits = _visits([span for span in work if span.track != home and span.start < answered], own)
    if len(visits) > MOST // 2:
        visits = sorted(sorted(visits, key=lambda visit: visit.start - visit.end)[: MOST // 2], key=lambda v: v.start)
    found = []
    if row:
        first = min(row, key=lambda span: span.start)
        found.append(Flow(first.track, first.start, home, own[0].start))
    for visit in visits:
        before = max((span for span in own if span.start <= visit.start), key=lambda span: span.start, default=None)
        if before is not None:
            found.append(Flow(home, min(before.end, visit.start), visit.track, visit.start))
        after = next((span for span in own if span.start >= visit.end), None)
        if after is not None:
            found.append(Flow(visit.track, visit.end, home, after.start))
    if row:
        last = max((span for span in own if span.start <= answered), key=lambda span: span.start, default=own[-1])
        end = max(row, key=lambda span: span.end)
        found.append(Flow(home, min(last.end, answered), end.track, end.end))
    return found


def _visits(elsewhere: Iterable[Span], own: Sequence[Span]) -> list[_Visit]:
    """What was done elsewhere, joined on each track where nothing was done at home in between."""
    by_track: dict[int, list[Span]] = {}
    for span in elsewhere:
        by_track.setdefault(span.track, []).append(span)
    starts = np.array([span.start for span in own])
    visits = []
    for track, several in by_track.items():
        begin = several[0].start
        for span, following in pairwise(several):
            between = np.searchsorted(starts, following.start) > np.searchsorted(starts, span.end)
            if span.kind is Kind.JOB or following.kind is Kind.JOB or between:
                visits.append(_Visit(track, begin, span.end))
                begin = following.start
        visits.append(_Visit(track, begin, several[-1].end))
    return sorted(visits, key=lambda visit: visit.start)
