"""The critical path of a request: from raw records through the collector's pieces to parts that add up."""

import itertools

import numpy as np
import pytest

from explorer.analysis.critical_path import CriticalPath, PathPart, by_latency, critical_path, latencies_like
from explorer.collect.registry import Registry
from explorer.collect.requests import Requests
from explorer.collect.source import SPAN, Batch, Track
from explorer.records.schema import TIME_UNIT_NS
from explorer.records.states import Flag, Kind, State, TrackKind
from explorer.store.store import Store
from tests.unit.collect.make import Row, begin, row, spans

MS = 1_000_000
US = 1_000
R = 1 << 40 | 7
LOAD, SERVER, LOOP, THREAD = 11, 12, 13, 14
PLANTED = 20 * MS
IN_ORDER = "SEND CONNECT ARRIVAL LOOP RUN TOKEN HANDOVER RUN LOCK IO HANDOVER RUN AWAIT RUN RESPONSE"


class Way:
    """Raw records of one request through a thread pool; each step of it can be made longer by `more` ns."""

    def __init__(self, more: PathPart | None = None, by: int = PLANTED, *, request: int = R, at: int = 0) -> None:
        self.request, self.more, self.by, self.now = request, more, by, at
        self.at = at
        self.rows: list[Row] = [begin(Kind.CLIENT_REQUEST, at, request=request, name=1, track=LOAD)]
        self._make()

    def long(self, part: PathPart, ns: int) -> tuple[int, int]:
        """The next stretch, of a part and `ns` long if nothing is planted: its start and end."""
        start = self.now
        self.now += ns + (self.by if part is self.more else 0)
        return start, self.now

    def add(
        self,
        kind: Kind,
        stretch: tuple[int, int],
        track: int,
        state: State,
        *,
        name: int = 0,
        depth: int = 0,
        value: int = 0,
    ) -> None:
        self.rows.append(
            row(kind, *stretch, request=self.request, track=track, state=state, name=name, depth=depth, value=value)
        )

    def _make(self) -> None:
        sending = self.long(PathPart.SEND, 128 * US)
        connect = self.long(PathPart.CONNECT, 256 * US)
        self.add(Kind.SEND_WAIT, (sending[0], connect[1]), LOAD, State.QUEUED, depth=1)
        self.add(Kind.CONNECT, connect, LOAD, State.BLOCKED, depth=1)
        _, came = self.long(PathPart.ARRIVAL, 128 * US)
        self.rows.append(begin(Kind.REQUEST, came, request=self.request, name=1, track=SERVER))
        self._ready_step(PathPart.LOOP, 64 * US)
        token = self.long(PathPart.TOKEN, 512 * US)
        self.add(Kind.TOKEN_WAIT, token, SERVER, State.QUEUED)
        self.long(PathPart.HANDOVER, 32 * US)
        begun = self.now
        self.long(PathPart.RUN, 1 * MS)
        for part, state, kind in (
            (PathPart.LOCK, State.WAITING_LOCK, Kind.LOCK_WAIT),
            (PathPart.IO, State.BLOCKED, Kind.CALL),
        ):
            self.add(kind, self.long(part, 2 * MS), THREAD, state, depth=1)
        self.add(Kind.JOB, (begun, self.now), THREAD, State.RUNNING)
        self.now += 64 * US  # back to the loop: HANDOVER too
        self._ready_step(None, 0)
        self.long(PathPart.AWAIT, 128 * US)
        self._ready_step(None, 0)
        left = self.now
        self.add(Kind.REQUEST, (came, left), SERVER, State.RUNNING, name=1)
        _, self.end = self.long(PathPart.RESPONSE, 256 * US)
        self.add(Kind.CLIENT_REQUEST, (self.at, self.end), LOAD, State.AWAITING, name=1)

    def _ready_step(self, part: PathPart | None, wait: int) -> None:
        start, end = self.long(part, wait) if part is not None else (self.now, self.now)
        self.now += 128 * US
        value = (end - start) // TIME_UNIT_NS
        self.add(Kind.STEP, (end, self.now), LOOP, State.RUNNING, value=value)


def stored(*ways: Way) -> Store:
    """A store with these requests and their pieces, as the collector makes them."""
    registry = Registry()
    requests = Requests(registry)
    made = spans(*(one for way in ways for one in way.rows))
    requests.update(made)
    pieces = requests.pieces(np.empty(0, SPAN), 1 << 61)
    tracks = [
        Track(LOAD, TrackKind.REQUESTS, "requests", 1),
        Track(SERVER, TrackKind.REQUESTS, "requests", 2),
        Track(LOOP, TrackKind.LOOP, "event loop", 2),
        Track(THREAD, TrackKind.THREAD, "worker", 2),
    ]
    store = Store()
    store.append(Batch(now=0, tracks=[*registry.take_tracks(), *tracks], names=registry.take_names(), spans=pieces))
    store.append(Batch(now=0, spans=made[made["flags"] == Flag.COMPLETE]))
    return store


def path_of(way: Way) -> CriticalPath:
    found = critical_path(stored(way), way.request)
    assert found is not None
    return found


def test_the_parts_of_a_way_are_those_that_were_recorded_and_add_up() -> None:
    way = Way()
    path = path_of(way)
    assert (path.start, path.end, path.sent_here) == (0, way.end, True)
    assert {part: ns / US for part, ns in path.sums().items()} == {
        PathPart.LOCK: 2_000,
        PathPart.IO: 2_000,
        PathPart.RUN: 1_000 + 3 * 128,
        PathPart.TOKEN: 512,
        PathPart.CONNECT: 256,
        PathPart.RESPONSE: 256,
        PathPart.SEND: 128,
        PathPart.ARRIVAL: 128,
        PathPart.AWAIT: 128,
        PathPart.HANDOVER: 32 + 64,
        PathPart.LOOP: 64,
    }
    assert path.unexplained == 0
    assert [leg.part.name for leg in path.legs] == (
        [
            "SEND",
            "CONNECT",
            "ARRIVAL",
            "LOOP",
            "RUN",
            "TOKEN",
            "HANDOVER",
            "RUN",
            "LOCK",
            "IO",
            "HANDOVER",
            "RUN",
            "AWAIT",
            "RUN",
            "RESPONSE",
        ]
    )
    assert all(one.end == other.start for one, other in itertools.pairwise(path.legs))


@pytest.mark.parametrize(
    "part", [part for part in PathPart if part not in (PathPart.GIL, PathPart.CORE, PathPart.OFF_CORE)]
)
def test_what_is_planted_in_a_part_is_found_there_and_nowhere_else(part: PathPart) -> None:
    before, after = path_of(Way()), path_of(Way(part))
    grown = {one: after.sums().get(one, 0) - before.sums().get(one, 0) for one in PathPart}
    assert grown == {one: PLANTED if one is part else 0 for one in PathPart}
    assert after.unexplained == before.unexplained
    assert after.total == before.total + PLANTED


def test_what_is_not_told_is_unexplained_and_never_negative() -> None:
    bare = [
        begin(Kind.CLIENT_REQUEST, 0, request=R, name=1, track=LOAD),
        begin(Kind.REQUEST, 2 * MS, request=R, name=1, track=SERVER),
        row(Kind.STEP, 5 * MS, 6 * MS, request=R, track=LOOP, state=State.RUNNING),
        row(Kind.REQUEST, 2 * MS, 9 * MS, request=R, name=1, track=SERVER),
        row(Kind.CLIENT_REQUEST, 0, 10 * MS, request=R, name=1, track=LOAD),
    ]
    way = Way()
    way.rows = bare
    path = path_of(way)
    assert path.sums() == {PathPart.ARRIVAL: 2 * MS, PathPart.RUN: MS, PathPart.RESPONSE: MS}
    assert path.unexplained == 6 * MS, "between the first byte and the step, and between the step and the response"


def test_a_server_that_was_done_before_the_request_was_due_takes_nothing_away() -> None:
    """Clocks of a damaged recording."""
    way = Way()
    way.rows = [
        begin(Kind.REQUEST, 1 * MS, request=R, name=1, track=SERVER),
        row(Kind.REQUEST, 1 * MS, 2 * MS, request=R, name=1, track=SERVER),
        begin(Kind.CLIENT_REQUEST, 5 * MS, request=R, name=1, track=LOAD),
        row(Kind.CLIENT_REQUEST, 5 * MS, 9 * MS, request=R, name=1, track=LOAD),
    ]
    path = path_of(way)
    assert path.total == 4 * MS
    assert path.unexplained == 0


def test_nothing_counts_after_the_answer_has_come_whoever_goes_on() -> None:
    way = Way()
    way.rows.append(row(Kind.STEP, way.end - 100 * US, way.end + 9 * MS, request=R, track=LOOP, state=State.RUNNING))
    path = path_of(way)
    assert path.end == way.end
    assert path.sums()[PathPart.RESPONSE] == 256 * US, "the server was done: the step that still runs is not the way"
    assert path.total == sum(path.sums().values()) + path.unexplained


def test_the_server_may_read_before_the_load_says_that_it_has_sent() -> None:
    way = Way()
    kept = [one for one in way.rows if one[7] not in (Kind.SEND_WAIT, Kind.CONNECT)]
    came = 512 * US
    way.rows = [*kept, row(Kind.SEND_WAIT, 0, came + 5 * MS, request=R, track=LOAD, state=State.QUEUED, depth=1)]
    path = path_of(way)
    assert path.sums()[PathPart.SEND] == came
    assert PathPart.ARRIVAL not in path.sums()
    assert path.unexplained == 0


def test_a_request_from_outside_is_from_its_first_byte_to_its_last() -> None:
    way = Way()
    way.rows = [one for one in way.rows if one[5] != LOAD]
    path = path_of(way)
    assert not path.sent_here
    assert path.total == way.end - 256 * US - 512 * US
    assert set(path.sums()).isdisjoint({PathPart.SEND, PathPart.CONNECT, PathPart.ARRIVAL, PathPart.RESPONSE})
    assert path.unexplained == 0


def test_older_recordings_say_nothing_of_the_load_and_still_add_up() -> None:
    way = Way()
    way.rows = [one for one in way.rows if one[7] != Kind.SEND_WAIT]
    path = path_of(way)
    assert path.sums()[PathPart.ARRIVAL] == 128 * US + 128 * US
    assert path.unexplained == 0


def test_requests_are_told_apart_and_ordered_by_their_latencies() -> None:
    parts = [None, PathPart.TOKEN, PathPart.SEND, PathPart.RESPONSE]
    ways = [Way(part, request=R + at, at=at * 3 * MS) for at, part in enumerate(parts)]
    store = stored(*ways)
    for way in ways:
        path = critical_path(store, way.request)
        assert path is not None
        assert (path.start, path.total) == (way.at, way.end - way.at)
        assert sum(path.sums().values()) + path.unexplained == path.total
    path = critical_path(store, ways[0].request)
    assert path is not None
    assert sorted(latencies_like(store, path).tolist()) == sorted(way.end - way.at for way in ways)
    assert by_latency(store).tolist() == [way.request for way in sorted(ways, key=lambda way: way.end - way.at)]


def test_a_request_that_is_unknown_or_goes_on_has_no_path() -> None:
    way = Way()
    assert critical_path(stored(way), 5) is None
    way.rows = [one for one in way.rows if one[10] != Flag.COMPLETE]
    assert critical_path(stored(way), R) is None
