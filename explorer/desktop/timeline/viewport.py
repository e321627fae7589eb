"""Which stretch of time is seen, and the arithmetic between nanoseconds and pixels. No Qt.

Times are int64 nanoseconds of `perf_counter_ns`, whose values need more digits than a float has at a nanosecond. So a
difference is always taken between integers first, and only the (small) difference is scaled: a 0.2 µs window a month
after boot is as sharp as one of ten minutes.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from explorer.collect.source import Array

SHORTEST_NS: Final = 1_000
LONGEST_NS: Final = 600_000_000_000
CLIP_PX: Final = 8_000
"""Pixels beyond the edges that are still told apart: QPainter's 16.16 arithmetic ends at 32,767."""


@dataclass(frozen=True, slots=True)
class Viewport:
    """`length` ns from `begin` on, shown on `width` pixels; it is never longer than `longest` ns."""

    begin: int
    length: int
    width: int
    longest: int = LONGEST_NS

    @property
    def end(self) -> int:
        """Time at the right edge, ns."""
        return self.begin + self.length

    @property
    def ns_per_px(self) -> float:
        """Nanoseconds in one pixel."""
        return self.length / max(1, self.width)

    def x(self, time: int) -> float:
        """Pixel of a time; not clipped."""
        return (time - self.begin) * max(1, self.width) / self.length

    def xs(self, times: Array) -> Array:
        """Pixels (f8) of times (i8), clipped to `CLIP_PX` beyond the edges."""
        pixels: Array = (times - self.begin) * (max(1, self.width) / self.length)
        return np.clip(pixels, -CLIP_PX, self.width + CLIP_PX, out=pixels)

    def time(self, x: float) -> int:
        """Time of a pixel, to the nanosecond."""
        return self.begin + round(x * self.length / max(1, self.width))

    def zoomed(self, factor: float, at: float) -> "Viewport":
        """`factor` times the length (below 1: closer), within the limits; the time at pixel `at` stays where it is."""
        length = self._clamped(round(self.length * factor))
        if length == self.length:
            return self
        share = at / max(1, self.width)
        return replace(self, begin=self.time(at) - round(share * length), length=length)

    def panned(self, pixels: float) -> "Viewport":
        """The same length, moved so that what was at pixel 0 is at pixel `pixels`."""
        return replace(self, begin=self.begin - round(pixels * self.length / max(1, self.width)))

    def resized(self, width: int) -> "Viewport":
        """The same time on another width."""
        return replace(self, width=max(1, width))

    def showing(self, start: int, end: int, margin: float = 0.1) -> "Viewport":
        """The time from `start` to `end` with a margin (share of its length) on both sides."""
        length = self._clamped(round(max(1, end - start) * (1 + 2 * margin)))
        return replace(self, begin=(start + end) // 2 - length // 2, length=length)

    def revealing(self, start: int, end: int) -> "Viewport":
        """Moved as little as needed so that the span shows, its start if it is longer than the view; else unchanged."""
        if start >= self.begin and end <= self.end:
            return self
        edge = self.length // 10
        if end > self.end and end - start <= self.length - 2 * edge:
            return replace(self, begin=end + edge - self.length)
        if start < self.begin or start > self.end - edge:
            return replace(self, begin=start - edge)
        return self

    def kept_within(self, first: int, last: int) -> "Viewport":
        """Moved back so that at least half of the view lies within the history from `first` to `last`."""
        half = self.length // 2
        return replace(self, begin=min(max(self.begin, first - half), max(last, first) - half))

    def reaching(self, longest: int) -> "Viewport":
        """The same view, of a history that wants `longest` ns to be seen as a whole: ten minutes or more."""
        longest = max(longest, LONGEST_NS)
        return self if longest == self.longest else replace(self, longest=longest)

    def _clamped(self, length: int) -> int:
        """A length the view may have: from 1 µs to the longest."""
        return min(max(length, SHORTEST_NS), self.longest)
