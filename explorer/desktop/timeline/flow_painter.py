"""Paints the arrows along the selected request's way."""

from typing import Final

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen, QPolygonF

from explorer.desktop.theme import Theme
from explorer.desktop.timeline.flows import Flow, flows
from explorer.desktop.timeline.layout import Placed, bar_room
from explorer.desktop.timeline.rows import REQUESTS_KEY, RowKind, process_key
from explorer.desktop.timeline.scene import Scene
from explorer.records.states import TrackKind
from explorer.store.store import Store

WIDTH, HALO, RING, HEAD = 1.8, 4.5, 3.4, 8.0
MANY: Final = 16
THIN: Final = 1.0
"""The lines of more arrows than that are so wide, px: they leave more to be seen, and cost a quarter."""
BEYOND: Final = 400.0
"""Pixels beyond an edge of the view up to which an arrow's end is still told apart."""


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
        ways: list[tuple[QPointF, QPointF]] = []
        follow = self._scene.follow
        for flow in self.flows:
            if max(flow.from_time, flow.to_time) < view.begin or min(flow.from_time, flow.to_time) > view.end:
                continue
            if follow.replays and max(flow.from_time, flow.to_time) > follow.now:
                continue  # in a replay nobody has come there yet
            begin, end = self._at(store, flow.from_track), self._at(store, flow.to_track)
            if begin is None or end is None or begin is end:
                continue
            start = QPointF(self._x(flow.from_time), self._y(begin))
            stop = QPointF(self._x(flow.to_time), self._y(end))
            if max(start.y(), stop.y()) >= 0 and min(start.y(), stop.y()) <= height:
                ways.append((start, stop))
        wide = WIDTH * self._theme.scale if len(ways) <= MANY else THIN
        for start, stop in ways:
            self._draw(painter, start, stop, wide)

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
        return (top + floor) / 2 - placed.y + self._scene.top_of(placed)

    def _draw(self, painter: QPainter, start: QPointF, stop: QPointF, wide: float) -> None:
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
        painter.setBrush(Qt.BrushStyle.NoBrush)
        # The halo only keeps the line apart from what lies below: smooth edges of it cost five times as much.
        for color, thick, smooth in ((ground, HALO * px, False), (ink, wide, True)):
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, smooth)
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
