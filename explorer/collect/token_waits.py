"""How many requests wait for a thread, or for a connection of a database pool, as counters of each process where one
ever had to.

A wait begins with a `begin` record and ends with its `complete`; a token that was free has only a complete, and is no
wait. Waits that nobody will complete any more, because their process ended or the record was lost, end there.
"""

from collections import defaultdict
from typing import Final

import numpy as np

from explorer.collect.lanes import InFlight
from explorer.collect.order import select
from explorer.collect.registry import Registry
from explorer.collect.source import Array
from explorer.records.states import Flag, Kind, TrackKind

NAMES: Final = {
    Kind.TOKEN_WAIT: "waiting for a thread",
    Kind.CONNECTION_WAIT: "waiting for a connection",
}

Wait = tuple[int, int, int]
"""Request, start (ns) and kind of a wait."""


_FOREVER: Final = 1 << 62
_TOLD: Final = np.zeros(256, bool)
_TOLD[list(NAMES)] = True


class TokenWaits:
    """Counts the waits of a run; declares its counters in `registry` when they are first needed."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._counters: dict[tuple[int, int], InFlight] = {}  # by process and kind
        self._waiting: dict[int, set[Wait]] = defaultdict(set)  # by the track that the records name
        self._ended: set[int] = set()  # processes that have something to tell for the last time
        self._told = 0

    def update(self, spans: Array) -> None:
        """Take in released records, (n,) of SPAN in order of end."""
        told = select(spans, _TOLD[spans["kind"]])
        columns = (told[field].tolist() for field in ("track", "request", "start", "end", "flags", "kind"))
        for track, request, start, end, flags, kind in zip(*columns, strict=True):
            waiting, wait = self._waiting[track], (request, start, kind)
            if flags & Flag.BEGIN:
                waiting.add(wait)
                self._change(track, kind, start, 1)
            elif wait in waiting:
                waiting.discard(wait)
                self._change(track, kind, end, -1)

    def forget(self, tracks: set[int], until: int, time: int) -> None:
        """What began on `tracks` before `until` (ns) will not be completed: it counts up to `time` (ns).

        What has been told already stays.
        """
        for track in tracks & self._waiting.keys():
            for wait in [wait for wait in self._waiting[track] if wait[1] < until]:
                self._waiting[track].discard(wait)
                _, start, kind = wait
                self._change(track, kind, max(time, start, self._told), -1)

    def end_process(self, number: int, tracks: set[int], time: int) -> None:
        """The process with this number, which owns `tracks`, ended at `time` (ns), and all it wrote has been here."""
        self.forget(tracks, _FOREVER, time)
        for track in tracks:
            self._waiting.pop(track, None)
        self._ended.add(number)

    def samples(self, until: int) -> list[Array]:
        """One array of SAMPLE per process where something has changed before `until` (ns)."""
        self._told = max(self._told, until)
        found = [counter.samples(until) for counter in self._counters.values()]
        if self._ended:
            self._counters = {key: counter for key, counter in self._counters.items() if key[0] not in self._ended}
            self._ended.clear()
        return [samples for samples in found if len(samples)]

    def _change(self, track: int, kind: int, time: int, step: int) -> None:
        known = self._registry.tracks.get(track)
        if known is None:
            return
        counter = self._counters.get((known.process, kind))
        if counter is None:
            name = NAMES[Kind(kind)]
            declared = self._registry.track(
                TrackKind.COUNTER, name, process=known.process, pid=known.pid, epoch=known.epoch, unit="requests"
            )
            counter = self._counters[known.process, kind] = InFlight(declared.number)
        counter.change([time], step)
