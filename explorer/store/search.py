"""Finding spans by name, requests by number, route or status, and markers by their words, a slice of the store at a
time.

The words are looked up among the names first; then the chunks' columns of name numbers go through a table, about 30 ns
a span. A search goes on with a live run: each `step` looks at what has come since. Of very many hits only the earliest
are kept, and `more` says so.
"""

import re
from dataclasses import dataclass
from typing import Final

import numpy as np

from explorer.collect.source import Array
from explorer.records.schema import PROCESS_SHIFT, U32
from explorer.records.states import NO_ANSWER, Kind, TrackKind
from explorer.store.chunks import Chunk
from explorer.store.rows import Row
from explorer.store.store import Store

HIT: Final = np.dtype(
    [
        ("time", "<i8"),  # start, ns
        ("request", "<u8"),
        ("name", "<u4"),
        ("track", "<u4"),  # 0: a request as a whole, or a marker
        ("depth", "u1"),
        ("piece", "?"),  # a piece of a request's way, which mostly repeats what another lane shows
    ]
)
MOST_HITS: Final = 100_000
SPANS_A_STEP: Final = 400_000
"""About 3 ms."""
FAILED_FROM: Final = 400
_COUNTER: Final = np.uint64((1 << PROCESS_SHIFT) - 1)
_NUMBER: Final = re.compile(r"#?\s*(\d{1,3}(?:,\d{3})+|\d+)")
_REQUESTS: Final = (TrackKind.REQUESTS, TrackKind.HOST)
_NOT_SEARCHED: Final = (TrackKind.STATES, TrackKind.GIL)
_KINDS: Final = {
    "timer": Kind.TIMER,
    "signal": Kind.SIGNAL,
    "message": Kind.MESSAGE,
    "websocket": Kind.MESSAGE,
    "update": Kind.PUSH,
    "sse": Kind.PUSH,
    "statement": Kind.STATEMENT,
    "notification": Kind.NOTIFICATION,
    "garbage collection": Kind.GC,
    "gc": Kind.GC,
    "lock wait": Kind.LOCK_WAIT,
}
_FAILURES: Final = frozenset({"error", "failed", "failure"})


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched for: `words` in names (case does not count), and perhaps a request's number, an HTTP status,
    whatever failed, or records of a kind.
    """

    words: str
    number: int | None = None
    status: int | None = None
    failures: bool = False
    kind: Kind | None = None


def parse(text: str) -> Query:
    """`#2664` and `2,664` are a request's number, three digits also a status; "errors" are requests that failed."""
    words = " ".join(text.casefold().split())
    plain = words.removesuffix("s") if len(words) > 3 else words
    found = _NUMBER.fullmatch(words)
    number = int(found[1].replace(",", "")) if found else None
    status = number if number is not None and not words.startswith("#") and 100 <= number <= 599 else None
    return Query(
        "" if words.startswith("#") and found else words,
        number if number is None or number <= int(_COUNTER) else None,
        status,
        plain in _FAILURES,
        _KINDS.get(words, _KINDS.get(plain)),
    )


class Search:
    """One search in one store; `step` until it says that nothing is left, and again when there is more.

    `hits` is an array of `HIT`, by time; `more` says that there are more than those that are kept.
    """

    def __init__(self, store: Store, text: str, most: int = MOST_HITS) -> None:
        self.query = parse(text)
        self.more = False
        self._store = store
        self._most = most
        self._restart()

    def _restart(self) -> None:
        self._late = self._store.tally.late
        self._done = False
        # Both have one more place than there are names, for numbers that nobody declared: nothing is found there.
        self._table = np.zeros(1, bool)
        self._elsewhere = np.zeros(1, bool)
        self._seen: dict[tuple[int, int], tuple[Chunk, int]] = {}
        self._scanned = 0
        self._new: list[Array] = []
        self._kept = np.zeros(0, HIT)
        self._markers = -1
        self.more = False

    @property
    def progress(self) -> float:
        """The share of the store that has been looked at, 0 to 1."""
        return 1.0 if self._done else min(1.0, self._scanned / max(1, self._store.count + self._store.dropped))

    @property
    def hits(self) -> Array:
        """What was found so far, by time."""
        self._settle()
        return self._kept

    def matches(self, name: Array, request: Array) -> Array:
        """Which of the spans with these names and requests are to be shown as found, (n,) of bool."""
        found = self._named(name)
        if self.query.number is not None:
            found |= (request & _COUNTER == self.query.number) & (request > 0)
        return found

    def step(self, spans: int = SPANS_A_STEP) -> bool:
        """Look at `spans` spans or a little more; True if there is something left to look at."""
        store = self._store
        if store.tally.late != self._late:
            self._restart()  # something came in between what was seen already
        self._done = False
        self._learn_names()
        self._find_markers()
        for row in store.rows():
            track = store.tracks.get(row.track)
            if track is not None and track.kind in _NOT_SEARCHED:
                continue
            requests = track is not None and track.kind in _REQUESTS
            pieces = track is not None and track.kind is TrackKind.LANE
            for at, first in self._unseen(row):
                chunk = row.chunks[at]
                last = chunk.count
                self._look(row, chunk, first, last, requests, pieces)
                self._seen[row.track, row.depth] = chunk, last
                self._scanned += last - first
                spans -= last - first
                if spans <= 0:
                    return True
        self._done = True
        return False

    def _unseen(self, row: Row) -> list[tuple[int, int]]:
        """The chunks of a row that are not yet seen as a whole: place, and from which span on."""
        seen = self._seen.get((row.track, row.depth))
        if seen is None:
            return [(at, 0) for at in range(len(row.chunks))]
        chunk, count = seen
        place = next((at for at in range(len(row.chunks) - 1, -1, -1) if row.chunks[at] is chunk), -1)
        if place < 0:  # it was dropped, and all before it
            return [(at, 0) for at in range(len(row.chunks))]
        first = [(place, count)] if chunk.count > count else []
        return first + [(at, 0) for at in range(place + 1, len(row.chunks))]

    def _look(self, row: Row, chunk: Chunk, first: int, last: int, requests: bool, pieces: bool) -> None:
        query, part = self.query, slice(first, last)
        name, request = chunk.name[part], chunk.request[part]
        found = self._named(name)
        if query.kind is not None:
            found |= chunk.kind[part] == query.kind
        if requests:
            found |= self._answered(chunk.kind[part], chunk.argument[part])
        if query.number is not None:
            numbered = (request & _COUNTER == query.number) & (request > 0)
            self._add(chunk, first, numbered & ~found, 0, row.depth, False)
        if not found.any():
            return
        if not (requests or pieces):
            self._elsewhere[name[found & self._named(name)]] = True
        self._add(chunk, first, found, 0 if requests else row.track, row.depth, pieces)

    def _named(self, name: Array) -> Array:
        found: Array = self._table.take(name, mode="clip")
        return found

    def _answered(self, kind: Array, argument: Array) -> Array:
        """Which records of requests have the wanted status."""
        query = self.query
        whole = (kind == Kind.REQUEST) | (kind == Kind.CLIENT_REQUEST)
        status = argument & np.uint64(U32)
        found = np.zeros(len(kind), bool)
        if query.status is not None:
            found |= status == query.status
        if query.failures:
            found |= (status >= FAILED_FROM) & (status < 600) | (status == NO_ANSWER) & (kind == Kind.CLIENT_REQUEST)
        found &= whole
        return found

    def _add(self, chunk: Chunk, first: int, found: Array, track: int, depth: int, piece: bool) -> None:
        places = np.flatnonzero(found) + first
        if self.more and len(self._kept) >= self._most:  # later ones would be cut away again
            places = places[chunk.start[places] < self._kept["time"][-1]]
        if not len(places):
            return
        hits = np.zeros(len(places), HIT)
        hits["time"], hits["request"] = chunk.start[places], chunk.request[places]
        hits["name"], hits["track"], hits["depth"], hits["piece"] = chunk.name[places], track, depth, piece
        self._new.append(hits if track else hits[hits["request"] > 0])
        if sum(len(some) for some in self._new) > self._most:
            self._settle()

    def _learn_names(self) -> None:
        names, known = self._store.names, len(self._table) - 1
        if len(names) > known:
            words = self.query.words
            new = [bool(words) and words in text.casefold() for text in names[known:]]
            self._table = np.concatenate((self._table[:known], np.array([*new, False], bool)))
            self._elsewhere = np.concatenate((self._elsewhere, np.zeros(len(new), bool)))

    def _find_markers(self) -> None:
        markers = self._store.markers
        if len(markers) == self._markers or not self.query.words:
            return
        self._markers = len(markers)
        self._kept = self._kept[(self._kept["track"] > 0) | (self._kept["request"] > 0)]
        self._new = [some[(some["track"] > 0) | (some["request"] > 0)] for some in self._new]
        times = [marker.time for marker in markers if self.query.words in marker.text.casefold()]
        hits = np.zeros(len(times), HIT)
        hits["time"] = times
        self._new.append(hits)

    def _settle(self) -> None:
        """Bring what is new into the order of time; each request once, no piece that another lane shows as well."""
        begin = self._store.begin
        if begin is not None and len(self._kept) and self._kept["time"][0] < begin:
            self._kept = self._kept[self._kept["time"] >= begin]
        if not self._new:
            return
        hits = np.concatenate((self._kept, *self._new))
        self._new = []
        hits = hits[~(hits["piece"] & self._elsewhere.take(hits["name"], mode="clip"))]
        hits = hits[np.argsort(hits["time"], kind="stable")]
        whole = np.flatnonzero((hits["track"] == 0) & (hits["request"] > 0))
        if len(whole):
            _, firsts = np.unique(hits["request"][whole], return_index=True)
            keep = np.ones(len(hits), bool)
            keep[whole] = False
            keep[whole[firsts]] = True
            hits = hits[keep]
        if begin is not None:
            hits = hits[hits["time"] >= begin]
        if len(hits) > self._most:
            self.more = True
            hits = hits[: self._most]
        self._kept = hits
