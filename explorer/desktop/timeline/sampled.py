"""What the sampler saw, beside the lanes it belongs to: the states of a thread, the holder of a process's GIL. No Qt.

The sampler looks from outside and knows a thread by its process id and its own id alone; so its tracks are found again
by these. Thread ids are used again: of several tracks with one id the newest in the view belongs to the lane.
"""

from collections.abc import Iterable
from typing import Final

from explorer.collect.source import Track
from explorer.records.sampling import GIL_PERIOD, GIL_WAITING, PERIOD
from explorer.records.states import TrackKind

BESIDE: Final = frozenset({GIL_WAITING, PERIOD, GIL_PERIOD})
"""Counters that are shown within other rows."""


class Sampled:
    """The sampler's tracks among `tracks`, which are in order of their numbers."""

    def __init__(self, tracks: Iterable[Track]) -> None:
        self._states: dict[tuple[int, int], int] = {}
        self._gil: dict[int, Track] = {}
        self._waiting: dict[int, int] = {}
        for track in tracks:
            if track.kind is TrackKind.STATES:
                self._states[track.pid, track.tid] = track.number
            elif track.kind is TrackKind.GIL:
                self._gil[track.pid] = track
            elif track.kind is TrackKind.COUNTER and track.name == GIL_WAITING:
                self._waiting[track.pid] = track.number

    def strip(self, pid: int, lane: Track) -> int:
        """The track with the states of a lane's thread; 0 if there is none, or the lane is no thread's."""
        return self._states.get((pid, lane.tid), 0) if lane.tid else 0

    def gil(self, pid: int) -> Track | None:
        """The track that tells who held the GIL of a process."""
        return self._gil.get(pid)

    def waiting(self, pid: int) -> int:
        """The track of the counter of threads that wait for a process's GIL, or 0."""
        return self._waiting.get(pid, 0)
