"""Where a request's time goes: the pieces of its way added up by cause, largest first, with what is left over named.

Input are spans of kind PIECE on the lanes of requests, as the collector made them; within a request they do not
overlap. Where the load comes from other hosts, each request also has one on a lane of its host, from its intended send
to its answer. What that is longer than the server's pieces is the request's way to the server and back; a difference of
durations, so that the clocks of hosts have no part in it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from explorer.collect.source import Array, OpenSpan
from explorer.records.schema import span_argument
from explorer.records.states import Flag, Kind, State, TrackKind
from explorer.store.rows import Slice, Span
from explorer.store.store import Store

UNEXPLAINED: Final = "Unexplained"
ON_ITS_WAY: Final = "on its way to the server and back"
SMALLEST_NS: Final = 50_000
OVERTAKES: Final = 1.2
"""So much larger than the part before it must a part be to take its place among means that are read again and again."""
_LOOK_BACK: Final = 256
"""Pieces looked at first for the beginning of a request, then four times as many: most have a handful."""


@dataclass(frozen=True, slots=True)
class TimePart:
    """A share of a request's time: `cause` in words, its `state` (None: unexplained) and `ns`."""

    cause: str
    state: State | None
    ns: float


@dataclass(frozen=True, slots=True)
class MeanParts:
    """The mean over `requests` requests that ended in a stretch of time; `total_ns` is the mean duration."""

    parts: tuple[TimePart, ...]
    total_ns: float
    requests: int


def pieces_of(store: Store, request: int) -> list[Span]:
    """The pieces of a request, in time order; those on lanes of hosts only if there are no others.

    One that is still open ends now, and has `Flag.BEGIN`.
    """
    found = [span for span in store.request(request) if span.kind is Kind.PIECE]
    going = [span for span in store.open_spans if request and span.request == request and span.kind is Kind.PIECE]
    pieces = sorted([*found, *(grown(span, store.now) for span in going)], key=lambda span: span.start)
    return [piece for piece in pieces if not from_host(store, piece.track)] or pieces


def grown(span: OpenSpan, now: int) -> Span:
    """What is open as a span that ends `now` (ns)."""
    end, fields = max(now, span.start), (span.name, span.request, span_argument())
    return Span(span.track, span.depth, span.start, end, *fields, span.kind, span.state, Flag.BEGIN)


def from_host(store: Store, track: int) -> bool:
    """Whether what is on a track was told by the load on another host."""
    known = store.tracks.get(track)
    while known is not None and known.kind is TrackKind.LANE:
        known = store.tracks.get(known.parent)
    return known is not None and known.kind is TrackKind.HOST


def request_parts(pieces: Iterable[Span], names: list[str], asked_ns: int = 0) -> list[TimePart]:
    """Add up the pieces of one request. Parts below 0.05 ms go to what is unexplained, so that the sum stays whole.

    `asked_ns` is how long it took for a host that sent it, if one did.
    """
    sums: dict[tuple[str, State], float] = {}
    pieces = list(pieces)
    begin = min((piece.start for piece in pieces), default=0)
    end = max((piece.end for piece in pieces), default=0)
    for piece in pieces:
        key = (names[piece.name] if piece.name < len(names) else "", piece.state)
        sums[key] = sums.get(key, 0.0) + piece.duration
    if asked_ns > end - begin:
        sums[ON_ITS_WAY, State.QUEUED] = float(asked_ns - (end - begin))
    return _listed(sums, float(max(end - begin, asked_ns)))


def mean_parts(
    store: Store, t0: int, t1: int, since: int = 0, among: Array | None = None, without: Array | None = None
) -> MeanParts:
    """The mean way of all requests on the lanes of `store` that ended between `t0` and `t1` and began `since` (ns);
    `among`: only of these, `without`: not of these, (n,) u8.

    A request counts with all its pieces, those before `t0` too, or it would seem shorter than it was. Asked once a
    second over all lanes: about 10 ns a piece.
    """
    sums = np.zeros(max(len(store.names), 1) * len(State))
    going = {span.track: span.request for span in store.open_spans if span.kind is Kind.PIECE}
    count = 0
    asked_ns, asked = 0.0, 0
    for number, track in store.tracks.items():
        if track.kind is not TrackKind.LANE:
            continue
        if from_host(store, number):
            more_ns, more = _asked(store, number, t0, t1, since)
            asked_ns, asked = asked_ns + more_ns, asked + more
            continue
        begin = begin_on_lane(store, number, t0, t1)
        if begin < since:
            begin = _next_begin(store, number, begin, since, t1)
        pieces = store.slices(number, 0, begin, t1)
        late = int(pieces[-1].request[-1]) if pieces else 0
        if late != going.get(number) and not (pieces and pieces[-1].end[-1] > t1):
            late = 0
        last = 0
        for piece in pieces:
            requests = piece.request
            whole = (piece.kind == Kind.PIECE) & (requests != late)
            whole[: int(piece.start.searchsorted(begin))] = False
            if among is not None:
                whole &= np.isin(requests, among)
            if without is not None and len(without):
                whole &= ~np.isin(requests, without)
            keys, lengths = _keys(piece, len(store.names)), piece.end - piece.start
            if not whole.all():
                keys, lengths, requests = keys[whole], lengths[whole], requests[whole]
            if not len(requests):
                continue
            sums += np.bincount(keys, lengths, sums.size)
            count += int(np.count_nonzero(requests[1:] != requests[:-1])) + int(requests[0] != last)
            last = int(requests[-1])
    if not count:
        return MeanParts((), 0.0, 0)
    found = {
        (store.names[key // len(State)], State(key % len(State))): float(sums[key]) / count
        for key in np.flatnonzero(sums).tolist()
    }
    total = float(sums.sum()) / count
    if asked and asked_ns / asked > total:
        found[ON_ITS_WAY, State.QUEUED] = asked_ns / asked - total
        total = asked_ns / asked
    return MeanParts(tuple(_listed(found, total)), total, count)


def _asked(store: Store, lane: int, t0: int, t1: int, since: int) -> tuple[float, int]:
    """How long (ns) the requests on a host's lane took that ended between `t0` and `t1`, and how many they were."""
    total, count = 0.0, 0
    for piece in store.slices(lane, 0, t0, t1):
        mine = (piece.kind == Kind.PIECE) & (piece.end > t0) & (piece.end <= t1) & (piece.start >= since)
        total += float((piece.end - piece.start)[mine].sum())
        count += int(np.count_nonzero(mine))
    return total, count


def in_steady_order(parts: Sequence[TimePart], before: Sequence[TimePart]) -> list[TimePart]:
    """`parts` by size, but where `before` (the list shown until now) had two of them the other way round and they are
    of nearly equal size, they stay so: rows that a person reads must not change places with every breath of the load.
    """
    place = {(part.cause, part.state): number for number, part in enumerate(before)}
    last = len(place)
    ordered = sorted(parts, key=lambda part: (part.state is None, place.get((part.cause, part.state), last), -part.ns))
    for end in range(1, len(ordered)):
        here = end
        while here and _overtakes(ordered[here], ordered[here - 1]):
            ordered[here - 1], ordered[here] = ordered[here], ordered[here - 1]
            here -= 1
    return ordered


def _overtakes(part: TimePart, above: TimePart) -> bool:
    return part.state is not None and (above.state is None or part.ns > OVERTAKES * above.ns)


def _keys(piece: Slice, names: int) -> Array:
    """Where each piece is added up, by name and state; a recording may hold numbers that nobody declared."""
    name, state = piece.name.astype(np.intp), piece.state
    if int(name.max()) >= names:
        name[name >= names] = 0
    if int(state.max()) >= len(State):
        state = np.where(state < len(State), state, State.UNKNOWN)
    name *= len(State)
    name += state
    return name


def begin_on_lane(store: Store, lane: int, t0: int, t1: int) -> int:
    """When (ns) the request began that is the first on `lane` after `t0`, which may lie long before."""
    after = store.slices(lane, 0, t0, t1)
    if not after:
        return t0
    request, begin = after[0].request[0], t0
    for piece in reversed(store.slices(lane, 0, 0, t0 + 1)):
        requests = piece.request
        last, width = len(requests), _LOOK_BACK
        while last:
            before = max(0, last - width)
            others = np.flatnonzero(requests[before:last] != request)
            first = before + int(others[-1]) + 1 if len(others) else before
            if first < last:
                begin = min(begin, int(piece.start[first]))
            if len(others):
                return begin
            last, width = before, 4 * width
    return begin


def _next_begin(store: Store, lane: int, begin: int, since: int, t1: int) -> int:
    """When (ns) the first request began on `lane` that did so from `since` on, at most `t1`; one began at `begin`."""
    last = 0
    for piece in store.slices(lane, 0, begin, t1):
        before = np.concatenate((np.array([last], piece.request.dtype), piece.request[:-1]))
        heads = np.flatnonzero((piece.request != before) & (piece.start >= since))
        if len(heads):
            return int(piece.start[heads[0]])
        last = int(piece.request[-1])
    return t1


def _listed(sums: dict[tuple[str, State], float], total: float) -> list[TimePart]:
    kept = [TimePart(cause, state, ns) for (cause, state), ns in sums.items() if ns >= SMALLEST_NS]
    kept.sort(key=lambda part: -part.ns)
    rest = total - sum(part.ns for part in kept)
    if kept or total:
        kept.append(TimePart(UNEXPLAINED, None, max(rest, 0.0)))
    return kept
