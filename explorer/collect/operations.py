"""Operations of requests: they give the pieces of a request's way their names, and what comes after it a place.

A piece says what state a request was in; an operation says what was being done for it: a dependency, serialization.
While an operation goes on, stretches in which the request awaits, runs on a loop or in a thread bear its name, that of
the innermost if there are several; a wait for something or a traced call is more specific and keeps its own. So every
operation is seen on its request's lane, in the states that it really was in.

The records themselves stay whole, on their process's track of requests, which is not drawn. An operation that begins
when the answer has been sent (a background task) has no place on the request's lane, which may be another request's
already: it goes to lanes of its own, "beside the requests".
"""

from typing import Final

import numpy as np

from explorer.collect import pieces
from explorer.collect.lanes import Lanes
from explorer.collect.order import find, join, select, take
from explorer.collect.registry import Registry
from explorer.collect.source import SPAN, Array
from explorer.collect.ways import UNSEEN, Way
from explorer.records.states import Flag, Kind

BESIDE: Final = "beside the requests"


class Operations:
    """Keeps the operations of requests under way, and until the requests of the same poll are known."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._new = np.empty(0, SPAN)
        self._kept = np.empty(0, SPAN)  # of requests that have been under way at the last poll
        self._beside: Lanes | None = None

    @property
    def idle(self) -> bool:
        """Whether none waits for its place."""
        return not len(self._new)

    def update(self, spans: Array) -> None:
        """Take in released spans, (n,) of SPAN in order of end."""
        mine = select(spans, _complete(spans))
        if len(mine):
            self._new = join([self._new, mine], SPAN)

    def place(self, done: Array, under_way: dict[int, Way]) -> Array:
        """What has come, (n,) of SPAN: where it was written, or beside the requests.

        `done` is (m,) of STRETCH, the requests that have ended in this poll, sorted by request.
        """
        spans, self._new = self._new, np.empty(0, SPAN)
        self._kept = join([self._kept, spans], SPAN)
        spans = spans.copy()
        place, ended = find(done["request"], spans["request"])
        if len(done):
            ended &= spans["start"] < done["left"][place]
        for at in np.flatnonzero(~ended).tolist():
            way = under_way.get(int(spans["request"][at]))
            if way is None or UNSEEN < way.server_end <= int(spans["start"][at]):
                self._put_beside(spans, at)
        return spans

    def forget(self, under_way: Array) -> None:
        """Drop those of requests that are over; `under_way` is (n,) of request numbers, sorted."""
        if len(self._kept):
            self._kept = select(self._kept, find(under_way, self._kept["request"])[1])

    def names(self, found: Array, requests: Array, unfinished: Array, awaits: int) -> Array:
        """Pieces (m,) of INTERVAL, cut where operations begin and end, and named by them.

        `found` is ordered by window and start; its windows are indices into `requests` (n,), sorted. `unfinished` is
        (k,) of SPAN as for `Requests.pieces`. `awaits` is the name of pieces of which no more is known.
        """
        operations = join([self._kept, select(unfinished, _complete(unfinished))], SPAN)
        place, known = find(requests, operations["request"])
        operations, window = select(operations, known), place[known]
        # Of several the innermost, which began last, must come last: cut to one piece they all begin and end with it.
        order = np.argsort(operations["start"], kind="stable")
        operations, window = take(operations, order), window[order]
        if not len(operations) or not len(found):
            return found
        level = found["level"]
        takes_part = (level == pieces.STEP) | (level == pieces.JOB)
        takes_part |= (level == pieces.FLOOR) & (found["name"] == awaits)
        piece, operation = _overlapping(found, operations, window)
        mine = takes_part[piece]
        piece, operation = piece[mine], operation[mine]
        own = take(found, piece)
        own["name"] = operations["name"][operation]
        own["start"] = operations["start"][operation]
        own["end"] = operations["end"][operation]
        own["level"] = pieces.CALL
        own["window"] = piece
        floor = found.copy()
        floor["window"] = np.arange(len(found))
        floor["level"] = pieces.FLOOR
        cut = pieces.sweep(found["start"], found["end"], join([floor, own], pieces.INTERVAL))
        cut["window"] = found["window"][cut["window"]]
        return cut

    def _put_beside(self, spans: Array, at: int) -> None:
        if self._beside is None:
            self._beside = Lanes(self._registry, BESIDE)
        start, end = int(spans["start"][at]), int(spans["end"][at])
        lane = self._beside.take(start)
        self._beside.give_back(lane, end)
        if lane >= 0:
            spans["track"][at] = self._beside.track(lane)
            spans["depth"][at] = 0


def open_names(waiting: Array) -> dict[int, int]:
    """By request: the name of what began last and goes on; `waiting` is (n,) of SPAN, begins without a complete."""
    rows = select(waiting, waiting["kind"] == Kind.OPERATION)
    rows = take(rows, np.argsort(rows["start"], kind="stable"))
    return dict(zip(rows["request"].tolist(), rows["name"].tolist(), strict=True))


def _complete(spans: Array) -> Array:
    found: Array = (spans["kind"] == Kind.OPERATION) & ((spans["flags"] & Flag.COMPLETE) != 0)
    return found


def _overlapping(found: Array, operations: Array, window: Array) -> tuple[Array, Array]:
    """All pairs of a piece and an operation of the same window that overlap: indices into both.

    Windows are laid behind one another on one axis, as in `pieces.sweep`, so that pieces lie on it in order.
    """
    count = int(max(found["window"].max(), window.max())) + 1
    begins, ends = np.full(count, pieces.LATEST), np.zeros(count, np.int64)
    np.minimum.at(begins, found["window"], found["start"])
    np.maximum.at(ends, found["window"], found["end"])
    lengths = np.maximum(ends - begins, 0)
    shift = np.concatenate(([0], np.cumsum(lengths + 1)[:-1])) - begins
    starts, stops = found["start"] + shift[found["window"]], found["end"] + shift[found["window"]]
    first = np.clip(operations["start"], begins[window], ends[window]) + shift[window]
    last = np.clip(operations["end"], begins[window], ends[window]) + shift[window]
    low, high = np.searchsorted(stops, first, side="right"), np.searchsorted(starts, last, side="left")
    counts = np.maximum(high - low, 0)
    counts[ends[window] == 0] = 0
    operation = np.repeat(np.arange(len(operations)), counts)
    within = np.arange(len(operation)) - np.repeat(np.cumsum(counts) - counts, counts)
    piece: Array = low[operation] + within
    return piece, operation
