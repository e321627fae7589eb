"""Threads of a trace made elsewhere, put together again: the spans of all depths on one track, as they were.

On the timeline such a thread has a track for each depth, so that spans which overlap oddly (one begins within another
and ends after it) share none. Other programs nest the spans of a track by their times, and there a thread is one track
again, if all that is on it nests. What nests is seen batch by batch, a tenth of a microsecond a span.
"""

from collections.abc import Mapping

import numpy as np

from explorer.collect.foreign import deeper_tracks
from explorer.collect.source import Array, Process, Track


class Nesting:
    """Looks at the spans of a run, in the order of the recording: there an outer one comes before those within it."""

    def __init__(self) -> None:
        self._levels: dict[int, tuple[int, int, int]] = {}
        """By number of a deeper track its thread's first track, the track around it, and how deep it is."""
        self._known = (0, 0)
        self._last: dict[int, Array] = {}
        self._odd: set[int] = set()

    def feed(self, spans: Array, tracks: Mapping[int, Track], processes: Mapping[int, Process]) -> None:
        """Take in the next spans; `tracks` and `processes` are all that were declared up to then."""
        if self._known != (len(tracks), len(processes)):
            self._known, self._levels = (len(tracks), len(processes)), _levels(tracks, processes)
        if not self._levels:
            return
        order = np.argsort(spans["track"], kind="stable")
        numbers, firsts = np.unique(spans["track"][order], return_index=True)
        parts = {
            number: spans[["start", "end"]][places]
            for number, places in zip(numbers.tolist(), np.split(order, firsts[1:]), strict=True)
        }
        for number, inner in parts.items():
            thread, around, _ = self._levels.get(number, (0, 0, 0))
            if thread and thread not in self._odd:
                outer = [each[around] for each in (self._last, parts) if around in each]
                if not outer or not _within(inner, np.concatenate(outer)):
                    self._odd.add(thread)
        for number, each in parts.items():
            self._last[number] = each[-1:]

    @property
    def nested(self) -> dict[int, tuple[int, int]]:
        """By number of a deeper track the track that its spans belong on, and how deep they lie there."""
        return {
            number: (thread, depth) for number, (thread, _, depth) in self._levels.items() if thread not in self._odd
        }


def _levels(tracks: Mapping[int, Track], processes: Mapping[int, Process]) -> dict[int, tuple[int, int, int]]:
    deeper = deeper_tracks(tracks, processes)
    below = {number for each in deeper.values() for number in each}
    return {
        number: (first, around, depth)
        for first, numbers in deeper.items()
        if first not in below  # else the file is damaged
        for depth, (around, number) in enumerate(zip([first, *numbers], numbers, strict=False), 1)
    }


def _within(inner: Array, outer: Array) -> bool:
    """Whether each of the inner spans lies within one of the outer ones, which do not overlap and are in order."""
    place = np.searchsorted(outer["start"], inner["start"], "right") - 1
    return bool((place >= 0).all() and (outer["end"][place] >= inner["end"]).all())
