"""Marks of events along the top of a loop's lane, where the loop took them.

A mark with room to its left is drawn as the shape of its kind; those that crowd behind it, less than a mark's width
apart, are strokes in their kinds' colours, one pixel wide. So a burst reads as a shape with a comb behind it, and a
lane that is crowded throughout as a strip: which of the two a mark is depends on what lies before it, not on where the
view begins, and nothing flickers while the view moves. In a column that several kinds share the last of them in `RANK`
shows, which is mostly the rarest. With more than `MOST` events in view nothing is drawn: far out a strip would only
repeat that there was work.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Final

import numpy as np
from PySide6.QtCore import QPoint
from PySide6.QtGui import QImage, QPainter, QPixmap

from explorer.analysis.event_log import EventLog
from explorer.collect.source import Array
from explorer.desktop.event_marks import SIZE, mark_box, mark_picture
from explorer.desktop.theme import Theme
from explorer.desktop.timeline.viewport import Viewport
from explorer.records.event_kinds import EVENT_KINDS, NUMBER, EventKind

MOST: Final = 40_000
"""Events in view that are drawn: about 2 ms."""
CROWDED: Final = 0.5
"""Marks per pixel of a lane from which it is a strip: hardly one has room, and sorting them would cost the most."""
MOST_SHAPES: Final = 600
"""Shapes in view; where there would be more all marks are strokes."""
RANK: Final = tuple(
    NUMBER[kind]
    for kind in (
        EventKind.HTTP,
        EventKind.THREAD,
        EventKind.WEBSOCKET,
        EventKind.SSE,
        EventKind.DATABASE,
        EventKind.TIMER,
        EventKind.SIGNAL,
    )
)
"""Numbers of the kinds, what is mostly the rarest last."""
STROKE_HEIGHT: Final = 4
TOP: Final = 1
"""Free pixels above the marks."""
MOST_TRACKS: Final = 1 << 20
"""Higher track numbers are only seen in a damaged recording; a table reaches up to the highest."""


@dataclass(frozen=True, slots=True)
class MarkedLane:
    """A loop's lane in sight: its track and the top of its row, px."""

    track: int
    top: int


class MarkPainter:
    """Paints the marks of one theme."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._pictures: dict[tuple[int, float], QPixmap] = {}
        self._colors = np.zeros(len(EVENT_KINDS) + 1, "<u4")
        self.restyle()

    def restyle(self) -> None:
        """Colours have changed."""
        self._pictures.clear()
        self._colors[1:] = [self._theme.event_color(kind).rgba() for kind in EVENT_KINDS]
        opaque = round(255 * (1 - self._theme.tokens.dim))
        self._dim_colors = (self._colors & 0xFFFFFF) | np.where(self._colors, opaque << 24, 0).astype("<u4")

    def paint(
        self,
        painter: QPainter,
        view: Viewport,
        log: EventLog,
        lanes: Sequence[MarkedLane],
        until: int,
        kinds: Set[EventKind],
        request: int = 0,
    ) -> None:
        """Mark the events up to a moment (ns), of `kinds` (empty: all); with a `request` the others step back."""
        highest = max((lane.track for lane in lanes), default=MOST_TRACKS)
        if highest >= MOST_TRACKS:
            return
        margin = round(view.ns_per_px * 2 * SIZE)
        events = log.between(view.begin - margin, min(view.end + margin, until), MOST, kinds)
        if events is None or not len(events):
            return
        table = np.full(highest + 2, -1, np.int32)
        table[[lane.track for lane in lanes]] = range(len(lanes))
        lane_of = table[np.minimum(events["track"], highest + 1)]
        here = np.flatnonzero(lane_of >= 0)
        pixels = np.rint(view.xs(events["time"][here])).astype(np.int32)
        marks = Marks(lane_of[here], pixels, events["kind"][here].astype(np.uint8))
        bright = events["request"][here] == request if request else None
        free = marks.with_room(self._theme.px(SIZE) + 1, len(lanes), view.width)
        if np.count_nonzero(free) > MOST_SHAPES:
            free[:] = False
        tops = [lane.top + TOP for lane in lanes]
        self._paint_strokes(painter, marks, free, bright, tops, view.width)
        if bright is None:
            self._paint_shapes(painter, marks.some(free), tops)
            return
        painter.setOpacity(1 - self._theme.tokens.dim)
        self._paint_shapes(painter, marks.some(free & ~bright), tops)
        painter.setOpacity(1.0)
        self._paint_shapes(painter, marks.some(free & bright), tops)

    def _paint_strokes(
        self, painter: QPainter, marks: "Marks", free: Array, bright: Array | None, tops: Sequence[int], width: int
    ) -> None:
        """Those that have no room: dim ones in translucent colours, which cost a fifth of a translucent painter."""
        high = self._theme.px(STROKE_HEIGHT)
        if bright is None:
            rows = dict(marks.some(~free).strokes(len(tops), width, self._colors))
        else:
            rows = dict(marks.some(~free & ~bright).strokes(len(tops), width, self._dim_colors))
            for lane, row in marks.some(~free & bright).strokes(len(tops), width, self._colors):
                rows[lane] = np.where(row, row, rows[lane]) if lane in rows else row
        for lane, row in rows.items():
            picture = np.repeat(row[None, :], high, axis=0)
            image = QImage(picture.data, width, high, width * 4, QImage.Format.Format_ARGB32)
            painter.drawImage(QPoint(0, tops[lane]), image)

    def _paint_shapes(self, painter: QPainter, shapes: "Marks", tops: Sequence[int]) -> None:
        half = mark_box(self._theme) // 2
        ratio = painter.device().devicePixelRatio()
        columns = (shapes.lane.tolist(), shapes.pixel.tolist(), shapes.kind.tolist())
        for lane, x, kind in zip(*columns, strict=True):
            painter.drawPixmap(x - half, tops[lane] - 1, self._picture(kind, ratio))

    def _picture(self, kind: int, ratio: float) -> QPixmap:
        picture = self._pictures.get((kind, ratio))
        if picture is None:
            picture = self._pictures[kind, ratio] = mark_picture(self._theme, EVENT_KINDS[kind - 1], ratio)
        return picture


@dataclass(frozen=True, slots=True)
class Marks:
    """Marks by column, (n,) each: the place of the lane in the list of lanes, the pixel, the number of the kind."""

    lane: Array
    pixel: Array
    kind: Array

    def some(self, which: Array) -> "Marks":
        """Those that are chosen."""
        return Marks(self.lane[which], self.pixel[which], self.kind[which])

    def with_room(self, needed: int, lanes: int, width: int) -> Array:
        """Which have `needed` pixels free to their left, (n,) of bool; in a crowded lane none."""
        free = np.zeros(len(self.lane), bool)
        crowded = np.bincount(self.lane, minlength=lanes) > CROWDED * width
        calm = np.flatnonzero(~crowded[self.lane])
        if len(calm):
            order = calm[np.lexsort((self.pixel[calm], self.lane[calm]))]
            lane, pixel = self.lane[order], self.pixel[order]
            room = np.ones(len(order), bool)
            room[1:] = (np.diff(pixel) >= needed) | (np.diff(lane) != 0)
            free[order[room]] = True
        return free

    def strokes(self, lanes: int, width: int, colors: Array) -> list[tuple[int, Array]]:
        """A row of a picture, (width,) of ARGB, for each lane that has any: of several kinds the last in `RANK`."""
        inside = (self.pixel >= 0) & (self.pixel < width)
        places = (self.lane.astype(np.int64) * width + self.pixel)[inside]
        kind = self.kind[inside]
        last = np.zeros(lanes * width, np.uint8)
        present = np.bincount(kind, minlength=len(RANK) + 1)
        for number in RANK:
            if present[number]:
                last[places[kind == number]] = number
        rows = last.reshape(lanes, width)
        return [(lane, colors[rows[lane]]) for lane in np.flatnonzero(rows.any(axis=1)).tolist()]


def mark_at(log: EventLog, track: int, time: int, tolerance: int, kinds: Set[EventKind]) -> Array | None:
    """The event marked nearest to a time (ns) on a loop's lane, at most `tolerance` away; None if there is none."""
    events = log.between(time - tolerance, time + tolerance, MOST, kinds)
    if events is None:
        return None
    events = events[events["track"] == track]
    if not len(events):
        return None
    nearest: Array = events[int(np.argmin(np.abs(events["time"] - time)))]
    return nearest
