"""Paints what the sampler saw: strips of states at the feet of lanes, and who held the GIL."""

from collections.abc import Callable, Mapping

import numpy as np
from PySide6.QtCore import QPoint, QRectF
from PySide6.QtGui import QBrush, QColor, QPainter

from explorer.collect.source import Array
from explorer.desktop.theme import Theme, mix
from explorer.desktop.timeline.bands import Band, Form
from explorer.desktop.timeline.near import GAP_FROM, shown_state
from explorer.desktop.timeline.rects import Rects, mixed
from explorer.desktop.timeline.strip_bars import StripBars
from explorer.desktop.widgets.paint import CENTER, draw_text, text_width
from explorer.records.states import State
from explorer.tokens import HOLDER_INK

IDLE_SHARE = 0.55
"""How much of the lane is in a strip that says idle: it is absence, but it was looked at."""
LABEL_FROM = 24
LOWEST_LABEL = 11


def holder_color(theme: Theme, number: int) -> QColor:
    """The grey of a holder's blocks, by the number of its lane."""
    return mix(theme.color("lane"), theme.color("ink"), HOLDER_INK[number % len(HOLDER_INK)])


class StripPainter:
    """Paints strips and holders from pixels."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._rects = Rects()

    def strips(
        self, painter: QPainter, bars: StripBars, tops: Array, floors: Array, share: Callable[[State], float]
    ) -> None:
        """Paint strips from `tops` to `floors` (by row); `share` says how much of the lane is mixed into a state."""
        lane = self._theme.color("lane")
        state = shown_state(bars.state)
        for value in np.flatnonzero(np.bincount(state, minlength=1)).tolist():
            some = np.flatnonzero(state == value)
            left, right, row = bars.left[some], bars.right[some], bars.row[some]
            look = self._theme.state(State(value))
            part = max(share(State(value)), IDLE_SHARE if look.line else 0.0)
            fill = lane if value == State.UNKNOWN else mixed(look.fill, lane, part)
            self._rects.fill(painter, left, tops[row], right, floors[row], QBrush(fill))
            if look.texture is not None:
                painter.setBrushOrigin(QPoint(0, 0))
                self._rects.fill(painter, left, tops[row], right, floors[row], look.texture)

    def holders(
        self, painter: QPainter, band: Band, bars: StripBars, scroll: int, lanes: Mapping[int, tuple[int, str]]
    ) -> None:
        """Paint who held the GIL; `lanes` has number and short title of a thread's lane by thread id."""
        assert band.form is Form.HOLDERS
        top, floor = band.top - scroll, band.floor - scroll
        right = bars.right - (bars.right - bars.left > GAP_FROM)
        values, which = np.unique(bars.value, return_inverse=True)
        known = [lanes.get(value, (-1, "")) for value in values.tolist()]
        pairs = zip(values.tolist(), known, strict=True)
        turns = [(number if number >= 0 else value) % len(HOLDER_INK) if value else -1 for value, (number, _) in pairs]
        turn = np.array(turns, "<i8")[which]
        for each in range(-1, len(HOLDER_INK)):
            some = np.flatnonzero(turn == each)
            brush = QBrush(holder_color(self._theme, each)) if each >= 0 else self._unknown()
            self._rects.fill(painter, bars.left[some], top, right[some], floor, brush)
        if floor - top >= LOWEST_LABEL:
            self._labels(painter, bars.left, right, (top, floor), [title for _, title in known], which)

    def outline(self, painter: QPainter, band: Band, left: int, right: int, scroll: int) -> None:
        """Mark the chosen part of a band: an ink line above and below."""
        ink, wide = self._theme.color("text"), max(right - left, 2)
        painter.fillRect(QRectF(left, band.top - scroll - 2, wide, 2), ink)
        painter.fillRect(QRectF(left, band.floor - scroll, wide, 2), ink)

    def _unknown(self) -> QBrush:
        return self._theme.state(State.UNKNOWN).texture or QBrush(self._theme.color("idle"))

    def _labels(
        self, painter: QPainter, lefts: Array, rights: Array, room: tuple[int, int], titles: list[str], which: Array
    ) -> None:
        """Write on the blocks that have room; `which` of the titles each has."""
        font = self._theme.font(11, 500)
        lefts = np.maximum(lefts, 0)
        for at in np.flatnonzero(rights - lefts >= LABEL_FROM).tolist():
            left, right, title = int(lefts[at]), int(rights[at]), titles[which[at]]
            if title and right - left >= text_width(font, title) + 6:
                place = QRectF(left, room[0], right - left, room[1] - room[0])
                draw_text(painter, place, title, font, self._theme.color("text"), int(CENTER))
