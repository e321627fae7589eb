"""What a search has found, as the lanes show it: outlined bars, and ticks where bars are too many to be seen."""

from collections.abc import Collection, Sequence

import numpy as np
from PySide6.QtGui import QBrush, QPainter

from explorer.collect.source import Array
from explorer.desktop.theme import Theme
from explorer.desktop.timeline.bands import Band, Form
from explorer.desktop.timeline.near import Bars
from explorer.desktop.timeline.rects import Rects, bar_box
from explorer.desktop.timeline.search.hits import Found
from explorer.desktop.timeline.viewport import Viewport
from explorer.records.states import State

TICK_WIDTH, TICK_HEIGHT = 2, 6


class FoundPainter:
    """Paints in ink: no hue is a hit."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._rects = Rects()

    def outline(self, painter: QPainter, bars: Bars, which: Array, tops: Array, floors: Array) -> None:
        """A line around those of the bars that `which` (bool per bar) says."""
        some = np.flatnonzero(which)
        ink = QBrush(self._theme.color("text"))
        for value in np.unique(bars.state[some]).tolist():
            mine = some[bars.state[some] == value]
            left, right, row = bars.left[mine], np.maximum(bars.right[mine], bars.left[mine] + 2), bars.row[mine]
            top, bottom = bar_box(self._theme.state(State(value)), tops[row], floors[row])
            self._rects.fill(painter, left, top, right, top + 1, ink)
            self._rects.fill(painter, left, bottom - 1, right, bottom, ink)
            self._rects.fill(painter, left, top, left + 1, bottom, ink)
            self._rects.fill(painter, right - 1, top, right, bottom, ink)

    def ticks(
        self,
        painter: QPainter,
        view: Viewport,
        found: Found,
        bands: Sequence[Band],
        dense: Collection[int],
        scroll: int,
    ) -> None:
        """Ticks at the top of the rows that are painted as columns."""
        hits = found.in_view(view.begin, view.end)
        if not len(hits):
            return
        ink = QBrush(self._theme.color("text"))
        for band in bands:
            if band.track in dense and band.form is Form.BARS:
                times = hits["time"][hits["track"] == band.track]
                pixels = np.unique(np.rint(view.xs(times)).astype("<i4"))
                top = band.top - scroll
                self._rects.fill(painter, pixels, top, pixels + TICK_WIDTH, top + TICK_HEIGHT, ink)
