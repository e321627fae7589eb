"""When the load of a run meant to send, as its spans tell it; and whether that is what was planned.

Requests of the load are spans of kind CLIENT_REQUEST that begin with the intended send, whatever the server did. They
are taken from the batches, not from a store: that drops the oldest of a long run, and then request k of one run would
not be request k of the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from explorer.collect.source import Array, Batch
from explorer.records.schema import U32
from explorer.records.states import Kind, TrackKind

SENT: Final = np.dtype([("start", "<i8"), ("end", "<i8"), ("request", "<u8"), ("ok", "?")])


@dataclass(frozen=True, slots=True)
class Replay:
    """How a run kept to its plan: `planned` and `sent` requests; `same`: those sent were due exactly as planned.

    Without a plan (users, a burst) `planned` is 0 and `same` None.
    """

    planned: int
    sent: int
    same: bool | None


class Sends:
    """The finished requests of the load, 25 bytes each; to be fed with all batches of a run. Those that other hosts
    sent have another clock and no common schedule: they are left out.
    """

    def __init__(self) -> None:
        self._parts: list[Array] = []
        self._hosts: list[int] = []

    def feed(self, batch: Batch) -> None:
        """Take in what is next."""
        self._hosts += [track.number for track in batch.tracks if track.kind is TrackKind.HOST]
        spans = batch.spans[batch.spans["kind"] == Kind.CLIENT_REQUEST]
        if self._hosts:
            spans = spans[~np.isin(spans["track"], self._hosts)]
        if len(spans):
            made = np.zeros(len(spans), SENT)
            status = spans["argument"] & np.uint64(U32)
            for field in ("start", "end", "request"):
                made[field] = spans[field]
            made["ok"] = (status > 0) & (status < 400)
            self._parts.append(made)

    @property
    def requests(self) -> Array:
        """What has come so far, (n,) of SENT, in the order of the intended sends."""
        found = np.concatenate([np.zeros(0, SENT), *self._parts])
        ordered: Array = found[np.lexsort((found["request"], found["start"]))]
        return ordered


def answered(sent: Array, t0: int, t1: int) -> Array:
    """The numbers, (n,) u8 in order, of the requests that were answered well from `t0` to `t1` (ns).

    Theirs are the latencies that count. What is under way when a load ends is given up, and says nothing of how long an
    answer takes.
    """
    numbers: Array = np.sort(sent["request"][sent["ok"] & (sent["end"] > t0) & (sent["end"] <= t1)])
    return numbers


def replay(sent: Array, offsets: Sequence[int]) -> Replay:
    """Hold what was sent (`Sends.requests`) against the planned `offsets` (ns)."""
    if not offsets:
        return Replay(0, len(sent), None)
    planned = np.array(offsets, np.int64)
    starts = np.sort(sent["start"])[: len(planned)]
    if not len(starts):
        return Replay(len(planned), 0, False)
    same = len(starts) == len(planned) and np.array_equal(starts - starts[0], planned - planned[0])
    return Replay(len(planned), len(sent), bool(same))
