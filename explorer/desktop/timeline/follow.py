"""Following the present: where now is, up to where finished spans are drawn, and when the view lets go. No Qt.

Records arrive in lots (the collector polls every 20 to 60 ms), so that the newest ends of different lanes are ragged.
Finished spans are therefore drawn up to the *horizon*, a moment behind now that never goes back; what is open is
drawn up to now.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from explorer.desktop.timeline.viewport import Viewport
from explorer.store.store import Store

if TYPE_CHECKING:
    from explorer.desktop.timeline.rows import History

LAG_NS: Final = 100_000_000
LEAST_LAG_NS: Final = 40_000_000
LAG_SHARE: Final = 10
"""Close to the lanes a tenth of a second would be half of the view: there the lag is a tenth of the view, but not
less than a collector's period and a frame.
"""
WATERMARK_NS: Final = 1_000_000
"""The collector releases what ended this long before its clock: a store that knows a moment knows nothing younger."""
LEAST_LAGS: Final = 3
"""A view that follows is at least this many lags long when it begins to: else it would show little but the hatch."""
AHEAD: Final = 0.025
"""Share of the view that lies right of now while following."""
STEP_NS: Final = 250_000_000
"""With reduced motion the picture moves in steps of this length."""


class Follow:
    """The clock of a live view and whether the view moves with it."""

    replays = False
    """Whether the clock is a moment of the past (see `replay`)."""

    def __init__(self) -> None:
        self.on = True
        self.live = False
        self.now = 0
        self.horizon = 0

    def begin(self, now: int) -> None:
        """Another run: its clock starts at `now`."""
        self.now = now
        self.horizon = now - LAG_NS

    def tick(self, now: int, known: int, length: int, steps: bool = False) -> None:
        """Take the clock `now`; `known` is the store's clock, `length` the view's. Neither now nor the horizon goes
        back.
        """
        if steps:
            now = now // STEP_NS * STEP_NS
        self.now = max(self.now, now)
        self.horizon = max(self.horizon, min(self.now - lag(length), known - WATERMARK_NS))

    def end(self, last: int) -> None:
        """The run is over and everything known: nothing is held back any more."""
        self.live = False
        self.on = False
        self.now = max(self.now, last)
        self.horizon = self.now

    def view(self, view: Viewport) -> Viewport:
        """`view`, with now near its right edge if it follows."""
        if not (self.on and self.live):
            return view
        return replace(view, begin=self.now - round(view.length * (1 - AHEAD)))

    def start(self, view: Viewport) -> Viewport:
        """Follow from here on, in a view wide enough to show something finished."""
        self.on = True
        return self.view(replace(view, length=max(view.length, LEAST_LAGS * lag(view.length))))

    def anchor(self, view: Viewport, x: float) -> float:
        """The pixel that a zoom must keep in place: now while following, else the pointer."""
        return view.x(self.now) if self.on and self.live else x

    def moved(self, view: Viewport) -> None:
        """The user has chosen `view`: let go if now is no longer in it."""
        if self.on and view.end < self.now:
            self.on = False

    def behind(self, view: Viewport) -> int:
        """How far the right edge is behind now, ns; 0 while following."""
        return 0 if self.on or not self.live else max(0, self.now - view.end)

    @property
    def clock(self) -> int:
        """The clock of the frames, ns."""
        return self.now

    def until(self, end: int) -> int:
        """Up to when (ns) what happened is shown in a view that ends at `end`."""
        return end

    def history(self, store: Store) -> "History":
        """What rows are made of."""
        return store


def lag(length: int) -> int:
    """How far behind now (ns) finished spans are drawn in a view of this length (ns)."""
    return min(max(length // LAG_SHARE, LEAST_LAG_NS), LAG_NS)
