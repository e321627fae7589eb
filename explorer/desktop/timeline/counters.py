"""Counters as step areas in a row of the timeline."""

import numpy as np
from PySide6.QtGui import QBrush, QColor, QPainter

from explorer.collect.source import Array
from explorer.desktop.theme import Theme
from explorer.desktop.timeline.rects import Rects
from explorer.desktop.timeline.viewport import Viewport
from explorer.desktop.words import count
from explorer.records.sampling import GIL_WAITING
from explorer.records.states import State
from explorer.store.series import Series

QUEUE_WORDS = ("wait", "queue", "ready", "flight")
"""A counter has a hue only if it counts a state: these count what is queued."""
AREA_ALPHA = 70


class CounterPainter:
    """Paints the part of a series that is in view, scaled to its largest value there."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._rects = Rects()

    def paint(
        self, painter: QPainter, view: Viewport, series: Series, name: str, top: int, floor: int, until: int
    ) -> str:
        """Steps from `floor` up to `top` px, the last one reaching to `until` (ns). Returns the range in words."""
        times, values, lowest = seen_part(series, view, until)
        if not len(times):
            return ""
        most = max(float(values.max()), 1.0)
        left = np.rint(view.xs(times)).astype("<i4")
        right = np.append(left[1:], round(min(max(view.x(until), 0.0), view.width)))
        right = np.maximum(right, left)
        high = np.rint(np.maximum(values, 0) / most * (floor - top)).astype("<i4")
        color = self._color(name)
        area = QColor(color)
        area.setAlpha(AREA_ALPHA)
        self._rects.fill(painter, left, floor - high, right, floor, QBrush(area))
        if lowest is not None:
            low = np.rint(np.maximum(lowest, 0) / most * (floor - top)).astype("<i4")
            self._rects.fill(painter, left, floor - low, right, floor, QBrush(area))
        line = QBrush(color)
        self._rects.fill(painter, left, floor - high - 1, right + 1, floor - high, line)
        before, after = high[:-1], high[1:]
        self._rects.fill(
            painter,
            left[1:],
            floor - np.maximum(before, after) - 1,
            left[1:] + 1,
            floor - np.minimum(before, after),
            line,
        )
        return f"0 – {count(most)}"

    def _color(self, name: str) -> QColor:
        if name == GIL_WAITING:
            return self._theme.state(State.WAITING_GIL).fill
        if any(word in name.lower() for word in QUEUE_WORDS):
            return self._theme.state(State.QUEUED).fill
        return self._theme.color("ink")


def seen_part(series: Series, view: Viewport, until: int) -> tuple[Array, Array, Array | None]:
    """Times and values that decide what the view shows.

    Where several samples share a pixel it is their largest value, and the third array holds their smallest (else None).
    """
    times, values = series.times, series.values
    first = max(0, int(np.searchsorted(times, view.begin, "right")) - 1)
    last = int(np.searchsorted(times, min(view.end, until), "right"))
    times, values = times[first:last], values[first:last]
    if len(times) > 2 * view.width:
        column = np.clip((times - view.begin) * view.width // view.length, -1, view.width)
        firsts = np.flatnonzero(np.diff(column, prepend=column[0] - 1))
        return times[firsts], np.maximum.reduceat(values, firsts), np.minimum.reduceat(values, firsts)
    return times, values, None


def value_at(series: Series, time: int) -> float | None:
    """The value a counter had at a time (ns); None before its first sample."""
    at = int(np.searchsorted(series.times, time, "right")) - 1
    return float(series.values[at]) if at >= 0 else None
