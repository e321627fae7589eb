"""Many rectangles in one call: NumPy arrays handed to QPainter without copying, and the bars made of them.

`QPainter.drawRects(first rectangle, count)` takes a pointer. A QRect is four 32-bit integers, so a row of an (n, 4)
i4 array is one; with integers, no pen and a plain brush Qt fills them without its general rasteriser.
"""

from collections.abc import Callable

import numpy as np
import shiboken6
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QBrush, QColor, QPainter

from explorer.collect.source import Array
from explorer.desktop.theme import StateLook, Theme
from explorer.desktop.timeline.near import GAP_FROM, Bars
from explorer.desktop.widgets.paint import EDGE_FROM
from explorer.records.states import State


class Rects:
    """A buffer of rectangles that grows as needed."""

    def __init__(self) -> None:
        self._buffer = np.empty((1024, 4), "<i4")

    def fill(
        self,
        painter: QPainter,
        left: Array | int,
        top: Array | int,
        right: Array | int,
        bottom: Array | int,
        brush: QBrush,
    ) -> None:
        """Fill the rectangles from (left, top) to (right, bottom), both excluded; arrays or one number for all."""
        sizes = [side.size for side in (left, top, right, bottom) if isinstance(side, np.ndarray)]
        count = max(sizes, default=1)
        if count == 0 or 0 in sizes:
            return
        if count > len(self._buffer):
            self._buffer = np.empty((2 * count, 4), "<i4")
        buffer = self._buffer
        buffer[:count, 0] = left
        buffer[:count, 1] = top
        buffer[:count, 2] = right
        buffer[:count, 3] = bottom
        buffer[:count, 2:] -= 1  # a QRect stores its last pixel
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(brush)
        first = shiboken6.Shiboken.wrapInstance(buffer.ctypes.data, QRect)
        assert isinstance(first, QRect)
        painter.drawRects(first, count)


class BarPainter:
    """Paints bars: by state and by how strongly, one call each. `tops` and `floors` are (rows,) of pixels."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._rects = Rects()
        self.hatched: frozenset[State] = frozenset()
        """States that have their pattern also where patterns are switched off."""

    def erase(self, painter: QPainter, bars: Bars, tops: Array, floors: Array) -> None:
        """Take what lies under these bars and their gaps away: the innermost span wins."""
        right = bars.right + (bars.right - bars.left >= GAP_FROM)
        brush = QBrush(self._theme.color("lane"))
        self._rects.fill(painter, bars.left, tops[bars.row], right, floors[bars.row], brush)

    def paint(
        self,
        painter: QPainter,
        bars: Bars,
        tops: Array,
        floors: Array,
        mix_of: Callable[[State], float],
        bright: Array | None,
    ) -> None:
        """Paint the bars; `mix_of` says how much of the lane's colour is mixed into a state.

        `bright` (bool per bar, or None) marks the bars of the selected request; the others are mixed further.
        """
        order = np.argsort(bars.state, kind="stable")
        state = bars.state[order]
        edges = np.searchsorted(state, np.arange(len(State) + 1))
        for value in State:
            some = order[edges[value] : edges[value + 1]]
            if not len(some):
                continue
            look = self._theme.state(value)
            share = mix_of(value)
            if bright is None:
                self._some(painter, bars, some, tops, floors, look, share)
                continue
            mine = bright[some]
            if self._theme.high_contrast:
                self._hollow(painter, bars, some[~mine], tops, floors, look)
            else:
                dim = max(share, self._theme.tokens.dim)
                self._some(painter, bars, some[~mine], tops, floors, look, dim)
            self._some(painter, bars, some[mine], tops, floors, look, 0.0)

    def _some(
        self, painter: QPainter, bars: Bars, some: Array, tops: Array, floors: Array, look: StateLook, share: float
    ) -> None:
        if not len(some):
            return
        left, right, row = bars.left[some], bars.right[some], bars.row[some]
        top, bottom = bar_box(look, tops[row], floors[row])
        lane = self._theme.color("lane")
        fill = mixed(look.fill, lane, share)
        self._rects.fill(painter, left, top, right, bottom, QBrush(fill))
        pattern = look.texture or (look.hatch if look.state in self.hatched else None)
        if pattern is not None:
            painter.setBrushOrigin(QPoint(0, 0))
            self._rects.fill(painter, left, top, right, bottom, pattern)
        if look.edge is not None and not look.line:
            wide = np.flatnonzero(right - left >= EDGE_FROM)
            if len(wide):
                edge = QBrush(mixed(look.edge, lane, share))
                self._outline(painter, left[wide], top[wide], right[wide], bottom[wide], edge)

    def _hollow(self, painter: QPainter, bars: Bars, some: Array, tops: Array, floors: Array, look: StateLook) -> None:
        """Outlines only: what high contrast shows of bars that are not selected."""
        if len(some):
            left, right, row = bars.left[some], bars.right[some], bars.row[some]
            top, bottom = bar_box(look, tops[row], floors[row])
            self._outline(painter, left, top, right, bottom, QBrush(look.fill if look.edge is None else look.edge))

    def _outline(self, painter: QPainter, left: Array, top: Array, right: Array, bottom: Array, brush: QBrush) -> None:
        self._rects.fill(painter, left, top, right, top + 1, brush)
        self._rects.fill(painter, left, bottom - 1, right, bottom, brush)
        self._rects.fill(painter, left, top, left + 1, bottom, brush)
        self._rects.fill(painter, right - 1, top, right, bottom, brush)

    def mark(self, painter: QPainter, bars: Bars, chosen: Array, tops: Array, floors: Array) -> None:
        """Ink lines above and below the chosen bars (indices)."""
        ink = QBrush(self._theme.color("text"))
        for value in np.unique(bars.state[chosen]).tolist():
            some = chosen[bars.state[chosen] == value]
            left, right, row = bars.left[some], np.maximum(bars.right[some], bars.left[some] + 2), bars.row[some]
            top, bottom = bar_box(self._theme.state(State(value)), tops[row], floors[row])
            self._rects.fill(painter, left, top - 3, right, top - 1, ink)
            self._rects.fill(painter, left, bottom + 1, right, bottom + 3, ink)


def bar_box(look: StateLook, tops: Array, floors: Array) -> tuple[Array, Array]:
    """Top and bottom (excluded) of a state's bars in lanes from `tops` to `floors`: on the floor, or a line in the
    middle.
    """
    room = floors - tops
    if look.line:
        top = tops + room // 2 - 1
        return top, top + 2
    height = np.maximum(np.rint(room * look.height).astype("<i4"), 2)
    return floors - height, floors


def mixed(color: QColor, lane: QColor, share: float) -> QColor:
    """`color` with `share` of it replaced by the lane's."""
    if share <= 0:
        return color
    keep = 1 - share
    return QColor(
        round(color.red() * keep + lane.red() * share),
        round(color.green() * keep + lane.green() * share),
        round(color.blue() * keep + lane.blue() * share),
    )
