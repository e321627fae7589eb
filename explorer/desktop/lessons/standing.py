"""How many requests stand at a line of the code: now, while a run goes on, and at once at most."""

from typing import Final

import numpy as np

from explorer.desktop.control import Control
from explorer.desktop.lessons.code_of import Listing, Spot, listings
from explorer.desktop.lessons.overlap import most_at_once
from explorer.records.states import State, TrackKind
from explorer.scenario import Scenario

THREADS: Final = (TrackKind.THREAD, TrackKind.LOOP)
"""Where calls are recorded; a request's own lanes show them once more."""
END: Final = 1 << 62


class Standing:
    """Looks at the run of `control`. `listings` is the code of the scenario it was told of."""

    def __init__(self, control: Control) -> None:
        self._control = control
        self.listings: tuple[Listing, ...] = ()
        self.most = 0
        self._now = 0

    def show_scenario(self, scenario: Scenario) -> None:
        """Another scenario: nobody stands anywhere."""
        self.listings = listings(self._control.catalog, scenario)
        self.most = self._now = 0

    @property
    def spot(self) -> Spot | None:
        """The line that is meant."""
        return next((one.spot for one in self.listings if one.spot is not None), None)

    def look(self) -> None:
        """See who stands there now."""
        spot, store = self.spot, self._control.store
        if spot is None or spot.how == "computes":
            return
        if spot.how == "stops":
            self._now = sum(
                store.name(span.name) == spot.call and store.tracks[span.track].kind in THREADS
                for span in store.open_spans
            )
        else:
            waiting = (State.AWAITING, State.QUEUED)
            self._now = len({span.request for span in store.open_spans if span.state in waiting and span.request})
        self.most = max(self.most, self._now)

    def look_back(self) -> None:
        """The run has ended: how many stood there at once at most, of calls by all that was recorded."""
        spot, store = self.spot, self._control.store
        self._now = 0
        if spot is None or spot.how != "stops":
            return
        number = next((at for at, name in enumerate(store.names) if name == spot.call), None)
        begins, ends = [], []
        for track in [number for number, one in store.tracks.items() if one.kind in THREADS]:
            for depth in store.depths(track):
                for piece in store.slices(track, depth, 0, END):
                    mine = piece.name == number
                    begins.append(piece.start[mine])
                    ends.append(piece.end[mine])
        if begins:
            self.most = max(self.most, most_at_once(np.concatenate(begins), np.concatenate(ends)))

    def count(self) -> int:
        """How many stand there now."""
        return self._now
