"""Arrows along the way of the selected request: from its row to the loop, to each thread or process and back, to the
end of its response.

What belongs to a request says where it was: spans on lanes of loops, threads and processes. The first lane is home.
Everything it did elsewhere is a visit: an arrow leads there from what ran at home before, and back to what ran at home
next. So a fan-out has an arrow to each of its jobs, a chain of jobs one after the other, and a call to an upstream
server one to its loop and one back. All is found once when the selection changes; a frame only looks up pixels.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen, QPolygonF

from explorer.collect.source import Track
from explorer.desktop.theme import Theme
from explorer.desktop.timeline.layout import Placed, bar_room
from explorer.desktop.timeline.rows import REQUESTS_KEY, RowKind, process_key
from explorer.desktop.timeline.scene import Scene
from explorer.records.states import Kind, TrackKind
from explorer.store.rows import Span
from explorer.store.store import Store

MOST: Final = 64
"""Arrows of one request; of more visits the longest count."""
WIDTH, HALO, RING, HEAD = 1.8, 4.5, 3.4, 8.0
BEYOND: Final = 400.0
"""Pixels beyond an edge of the view up to which an arrow's end is still told apart."""
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


class FlowPainter:
    """Paints the arrows of the scene's selection."""

    def __init__(self, theme: Theme, scene: Scene) -> None:
        self._theme = theme
        self._scene = scene
        self._known: tuple[int, int] = (0, 0)
        self.flows: list[Flow] = []

    def paint(self, painter: QPainter, store: Store, height: int) -> None:
        """Over the lanes, which are `height` pixels high. An end whose lane is hidden is at its group's row."""
        selection, view = self._scene.selection, self._scene.view
        known = (selection.request, len(selection.spans))
        if known != self._known:
            self._known = known
            self.flows = flows(selection.spans, store.tracks) if selection.request else []
        for flow in self.flows:
            if max(flow.from_time, flow.to_time) < view.begin or min(flow.from_time, flow.to_time) > view.end:
                continue
            begin, end = self._at(store, flow.from_track), self._at(store, flow.to_track)
            if begin is None or end is None or begin is end:
                continue
            start = QPointF(self._x(flow.from_time), self._y(begin))
            stop = QPointF(self._x(flow.to_time), self._y(end))
            if max(start.y(), stop.y()) >= 0 and min(start.y(), stop.y()) <= height:
                self._draw(painter, start, stop)

    def _at(self, store: Store, number: int) -> Placed | None:
        """Where a track is shown: its row, else the fold or the group that hides it."""
        layout, track = self._scene.layout, store.tracks.get(number)
        placed = layout.of_track(number)
        if placed is not None or track is None:
            return placed
        if track.kind is TrackKind.LANE:
            group, kind = REQUESTS_KEY, RowKind.REQUEST
        else:
            process = store.processes.get(track.process)
            if process is None:
                return None
            group, kind = process_key(process), RowKind.LANE
        return layout.find(f"fold {group} {kind.name}") or layout.find(group)

    def _x(self, time: int) -> float:
        view = self._scene.view
        return min(max(view.x(time), -BEYOND), view.width + BEYOND)

    def _y(self, placed: Placed) -> float:
        top, floor = bar_room(placed) if placed.row.track else (placed.y, placed.bottom)
        return (top + floor) / 2 - self._scene.scroll

    def _draw(self, painter: QPainter, start: QPointF, stop: QPointF) -> None:
        theme = self._theme
        ink, ground = theme.color("text"), theme.color("lane")
        px = theme.scale
        bend = min(max(abs(stop.x() - start.x()) * 0.45, 14.0 * px), 160.0 * px)
        tip = QPointF(stop.x() - 1.0, stop.y())
        curve = QPainterPath(start)
        curve.cubicTo(
            QPointF(start.x() + bend, start.y()),
            QPointF(tip.x() - bend, tip.y()),
            QPointF(tip.x() - HEAD * px / 2, tip.y()),
        )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for color, thick in ((ground, HALO * px), (ink, WIDTH * px)):
            painter.setPen(QPen(color, thick, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
            painter.drawPath(curve)
        painter.setPen(QPen(ink, WIDTH * px))
        painter.setBrush(ground)
        painter.drawEllipse(start, RING * px, RING * px)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        wing = HEAD * px * 0.45
        painter.drawPolygon(
            QPolygonF([tip, QPointF(tip.x() - HEAD * px, tip.y() - wing), QPointF(tip.x() - HEAD * px, tip.y() + wing)])
        )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setBrush(Qt.BrushStyle.NoBrush)
