"""A request's critical path: what it waited for and what ran, from its intended send to its whole answer, in order.

The path is made of legs. Each leg lies between two moments that were recorded: where one process wrote down that
something began and ended (a step, a job, a wait for a token, a connection being opened), or where the load and the
server each stamped their clock, which is one per host (sent and read, answered and received). No leg is what others
leave over: what no pair of moments covers is counted apart, as `unexplained`.

Legs never overlap, so that nothing counts twice and the rest is never negative. The rules, in order:

- nothing counts before the intended send or after the last byte of the answer, whoever goes on working;
- from the moment when the server was done with the answer, what is left is the response's way, also while the step
  that wrote it still runs;
- else the more specific record counts (a call in a job, a job in a wait, see `collect.pieces`);
- a stretch of which the server told nothing is awaiting if records of this request lie on both sides of it: the task
  had stepped, and stepped again. Between a loop and a job in a thread it is the hand-over from one to the other. At the
  edge of the server's part there is nothing to await: unexplained.

Requests from other hosts have their server's part here: the clocks of hosts do not agree to a millisecond, so the
difference of durations is all that is known of the rest (`parts.ON_ITS_WAY`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, NamedTuple

import numpy as np

from explorer.analysis.parts import from_host
from explorer.collect import way_words
from explorer.collect.source import Array
from explorer.records.states import Kind, State, TrackKind
from explorer.store.rows import Span
from explorer.store.store import Store


class PathPart(IntEnum):
    """What a request's time can go into, in the order of its way."""

    SEND = 0  # it was due, and the load had not sent it
    CONNECT = 1  # a connection was opened for it
    ARRIVAL = 2  # it was sent, and the server had not begun to read it
    LOOP = 3  # it was ready, and its loop was at something else
    TOKEN = 4  # it waited for a thread, a process, an interpreter, a connection or its turn
    HANDOVER = 5  # one thread had handed it to another, which had not begun: it wanted the GIL or a core
    GIL = 6
    RUN = 7
    CORE = 8  # it could have run, and all cores were busy
    LOCK = 9
    IO = 10  # its thread stood still in the system
    AWAIT = 11  # its task was suspended
    OFF_CORE = 12  # its thread was not on a core, and nobody saw why
    RESPONSE = 13  # the server was done with it, and the load had not all of the answer


PARTS: Final = len(PathPart)
_UNEXPLAINED: Final = PARTS
_BY_STATE: Final = np.full(256, PathPart.OFF_CORE, np.uint8)
for _state, _part in {
    State.RUNNING: PathPart.RUN,
    State.RUNNABLE: PathPart.CORE,
    State.WAITING_GIL: PathPart.GIL,
    State.WAITING_LOCK: PathPart.LOCK,
    State.BLOCKED: PathPart.IO,
    State.QUEUED: PathPart.TOKEN,
    State.AWAITING: PathPart.AWAIT,
    State.IDLE: PathPart.AWAIT,
}.items():
    _BY_STATE[_state] = _part
_BY_WORDS: Final = {
    way_words.IN_LOAD: PathPart.SEND,
    way_words.CONNECTS: PathPart.CONNECT,
    way_words.TO_SERVER: PathPart.ARRIVAL,
    way_words.FOR_LOOP: PathPart.LOOP,
    way_words.FOR_HANDLER: PathPart.LOOP,
    way_words.BACK: PathPart.RESPONSE,
}
"""What is told by the name of a piece and not by its state."""
_BEFORE_SERVER: Final = (PathPart.SEND, PathPart.CONNECT, PathPart.ARRIVAL)
_SIDES: Final = np.zeros(256, bool)
_SIDES[[Kind.REQUEST, Kind.MESSAGE, Kind.CLIENT_REQUEST]] = True

_PIECE: Final = np.dtype(
    [
        ("request", "<u8"),
        ("start", "<i8"),
        ("end", "<i8"),
        ("name", "<u4"),
        ("track", "<u4"),  # where it happened, 0: nowhere in particular
        ("part", "u1"),
        ("state", "u1"),
        ("reserved", "V6"),
    ]
)
_SIDE: Final = np.dtype([("request", "<u8"), ("start", "<i8"), ("end", "<i8"), ("client", "?"), ("reserved", "V7")])


class Leg(NamedTuple):
    """A stretch of the path: `part`, `start` and `end` (ns), the `cause` in the collector's words, the `track` where it
    happened (0: nowhere in particular).
    """

    part: PathPart
    start: int
    end: int
    cause: str
    state: State
    track: int

    @property
    def duration(self) -> int:
        """Length in ns."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class CriticalPath:
    """The way of one request from `start`, its intended send, to `end`, its whole answer (ns); `legs` in order.

    `sent_here` is False for what no load of this host sent: then it is from the server's first byte to its last.
    """

    request: int
    start: int
    end: int
    legs: tuple[Leg, ...]
    sent_here: bool

    @property
    def total(self) -> int:
        """The measured latency, ns."""
        return self.end - self.start

    @property
    def unexplained(self) -> int:
        """What no leg covers, ns; never negative."""
        return self.total - sum(leg.duration for leg in self.legs)

    def sums(self) -> dict[PathPart, int]:
        """How long (ns) each part took that took any time, longest first."""
        sums: dict[PathPart, int] = {}
        for leg in self.legs:
            sums[leg.part] = sums.get(leg.part, 0) + leg.duration
        return dict(sorted(sums.items(), key=lambda item: -item[1]))


def critical_path(store: Store, request: int, spans: Sequence[Span] | None = None) -> CriticalPath | None:
    """The path of one request that is over, None if it is unknown, not over or not on a lane.

    `spans` are all of the request (`Store.request`), for who has them at hand.
    """
    spans = store.request(request) if spans is None else spans
    pieces = [span for span in spans if span.kind is Kind.PIECE and not from_host(store, span.track)]
    sides = [span for span in spans if _SIDES[span.kind] and not from_host(store, span.track)]
    if not pieces or not sides:
        return None
    made = np.zeros(len(pieces), _PIECE)
    for field in ("request", "start", "end", "name", "state"):
        made[field] = [getattr(piece, field) for piece in pieces]
    made["track"] = [piece.value for piece in pieces]
    told = np.array(
        [(side.request, side.start, side.end, side.kind is Kind.CLIENT_REQUEST, b"") for side in sides], _SIDE
    )
    ends = _Ends.of(told)
    legs = _legs(made, ends, _Known.of(store))
    return CriticalPath(
        request,
        int(ends.start[0]),
        int(ends.end[0]),
        tuple(
            Leg(PathPart(part), start, end, store.name(name) or way_words.BACK, State(state), track)
            for part, start, end, name, state, track in legs[
                ["part", "start", "end", "name", "state", "track"]
            ].tolist()
            if part != _UNEXPLAINED
        ),
        bool(ends.client[0]),
    )


class _Known(NamedTuple):
    """What the numbers in pieces stand for: by the number of a name the part that it tells of (`_UNEXPLAINED`: the
    state does); by the number of a track whether it is a thread's. Both end with one more, for unknown numbers.
    """

    by_name: Array
    threads: Array

    @classmethod
    def of(cls, store: Store) -> "_Known":
        """As the store knows them now."""
        by_name = np.full(len(store.names) + 1, _UNEXPLAINED, np.uint8)
        for number, name in enumerate(store.names):
            if name in _BY_WORDS:
                by_name[number] = _BY_WORDS[name]
        threads = np.zeros(max(store.tracks, default=0) + 2, bool)
        threads[[number for number, track in store.tracks.items() if track.kind is TrackKind.THREAD]] = True
        return cls(by_name, threads)


def latencies_like(store: Store, path: CriticalPath) -> Array:
    """The latencies (n,) i8 in ns of all requests that are over and were told by the same side as `path`, the load or
    the server, under the same name: its own among them. About 10 ns a span that no lane shows.
    """
    spans = [span for span in store.request(path.request) if _SIDES[span.kind]]
    own = [span for span in spans if (span.kind is Kind.CLIENT_REQUEST) == path.sent_here]
    found = [np.zeros(0, np.int64)]
    if own:
        kind, name = own[0].kind, own[0].name
        for piece in store.told():
            mine = np.flatnonzero(piece.kind == kind)
            mine = mine[piece.name[mine] == name]
            found.append(piece.end[mine] - piece.start[mine])
    return np.concatenate(found)


def by_latency(store: Store) -> Array:
    """The numbers of all requests that are over, the quickest first, (n,) u8. About 0.2 µs a request.

    Those that no load of this host sent count by their server's side.
    """
    found: dict[bool, list[Array]] = {True: [], False: []}
    for piece in store.told():
        sides = _SIDES[piece.kind]
        for client in found:
            mine = np.flatnonzero(sides & ((piece.kind == Kind.CLIENT_REQUEST) == client))
            found[client].append(np.stack((piece.request[mine], (piece.end - piece.start)[mine].astype(np.uint64))))
    sent, served = (np.concatenate([np.zeros((2, 0), np.uint64), *parts], axis=1) for parts in found.values())
    both = np.concatenate((sent, served[:, ~np.isin(served[0], sent[0])]), axis=1)
    numbers: Array = both[0][np.lexsort((both[0], both[1]))]
    return numbers


class _Ends(NamedTuple):
    """Where requests begin and end, columns sorted by request; `left` is when the server was done with each."""

    request: Array
    start: Array
    end: Array
    left: Array
    client: Array

    @classmethod
    def of(cls, sides: Array) -> "_Ends":
        """From all sides, (n,) of _SIDE, of these requests."""
        if not len(sides):
            none = np.zeros(0, np.int64)
            return cls(none.astype(np.uint64), none, none, none, none.astype(bool))
        sides = sides[np.argsort(sides["request"], kind="stable")]
        number = sides["request"]
        heads = np.flatnonzero(np.concatenate(([True], number[1:] != number[:-1])))
        client, latest = sides["client"], np.iinfo(np.int64).max
        asked = np.logical_or.reduceat(client, heads)
        received = np.maximum.reduceat(np.where(client, sides["end"], 0), heads)
        left = np.maximum.reduceat(np.where(client, 0, sides["end"]), heads)
        served = np.logical_or.reduceat(~client, heads)
        first = np.minimum.reduceat(sides["start"], heads)
        due = np.minimum.reduceat(np.where(client, sides["start"], latest), heads)
        return cls(
            number[heads],
            np.where(asked, due, first),
            np.where(asked, received, left),
            np.where(served, left, latest),
            asked,
        )


def _legs(pieces: Array, ends: _Ends, store: _Known) -> Array:
    """Pieces (n,) of _PIECE as legs (m,) of the same, sorted by request and start, each with its part.

    Those that are not explained have the part `_UNEXPLAINED`.
    """
    known, place = _among(ends.request, pieces["request"])
    pieces, place = pieces[known], place[known]
    order = np.lexsort((pieces["start"], place))
    pieces, place = pieces[order].copy(), place[order]
    told = store.by_name[np.minimum(pieces["name"], len(store.by_name) - 1)]
    pieces["part"] = np.where(told < PARTS, told, _BY_STATE[pieces["state"]])
    _settle_bare(pieces, place, store.threads)
    # All requests lie behind one another on one axis, as in `collect.pieces`, so that one look finds what overlaps.
    until = np.clip(np.minimum(ends.left, ends.end), ends.start, None)
    lengths = until - ends.start
    axis = (np.cumsum(lengths) - lengths - ends.start)[place]
    first, last = (np.clip(pieces[side], ends.start[place], until[place]) + axis for side in ("start", "end"))
    reached = np.maximum.accumulate(last)
    first[1:] = np.maximum(first[1:], reached[:-1])  # damaged recordings hold such pieces; nothing may count twice
    pieces["start"], pieces["end"] = first - axis, last - axis
    kept = pieces[(pieces["end"] > pieces["start"]) & (pieces["part"] != PathPart.RESPONSE)]
    back = np.flatnonzero(ends.client & (ends.left < ends.end))
    rest = np.zeros(len(back), _PIECE)
    # Where clocks are damaged the server may have been done before the request was due.
    rest["request"], rest["end"] = ends.request[back], ends.end[back]
    rest["start"] = np.maximum(ends.left[back], ends.start[back])
    rest["part"], rest["state"] = PathPart.RESPONSE, State.QUEUED
    both = np.concatenate((kept, rest))
    return both[np.lexsort((both["start"], both["request"]))]


def _settle_bare(pieces: Array, place: Array, threads: Array) -> None:
    """Say what stretches without a record are, of pieces (n,) sorted, by what lies before and behind them."""
    bare = (pieces["part"] == PathPart.AWAIT) & (pieces["track"] == 0)
    if not bare.any():
        return
    joins = np.zeros(len(pieces), bool)
    joins[1:] = (place[1:] == place[:-1]) & (pieces["start"][1:] == pieces["end"][:-1])
    heads = bare.copy()
    heads[1:] &= ~(bare[:-1] & joins[1:])
    group = np.cumsum(heads) - 1
    first, mine = np.flatnonzero(heads), np.flatnonzero(bare)
    last = np.zeros(len(first), np.int64)
    last[group[mine]] = mine  # the last of a group is written last
    before, behind = first - 1, np.minimum(last + 1, len(pieces) - 1)
    part, track = pieces["part"], np.minimum(pieces["track"], len(threads) - 1)
    begun = joins[first] & ~np.isin(part[before], _BEFORE_SERVER)
    goes_on = (last + 1 < len(pieces)) & joins[behind] & (part[behind] != PathPart.RESPONSE)
    meaning = np.full(len(first), PathPart.AWAIT, np.uint8)
    meaning[threads[track[behind]] != threads[track[before]]] = PathPart.HANDOVER
    meaning[~(begun & goes_on)] = _UNEXPLAINED
    pieces["part"][mine] = meaning[group[mine]]


def _among(sorted_numbers: Array, numbers: Array) -> tuple[Array, Array]:
    """Which of `numbers` are among the sorted ones, and where."""
    if not len(sorted_numbers):
        return np.zeros(len(numbers), bool), np.zeros(len(numbers), np.intp)
    place = np.minimum(np.searchsorted(sorted_numbers, numbers), len(sorted_numbers) - 1)
    known: Array = sorted_numbers[place] == numbers
    return known, place
