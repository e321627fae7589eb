"""Puts the pages of the far view on the screen."""

from collections.abc import Callable, Collection, Sequence
from typing import Final

import numpy as np
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QBrush, QImage, QPainter

from explorer.collect.source import Array
from explorer.desktop.theme import Theme
from explorer.desktop.timeline.coverage import bin_bits
from explorer.desktop.timeline.raster import COLUMNS, Look, Page, Raster, RasterRow
from explorer.desktop.timeline.rects import Rects, mixed
from explorer.desktop.timeline.strips import holder_color
from explorer.desktop.timeline.viewport import Viewport
from explorer.records.states import State
from explorer.store.coverage import STATES
from explorer.store.store import Store

HOLDERS: Final = 1
HELD: Final = 2
"""The palettes of the rows that tell who held the GIL, or a lock: no state has its hue there."""
PALETTES: Final = 3
LINE_EVERY: Final = 4
"""Pixels from one of the lines that are left of a row in high contrast to the next."""


class FarPainter:
    """Paints rows as columns of stacked shares. `waiting` tells whether the last picture was not finished."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._raster: Raster | None = None
        self._key: object = None
        self._look = Look(0, 0, np.zeros((PALETTES, STATES), "<u4"))
        self._rects = Rects()
        self.waiting = False

    def set_store(self, store: Store | None) -> None:
        """Columns of another run."""
        self._raster = None if store is None else Raster(store)

    def keep_up(self) -> None:
        """Nothing is painted as columns in this frame."""
        self.waiting = False
        if self._raster is not None:
            self._raster.keep_up()

    def paint(
        self,
        painter: QPainter,
        view: Viewport,
        places: Sequence[RasterRow],
        dense: Collection[int],
        shape: tuple[int, int, int],
        until: int,
        share: Callable[[State], float],
        allowed: Callable[[], bool],
    ) -> None:
        """Paint those of the rows in `places` whose tracks are `dense`, as far as `allowed` lets it.

        `shape` is the content's height, and what of it shows: scroll and room. After `until` (ns) nothing is painted.
        """
        rows = sorted((row for row in places if row.track in dense), key=lambda row: row.top)
        if self._raster is None or not rows or until <= view.begin:
            self.keep_up()
            return
        height, scroll, room = shape
        look = self._restyle(places, height, share)
        bits = bin_bits(view.ns_per_px)
        pages, self.waiting = self._raster.update(rows, bits, view.begin, until, look, allowed)
        drawn = [self._raster.drawn(page, rows) for page in pages]
        if not all(some.all() for some in drawn):
            others = self._raster.others(bits, view.begin, until, look)
            for page in others:
                self._blit(painter, view, page, scroll, room)
            known = [(page, self._raster.drawn(page, rows)) for page in others]
            for page, some in zip(pages, drawn, strict=True):
                if not some.all():
                    self._hatch(painter, view, page, rows, some | shown_by(known, page, view), scroll)
        for page, some in zip(pages, drawn, strict=True):
            self._blit_rows(painter, view, page, rows, some, (scroll, room))

    def _hatch(
        self, painter: QPainter, view: Viewport, page: Page, rows: Sequence[RasterRow], seen: Array, scroll: int
    ) -> None:
        """What is still to be computed and not `seen`: an empty row would look as if nothing had happened there."""
        left, right = max(0, round(view.x(page.origin))), min(view.width, round(view.x(page.end)))
        if right <= left or seen.all():
            return
        brush = QBrush(self._theme.color("line2"), Qt.BrushStyle.BDiagPattern)
        some = [rows[at] for at in np.flatnonzero(np.broadcast_to(~seen, len(rows))).tolist()]
        top = np.array([row.top - scroll for row in some], "<i4")
        self._rects.fill(painter, left, top, right, top + [row.height for row in some], brush)

    def step_back(self, painter: QPainter, rows: Sequence[RasterRow], scroll: int, width: int) -> None:
        """Let rows stand back behind what is selected: mix the lane's colour into them, which takes a fifth of what
        painting their columns translucently does. High contrast mixes nothing: there they become thin lines.
        """
        color = self._theme.color("lane")
        top = np.array([row.top - scroll for row in rows], "<i4")
        floor = top + np.array([row.height for row in rows], "<i4")
        if not self._theme.high_contrast:
            color.setAlphaF(self._theme.tokens.dim)
            self._rects.fill(painter, 0, top, width, floor, QBrush(color))
            return
        for above in range(1, max((row.height for row in rows), default=0), LINE_EVERY):
            bottom = np.maximum(floor - above, top)
            self._rects.fill(painter, 0, np.maximum(bottom - LINE_EVERY + 1, top), width, bottom, QBrush(color))

    def _blit_rows(
        self,
        painter: QPainter,
        view: Viewport,
        page: Page,
        rows: Sequence[RasterRow],
        drawn: Array,
        shape: tuple[int, int],
    ) -> None:
        """Put those of the rows on the screen that a page shows; `shape` is scroll and room."""
        scroll, room = shape
        if drawn.all():
            self._blit(painter, view, page, scroll, room)
            return
        for first, last in neighbours(drawn):
            top, floor = rows[first].top, rows[last].top + rows[last].height
            self._blit(painter, view, page, top, floor - top, top - scroll)

    def _restyle(self, places: Sequence[RasterRow], height: int, share: Callable[[State], float]) -> Look:
        shares = tuple(share(state) for state in State)
        key = (self._theme.tokens, shares, tuple(places), height, self._theme.patterns)
        if key != self._key:
            self._key = key
            lane = self._theme.color("lane")
            palettes = np.full((PALETTES, STATES), lane.rgb(), "<u4")
            for state in State:
                if state is not State.NONE:
                    fill = self._theme.color("idle") if state is State.UNKNOWN else self._theme.state(state).fill
                    palettes[0, state] = mixed(fill, lane, shares[state]).rgb()
                    palettes[HOLDERS, state] = holder_color(self._theme, 0).rgb()
                    palettes[HELD, state] = self._theme.color("ink").rgb()
            tops = {row.track: row for row in places}
            hatches = self._theme.hatches if self._theme.patterns else ()
            self._look = Look(self._look.number + 1, height, palettes, tops, hatches)
        return self._look

    def _blit(self, painter: QPainter, view: Viewport, page: Page, top: int, high: int, at: int = 0) -> None:
        if page.picture is None:
            return
        left, right = round(view.x(page.origin)), round(view.x(page.end))
        high = min(high, page.picture.shape[0] - top)
        if high <= 0 or right <= 0 or left >= view.width:
            return
        image = QImage(page.picture.data, COLUMNS, page.picture.shape[0], COLUMNS * 4, QImage.Format.Format_RGB32)
        painter.drawImage(QRect(left, at, right - left, high), image, QRect(0, top, COLUMNS, high))


def neighbours(drawn: Array) -> list[tuple[int, int]]:
    """The first and the last place of each stretch of places at which `drawn` (n,) is true: one image each."""
    edges = np.flatnonzero(np.diff(drawn.astype("<i1"), prepend=0, append=0)).tolist()
    return [(first, stop - 1) for first, stop in zip(edges[::2], edges[1::2], strict=True)]


def shown_by(others: Sequence[tuple[Page, Array]], page: Page, view: Viewport) -> Array:
    """Which rows are shown by pages of another zoom level wherever `page` is in view: (rows,) of bool.

    `others` are pages with what they show of the rows, of one level.
    """
    left, right = max(page.origin, view.begin), min(page.end, view.end)
    over = sorted(
        (pair for pair in others if pair[0].end > left and pair[0].origin < right), key=lambda pair: pair[0].index
    )
    none: Array = np.array(False)
    if not over or over[0][0].origin > left or over[-1][0].end < right:
        return none
    if over[-1][0].index - over[0][0].index >= len(over):
        return none
    every: Array = np.logical_and.reduce([drawn for _, drawn in over])
    return every
