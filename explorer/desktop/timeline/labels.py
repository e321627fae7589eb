"""Words on bars: which bars get one, how much of it, and text that is laid out once."""

from bisect import bisect_right
from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QStaticText, QTransform

from explorer.collect.source import Array
from explorer.desktop.theme import Theme
from explorer.desktop.timeline.near import Bars
from explorer.desktop.timeline.rects import bar_box
from explorer.records.states import State

NARROWEST = 30
LOWEST = 11
MOST = 300
FEWEST_LETTERS = 6
KEPT_TEXTS = 4_000
ROW_SHIFT = 40
BETWEEN = " · "
"""Stands in the name of a wait between the lock and the place that waits for it."""
LEFT_PAD = 4
RIGHT_PAD = 4


class Labels:
    """Labels of bars in one theme; cleared when the theme changes."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self.hatched: frozenset[State] = frozenset()
        self._texts: dict[tuple[str, int, int, int], tuple[float, float, QStaticText]] = {}
        self._advances: dict[tuple[str, int, int], list[float]] = {}

    def clear(self) -> None:
        """Fonts have changed."""
        self._texts.clear()
        self._advances.clear()

    def paint(
        self,
        painter: QPainter,
        bars: Bars,
        tops: Array,
        floors: Array,
        width: int,
        text_of: Callable[[int, State], str],
        weak: Array | None,
        inner: Sequence[Bars] = (),
        weak_ground: Callable[[State], QColor] | None = None,
    ) -> None:
        """Write on the bars that have room: the `MOST` widest.

        `weak` (bool per bar) marks those mixed with the lane, whose colour then is `weak_ground`'s (None: the lane's);
        `inner` are the bars painted over these, which take room.
        """
        left = np.maximum(bars.left, 0)
        right = np.minimum(bars.right, width)
        if inner:
            left, right = free_stretches(bars, left, right, inner)
        room = right - left
        chosen = np.flatnonzero(room >= NARROWEST)
        if not len(chosen):
            return
        if len(chosen) > MOST:
            chosen = chosen[np.argpartition(-room[chosen], MOST)[:MOST]]
        for value in np.unique(bars.state[chosen]).tolist():
            look = self._theme.state(State(value))
            if look.text is None:
                continue
            some = chosen[bars.state[chosen] == value]
            top, bottom = bar_box(look, tops[bars.row[some]], floors[bars.row[some]])
            high = bottom - top
            keep = high >= self._theme.px(LOWEST)
            some, top, high = some[keep], top[keep], high[keep]
            faint = np.zeros(len(some), bool) if weak is None else weak[some]
            for pale in (False, True):
                part = np.flatnonzero(faint == pale)
                if len(part) and not (pale and value == State.WAITING_GIL):
                    painter.setPen(self._theme.color("text") if pale else look.text)
                    weight, ground = 600, look.fill
                    if pale:
                        weight, ground = 400, weak_ground(State(value)) if weak_ground else self._theme.color("lane")
                    places = left, room, top[part], high[part]
                    self._write(painter, bars, some[part], places, State(value), weight, ground, text_of)

    def _write(
        self,
        painter: QPainter,
        bars: Bars,
        some: Array,
        places: tuple[Array, Array, Array, Array],
        shown: State,
        weight: int,
        ground: QColor,
        text_of: Callable[[int, State], str],
    ) -> None:
        left, room, top, high = places
        names: Sequence[int] = bars.name[some].tolist()
        rows = zip(names, left[some].tolist(), room[some].tolist(), top.tolist(), high.tolist(), strict=True)
        look = self._theme.state(shown)
        for name, x, wide, y, tall in rows:
            px = 12 if tall > self._theme.px(20) else 11
            text = self._fitted(text_of(name, shown), px, weight, wide - LEFT_PAD - RIGHT_PAD)
            if text is not None:
                text_width, text_height, static = text
                if look.texture is not None or shown in self.hatched:
                    # Letters over a pattern cannot be read.
                    painter.fillRect(QRectF(x + 1, y + 1, text_width + LEFT_PAD + 2, tall - 2), ground)
                painter.setFont(self._theme.font(px, weight))
                painter.drawStaticText(QPointF(x + LEFT_PAD, y + (tall - text_height) / 2), static)

    def _fitted(self, text: str, px: int, weight: int, room: float) -> tuple[float, float, QStaticText] | None:
        """The whole text, or at least six letters and an ellipsis, or None."""
        if not text:
            return None
        key = (text, px, weight)
        advances = self._advances.get(key)
        if advances is None:
            metrics = QFontMetricsF(self._theme.font(px, weight))
            advances = self._advances[key] = [metrics.horizontalAdvance(text[: n + 1]) for n in range(len(text))]
            advances.append(metrics.horizontalAdvance("…"))
        if advances[-2] <= room:
            return self._static(text, px, weight, len(text))
        letters = bisect_right(advances, room - advances[-1], hi=len(text))
        return self._static(text, px, weight, letters) if letters >= FEWEST_LETTERS else None

    def _static(self, text: str, px: int, weight: int, letters: int) -> tuple[float, float, QStaticText]:
        key = (text, px, weight, letters)
        found = self._texts.get(key)
        if found is None:
            if len(self._texts) > KEPT_TEXTS:
                self._texts.clear()
            font: QFont = self._theme.font(px, weight)
            static = QStaticText(text if letters == len(text) else text[:letters] + "…")
            static.setTextFormat(Qt.TextFormat.PlainText)
            static.prepare(QTransform(), font)
            size = static.size()
            found = self._texts[key] = (size.width(), size.height(), static)
        return found


def free_stretches(bars: Bars, left: Array, right: Array, inner: Sequence[Bars]) -> tuple[Array, Array]:
    """The first stretch of each bar that is wide enough for a label and clear of the inner bars (or nothing)."""
    row = np.concatenate([other.row for other in inner]).astype("<i8")
    begins = np.concatenate([other.left for other in inner])
    ends = np.concatenate([other.right for other in inner])
    order = np.lexsort((begins, row))
    row, begins, ends = row[order], begins[order], ends[order]
    left, right = left.copy(), right.copy()
    # How far right the inner bars of a row reach so far: with the row in the upper bits it ascends over all rows.
    reach = np.maximum.accumulate(ends + (row << ROW_SHIFT))
    own = bars.row.astype("<i8")
    lows = np.searchsorted(reach, left + (own << ROW_SHIFT), "right")
    highs = np.searchsorted(row, own, "right")
    wide = np.flatnonzero((right - left >= NARROWEST) & (lows < highs))
    begin_list, end_list = begins.tolist(), ends.tolist()
    for at, low, high in zip(wide.tolist(), lows[wide].tolist(), highs[wide].tolist(), strict=True):
        start, stop = int(left[at]), int(right[at])
        for inside in range(low, high):
            begin, end = begin_list[inside], end_list[inside]
            if begin >= stop or begin - start >= NARROWEST:
                stop = min(stop, begin)
                break
            start = max(start, end)
        left[at], right[at] = start, max(start, stop)
    return left, right


def bar_text(name: str, state: State) -> str:
    """The word on a bar: a wait for the GIL or for a lock says so, everything else is called by its name."""
    if state is State.WAITING_GIL:
        return "GIL"
    lock, between, _ = name.partition(BETWEEN)
    if between and state is State.WAITING_LOCK:
        return f"waits for {lock.removeprefix('self.')}"
    return name
