"""Where the view has been, to go back to and forward again, as a browser does it. No Qt.

Moves that follow one another within a moment (the notches of a wheel, the steps of a drag) are one entry: who goes
back wants to be where he was before he began to turn the wheel.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

BURST_S: Final = 0.7
"""Two moves with less time between them are one."""
MOST: Final = 100
"""Entries that are kept."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a view shows: `length` ns from `begin` (ns) on, or, if `following`, the last `length` ns."""

    begin: int
    length: int
    following: bool = False

    def same(self, other: "Place") -> bool:
        """Whether both show the same; of two that follow, the moment does not count."""
        if self.following and other.following:
            return self.length == other.length
        return self == other


class ViewHistory:
    """The places of one view. `clock` (seconds) tells bursts of moves from single ones."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._before: list[Place] = []
        self._after: list[Place] = []
        self._last = float("-inf")

    @property
    def can_go_back(self) -> bool:
        """Whether there is a place before this one."""
        return bool(self._before)

    @property
    def can_go_forward(self) -> bool:
        """Whether somebody has gone back."""
        return bool(self._after)

    def clear(self) -> None:
        """Another run: none of the old places is there."""
        self._before, self._after = [], []
        self._last = float("-inf")

    def moved(self, left: Place, here: Place) -> None:
        """The user has gone from `left` to `here`."""
        if left.same(here):
            return
        now = self._clock()
        if now - self._last >= BURST_S or not self._before:
            self._before.append(left)
            del self._before[:-MOST]
        self._after = []
        self._last = now

    def back(self, here: Place) -> Place | None:
        """The place before `here`, or None."""
        return self._go(self._before, self._after, here)

    def forward(self, here: Place) -> Place | None:
        """The place that `back` left, or None."""
        return self._go(self._after, self._before, here)

    def _go(self, source: list[Place], target: list[Place], here: Place) -> Place | None:
        self._last = float("-inf")
        if not source:
            return None
        target.append(here)
        return source.pop()
