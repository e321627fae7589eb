"""Puts the pages of the far view on the screen."""

from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage, QPainter

from explorer.collect.source import Array
from explorer.desktop.theme import Theme
from explorer.desktop.timeline.coverage import STATES, bin_bits
from explorer.desktop.timeline.raster import COLUMNS, Page, Raster, RasterRow
from explorer.desktop.timeline.rects import mixed
from explorer.desktop.timeline.viewport import Viewport
from explorer.records.states import State
from explorer.store.store import Store


class FarPainter:
    """Paints rows as columns of stacked shares. `waiting` tells whether the last picture was not finished."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._raster: Raster | None = None
        self._palette: Array = np.zeros(STATES, "<u4")
        self._key: object = None
        self._look = 0
        self.waiting = False

    def set_store(self, store: Store | None) -> None:
        """Columns of another run."""
        self._raster = None if store is None else Raster(store)

    def paint(
        self,
        painter: QPainter,
        view: Viewport,
        rows: Sequence[RasterRow],
        shape: tuple[int, int, int],
        share: Callable[[State], float],
        allowed: Callable[[], bool],
    ) -> None:
        """Paint `rows`, as far as `allowed` lets it; `shape` is the content's height, and what of it shows: scroll
        and room.
        """
        self.waiting = False
        if self._raster is None or not rows:
            return
        height, scroll, room = shape
        self._restyle(rows, height, share)
        bits = bin_bits(view.ns_per_px)
        pages, self.waiting = self._raster.update(rows, bits, view.begin, view.end, allowed)
        whole = all(self._raster.known(page, rows) for page in pages)
        if not whole:
            for page in self._raster.others(bits, view.begin, view.end, self._look):
                self._blit(painter, view, page, scroll, room)
        for page in pages:
            self._raster.paint(page, rows, height, self._palette, self._look)
            if whole or self._raster.known(page, rows):
                self._blit(painter, view, page, scroll, room)
                continue
            for row in rows:
                if self._raster.row_known(page, row):
                    self._blit(painter, view, page, row.top, row.height, row.top - scroll)

    def _restyle(self, rows: Sequence[RasterRow], height: int, share: Callable[[State], float]) -> None:
        shares = tuple(share(state) for state in State)
        key = (self._theme.tokens, shares, tuple(rows), height)
        if key != self._key:
            self._key = key
            self._look += 1
            lane = self._theme.color("lane")
            for state in State:
                color = mixed(self._theme.state(state).fill, lane, shares[state])
                if state is State.UNKNOWN:
                    color = self._theme.color("idle")
                self._palette[state] = (lane if state is State.NONE else color).rgb()

    def _blit(self, painter: QPainter, view: Viewport, page: Page, top: int, high: int, at: int = 0) -> None:
        if page.picture is None:
            return
        left, right = round(view.x(page.origin)), round(view.x(page.end))
        high = min(high, page.picture.shape[0] - top)
        if high <= 0 or right <= 0 or left >= view.width:
            return
        image = QImage(page.picture.data, COLUMNS, page.picture.shape[0], COLUMNS * 4, QImage.Format.Format_RGB32)
        painter.drawImage(QRect(left, at, right - left, high), image, QRect(0, top, COLUMNS, high))
