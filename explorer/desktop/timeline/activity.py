"""Which tracks have something in the view: requests get rows only for those, and folding keeps them in sight. No Qt.

What comes is there at once; what has gone out of a moving view stays a moment longer, so that rows do not come and go
with every request.
"""

from collections.abc import Collection
from typing import Final

from explorer.records.states import Kind, TrackKind
from explorer.store.store import Store

HOLD_NS: Final = 3_000_000_000
WITHOUT: Final = frozenset({TrackKind.COUNTER, TrackKind.REQUESTS, TrackKind.STATES, TrackKind.GIL})
"""Tracks that have no row with bars of their own."""

ALWAYS: Final = frozenset({Kind.THREAD_STATE, Kind.GIL_HELD})
"""What the sampler has open all the time, of threads that do nothing too."""


class Activity:
    """`tracks`: those with spans in the view, or that had some a moment ago."""

    def __init__(self) -> None:
        self.tracks: frozenset[int] = frozenset()
        self._last: dict[int, int] = {}

    def look(self, store: Store, begin: int, end: int, now: int | None) -> None:
        """Decide for the view from `begin` to `end` (ns); `now` (ns) if the view moves with it, else None."""
        found = {span.track for span in store.open_spans if span.start < end and span.kind not in ALWAYS}
        for track in store.tracks.values():
            if track.kind not in WITHOUT and track.number not in found and _any(store, track.number, begin, end):
                found.add(track.number)
        if now is None:
            self._last = {}
            self.tracks = frozenset(found)
            return
        self._last.update(dict.fromkeys(found, now))
        self._last = {track: last for track, last in self._last.items() if now - last < HOLD_NS}
        self.tracks = frozenset(self._last)

    def misses(self, tracks: Collection[int]) -> bool:
        """Whether one of these, which have something now, came after the last look."""
        return not self.tracks.issuperset(tracks)


def _any(store: Store, track: int, begin: int, end: int) -> bool:
    return any(store.count_in(track, depth, begin, end) for depth in store.depths(track))
