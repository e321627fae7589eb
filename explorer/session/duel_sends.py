"""When the load of a run meant to send, as its spans tell it; and whether that is what was planned.

Requests of the load are spans of kind CLIENT_REQUEST that begin with the intended send, whatever the server did.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from explorer.collect.source import Array
from explorer.records.states import Kind, Role, TrackKind
from explorer.store.store import Store

FOREVER: Final = 1 << 62
SENT: Final = np.dtype([("start", "<i8"), ("end", "<i8"), ("request", "<u8"), ("ok", "?")])


@dataclass(frozen=True, slots=True)
class Replay:
    """How a run kept to its plan: `planned` and `sent` requests; `same`: those sent were due exactly as planned.

    Without a plan (users, a burst) `planned` is 0 and `same` None.
    """

    planned: int
    sent: int
    same: bool | None


def requests_of(store: Store) -> Array:
    """The load's finished requests that `store` has, (n,) of SENT, in the order of their intended sends."""
    loads = {process.number for process in store.processes.values() if process.role is Role.LOAD}
    tracks = [
        number for number, track in store.tracks.items() if track.kind is TrackKind.REQUESTS and track.process in loads
    ]
    parts = []
    for number in tracks:
        for depth in store.depths(number):
            for piece in store.slices(number, depth, 0, FOREVER):
                mine = piece.kind == Kind.CLIENT_REQUEST
                part = np.zeros(int(mine.sum()), SENT)
                status = piece.argument[mine] & np.uint64(0xFFFFFFFF)
                part["start"], part["end"] = piece.start[mine], piece.end[mine]
                part["request"], part["ok"] = piece.request[mine], (status > 0) & (status < 400)
                parts.append(part)
    found = np.concatenate(parts) if parts else np.zeros(0, SENT)
    return found[np.lexsort((found["request"], found["start"]))]


def replay(sent: Array, offsets: Sequence[int]) -> Replay:
    """Hold what was sent (`requests_of`) against the planned `offsets` (ns)."""
    if not offsets:
        return Replay(0, len(sent), None)
    planned = np.array(offsets, np.int64)
    starts = np.sort(sent["start"])[: len(planned)]
    if not len(starts):
        return Replay(len(planned), 0, False)
    same = len(starts) == len(planned) and np.array_equal(starts - starts[0], planned - planned[0])
    return Replay(len(planned), len(sent), bool(same))
