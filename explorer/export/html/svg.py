"""Charts as SVG: lines, dots and columns over axes with a few round figures. Colours are classes of the style sheet."""

import math
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from explorer.collect.source import Array
from explorer.export.html.markup import Markup, tag

WIDTH: Final = 720
HEIGHT: Final = 190
LEFT, RIGHT, TOP, BOTTOM = 58, 14, 12, 28
MOST_POINTS: Final = 700
"""Points of a line: one for each pixel of its width."""
_STEPS: Final = (1, 2, 2.5, 5, 10)


def round_steps(low: float, high: float, most: int) -> list[float]:
    """Round figures from `low` to `high`, at most about `most` of them."""
    span = high - low
    if not span > 0 or not math.isfinite(span):
        return [low]
    raw = span / max(1, most)
    size = 10.0 ** math.floor(math.log10(raw))
    step = next(size * each for each in _STEPS if size * each >= raw)
    first = math.ceil(low / step - 1e-9)
    return [number * step for number in range(first, math.floor(high / step + 1e-9) + 1)]


def decades(low: float, high: float) -> list[float]:
    """1, 10, 100 … within `low` and `high`; with 2 and 5 where these are too few, or else round figures."""
    found: list[float] = []
    for factors in ((1,), (1, 2, 5)):
        found = [
            factor * 10.0**power
            for power in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
            for factor in factors
            if low <= factor * 10.0**power <= high
        ]
        if len(found) >= 3:
            return found
    return found if len(found) > 1 else round_steps(low, high, 5)


def figure_words(value: float) -> str:
    """A figure on an axis: "0.5", "12", "1,500"."""
    return f"{value:,.0f}" if abs(value) >= 10 or value == int(value) else f"{value:.2g}"


class Plot:
    """A chart from `x0` to `x1` (any unit) and from `y0` to `y1`, linear or with `log` a logarithmic one in height."""

    def __init__(self, title: str, x: tuple[float, float], y: tuple[float, float], *, log: bool = False) -> None:
        self._title = title
        self._x0, self._x1 = x if x[1] > x[0] else (x[0], x[0] + 1)
        self._y0, self._y1 = y if y[1] > y[0] else (y[0], y[0] + 1)
        self._log = log
        self._parts: list[Markup] = []

    def x(self, value: Array) -> Array:
        """Pixels from the left."""
        return np.asarray(LEFT + (value - self._x0) / (self._x1 - self._x0) * (WIDTH - LEFT - RIGHT))

    def y(self, value: Array) -> Array:
        """Pixels from the top."""
        low, high = self._y0, self._y1
        if self._log:
            value, low, high = np.log10(np.maximum(value, low)), math.log10(low), math.log10(high)
        share = np.clip((value - low) / (high - low), 0, 1)
        return np.asarray(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM))

    def axes(
        self,
        x_words: Callable[[float], str],
        y_words: Callable[[float], str] = figure_words,
        x_at: Sequence[float] | None = None,
    ) -> None:
        """Grid lines and figures; those below the chart are at `x_at`, by default at round ones."""
        heights = decades(self._y0, self._y1) if self._log else round_steps(self._y0, self._y1, 4)
        for value in heights:
            y = round(float(self.y(np.array(value))), 1)
            self._parts.append(tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y, class_="grid"))
            self._parts.append(tag("text", y_words(value), x=LEFT - 8, y=y + 4, class_="axis end"))
        for value in round_steps(self._x0, self._x1, 8) if x_at is None else x_at:
            x = round(float(self.x(np.array(value))), 1)
            self._parts.append(tag("text", x_words(value), x=x, y=HEIGHT - 8, class_="axis middle"))

    def line(self, x: Array, y: Array, class_: str) -> None:
        """A line through the points; where a value is missing it is broken."""
        x, y = _thinned(np.asarray(x, "f8"), np.asarray(y, "f8"))
        points = zip(self.x(x).tolist(), self.y(y).tolist(), np.isfinite(y).tolist(), strict=True)
        words, broken = [], True
        for left, top, known in points:
            if known:
                words.append(f"{'M' if broken else 'L'}{left:.1f} {top:.1f}")
            broken = not known
        if words:
            self._parts.append(tag("path", d="".join(words), class_=class_))

    def dots(self, x: Array, y: Array, class_: str, radius: float) -> int:
        """A dot for each point, but one for a place of a pixel; returns how many are drawn."""
        places = np.unique(np.stack((np.rint(self.x(x)), np.rint(self.y(y)))), axis=1)
        d = "".join(f"M{left:.0f} {top:.0f}h0" for left, top in places.T.tolist())
        if d:
            self._parts.append(tag("path", d=d, class_=class_, stroke_width=2 * radius))
        return int(places.shape[1])

    def columns(self, edges: Array, heights: Array, class_: str) -> None:
        """Columns that stand on the floor, between neighbouring `edges`."""
        lefts, tops = self.x(edges).tolist(), self.y(heights).tolist()
        floor = HEIGHT - BOTTOM
        for left, right, top in zip(lefts, lefts[1:], tops, strict=False):
            if top < floor:
                self._parts.append(
                    tag(
                        "rect", x=round(left, 1), y=round(top, 1), width=round(max(0.8, right - left - 0.6), 1),
                        height=round(floor - top, 1), class_=class_,
                    )
                )  # fmt: skip

    def marks(self, x: Sequence[float], class_: str) -> None:
        """Lines from top to floor."""
        for left in np.unique(np.rint(self.x(np.array(x, "f8")))).tolist() if len(x) else []:
            self._parts.append(tag("line", x1=left, x2=left, y1=TOP, y2=HEIGHT - BOTTOM, class_=class_))

    def markup(self) -> Markup:
        """The picture."""
        return tag(
            "svg", *self._parts, viewBox=f"0 0 {WIDTH} {HEIGHT}", role="img", aria_label=self._title, class_="chart"
        )


def _thinned(x: Array, y: Array) -> tuple[Array, Array]:
    """At most `MOST_POINTS`, the largest of those that share a place: a peak is what one looks for."""
    step = math.ceil(len(y) / MOST_POINTS) if len(y) else 1
    if step <= 1:
        return x, y
    length = len(y) // step * step
    groups = y[:length].reshape(-1, step)
    filled = np.where(np.isfinite(groups), groups, -np.inf).max(axis=1)
    return x[:length:step], np.where(np.isfinite(filled), filled, np.nan)
