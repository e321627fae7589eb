"""Where a request's time goes: complete sums, causes by size, means over many requests."""

import numpy as np
import pytest

from explorer.analysis.parts import (
    ON_ITS_WAY,
    UNEXPLAINED,
    TimePart,
    in_steady_order,
    mean_parts,
    pieces_of,
    request_parts,
)
from explorer.collect.source import Batch, OpenSpan, Track
from explorer.records.states import Flag, Kind, State, TrackKind
from explorer.store.rows import Span
from explorer.store.store import Store
from tests.unit.store.model import spans

MS = 1_000_000
NAMES = ["", "waits for a thread", "runs", "time.sleep"]


def piece(start: float, end: float, name: int, state: State, *, request: int = 1, track: int = 9) -> Span:
    return Span(track, 0, round(start * MS), round(end * MS), name, request, 0, Kind.PIECE, state, Flag.COMPLETE)


WAY = [
    piece(0, 30, 1, State.QUEUED),
    piece(30, 31, 2, State.RUNNING),
    piece(31, 231, 3, State.BLOCKED),
    piece(231, 233, 2, State.RUNNING),
    piece(233, 233.01, 1, State.AWAITING),
]


def test_pieces_are_those_of_the_lane_in_time_order() -> None:
    job = Span(3, 0, 0, 5, 1, 1, 0, Kind.JOB, State.RUNNING, Flag.COMPLETE)
    store = Store()
    store.append(Batch(now=0, spans=spans([WAY[2], job, WAY[0]])))
    assert pieces_of(store, 1) == [WAY[0], WAY[2]]


def test_a_request_that_is_stuck_has_its_wait_up_to_now() -> None:
    stuck = OpenSpan(9, 0, 231 * MS, 1, 1, Kind.PIECE, State.WAITING_LOCK)
    other, job = stuck._replace(track=8, request=2), stuck._replace(kind=Kind.JOB)
    store = Store()
    store.append(Batch(now=23_231 * MS, spans=spans(WAY[:3]), open_spans=[other, stuck, job]))
    pieces = pieces_of(store, 1)
    assert pieces[:-1] == WAY[:3]
    last = pieces[-1]
    assert (last.start, last.duration, last.state, last.flags) == (
        231 * MS,
        23_000 * MS,
        State.WAITING_LOCK,
        Flag.BEGIN,
    )
    assert request_parts(pieces, NAMES)[0] == TimePart("waits for a thread", State.WAITING_LOCK, 23e9)


def with_host(asked: list[Span]) -> Store:
    """A store with `WAY` on the server's lane, and what a host tells on a lane of its own."""
    lanes = [Track(9, TrackKind.LANE, "1", 0), Track(11, TrackKind.LANE, "1", 0, parent=10)]
    host = Track(10, TrackKind.HOST, "w2 ±0.1 ms, GET /job", 0)
    names = [*enumerate(NAMES), (len(NAMES), host.name)]
    store = Store()
    store.append(Batch(now=0, tracks=[host, *lanes], names=names, spans=spans([*WAY, *asked])))
    return store


def test_what_a_host_saw_is_the_way_there_and_back_and_nothing_twice() -> None:
    # Its clock is 10 ms off, which changes nothing.
    store = with_host([piece(3, 248, 4, State.AWAITING, track=11)])
    assert pieces_of(store, 1) == WAY
    parts = request_parts(pieces_of(store, 1), NAMES, 245 * MS)
    assert sum(part.ns for part in parts) == pytest.approx(245 * MS)
    mean = mean_parts(store, 0, 600 * MS)
    assert mean.requests == 1
    assert mean.total_ns == pytest.approx(245 * MS)
    for found in (parts, mean.parts):
        (way,) = [part for part in found if part.cause == ON_ITS_WAY]
        assert way.ns == pytest.approx(11.99 * MS)
        assert "w2 ±0.1 ms, GET /job" not in [part.cause for part in found]


def test_a_request_that_only_its_host_told_of_is_what_that_saw() -> None:
    lonely = piece(0, 80, 4, State.AWAITING, request=5, track=11)
    assert pieces_of(with_host([lonely]), 5) == [lonely]


def test_parts_are_added_up_by_cause_and_the_sum_is_the_whole() -> None:
    parts = request_parts(WAY, NAMES)
    assert [(part.cause, part.state) for part in parts] == [
        ("time.sleep", State.BLOCKED),
        ("waits for a thread", State.QUEUED),
        ("runs", State.RUNNING),
        (UNEXPLAINED, None),
    ]
    assert [part.ns / MS for part in parts] == pytest.approx([200, 30, 3, 0.01])
    assert sum(part.ns for part in parts) == pytest.approx(233.01 * MS)


def test_a_gap_between_pieces_is_unexplained() -> None:
    parts = request_parts([WAY[0], piece(50, 60, 2, State.RUNNING)], NAMES)
    assert parts[-1].cause == UNEXPLAINED
    assert parts[-1].ns == 20 * MS


def test_a_request_without_pieces_has_no_parts() -> None:
    assert request_parts([], NAMES) == []


def test_the_mean_is_over_requests_in_the_stretch() -> None:
    store = Store()
    second = [piece(s.start / MS + 300, s.end / MS + 300, s.name, s.state, request=2) for s in WAY]
    store.append(
        Batch(
            now=0,
            tracks=[Track(9, TrackKind.LANE, "1", 0)],
            names=list(enumerate(NAMES)),
            spans=spans([*WAY, *second]),
        )
    )
    mean = mean_parts(store, 0, 600 * MS)
    assert mean.requests == 2
    assert mean.total_ns == pytest.approx(233.01 * MS)
    assert mean.parts[0].ns == pytest.approx(200 * MS)
    assert mean_parts(store, 0, 250 * MS).requests == 1
    cut = mean_parts(store, 200 * MS, 600 * MS)
    assert (cut.requests, cut.total_ns) == (2, mean.total_ns), "the first one began before the stretch"
    assert mean_parts(store, 0, 310 * MS).requests == 1, "the second one ends behind the stretch"
    assert mean_parts(store, 700 * MS, 800 * MS).requests == 0


def test_what_began_before_the_setting_of_today_does_not_count() -> None:
    store = Store()
    ways = [
        [piece(s.start / MS + at, s.end / MS + at, s.name, s.state, request=number) for s in WAY]
        for number, at in ((2, 300), (3, 600))
    ]
    declared = {"tracks": [Track(9, TrackKind.LANE, "1", 0)], "names": list(enumerate(NAMES))}
    store.append(Batch(now=0, **declared, spans=spans([*WAY, *ways[0]])))  # type: ignore[arg-type]
    store.append(Batch(now=0, spans=spans(ways[1])))

    counted = [mean_parts(store, at * MS, 900 * MS, at * MS).requests for at in (0, 100, 300, 301, 600, 601, 890)]
    assert counted == [3, 2, 2, 1, 1, 0, 0]


def test_the_mean_may_be_of_some_requests_alone() -> None:
    """One that was answered, and one that was given up while it waited."""
    given_up = piece(0, 500, 1, State.QUEUED, request=2, track=10)
    lanes = [Track(number, TrackKind.LANE, "1", 0) for number in (9, 10)]
    store = Store()
    store.append(Batch(now=600 * MS, tracks=lanes, names=list(enumerate(NAMES)), spans=spans([*WAY, given_up])))
    both, one = mean_parts(store, 0, 600 * MS), mean_parts(store, 0, 600 * MS, among=np.array([1], np.uint64))
    assert (both.requests, one.requests) == (2, 1)
    assert one.total_ns == pytest.approx(233.01 * MS)
    assert {part.cause: part.ns for part in one.parts}["waits for a thread"] == 30 * MS
    assert mean_parts(store, 0, 600 * MS, without=np.array([2], np.uint64)) == one
    for nobody in ([0, 3], []):
        assert mean_parts(store, 0, 600 * MS, among=np.array(nobody, np.uint64)).requests == 0


def test_what_has_not_ended_does_not_count() -> None:
    store = Store()
    later = [piece(s.start / MS + 300, s.end / MS + 300, s.name, s.state, request=2) for s in WAY[:2]]
    store.append(
        Batch(
            now=0,
            tracks=[Track(9, TrackKind.LANE, "1", 0)],
            names=list(enumerate(NAMES)),
            spans=spans([*WAY, *later]),
            open_spans=[OpenSpan(9, 0, 331 * MS, 3, 2, Kind.PIECE, State.BLOCKED)],
        )
    )
    mean = mean_parts(store, 0, 600 * MS)
    assert mean.requests == 1
    assert mean.total_ns == pytest.approx(233.01 * MS)


@pytest.mark.parametrize("pieces", [3, 256, 257, 1_000, 40_000])
def test_a_request_of_many_pieces_counts_whole(pieces: int) -> None:
    store = Store()
    before = piece(-2, -1, 1, State.QUEUED, request=7)
    long = [piece(n, n + 1, 2, State.RUNNING) for n in range(pieces)]
    rows = spans([before, *long])
    rows["start"] += 10 * MS
    rows["end"] += 10 * MS
    store.append(Batch(now=0, tracks=[Track(9, TrackKind.LANE, "1", 0)], names=list(enumerate(NAMES)), spans=rows))
    end = (10 + pieces) * MS
    mean = mean_parts(store, end - 2 * MS, end)
    assert (mean.requests, mean.total_ns) == (1, pieces * MS)


def test_names_and_states_that_nobody_declared_are_no_error() -> None:
    """A damaged recording may hold any number."""
    store = Store()
    odd = spans([piece(0, 30, 4_000_000_000, State.RUNNING), piece(30, 40, 1, State.QUEUED)])
    odd["state"][1] = 200
    store.append(Batch(now=0, tracks=[Track(9, TrackKind.LANE, "1", 0)], names=list(enumerate(NAMES)), spans=odd))
    mean = mean_parts(store, 0, 60 * MS)
    found = [(part.cause, part.state) for part in mean.parts]
    assert found == [("", State.RUNNING), (NAMES[1], State.UNKNOWN), (UNEXPLAINED, None)]
    assert (mean.requests, mean.total_ns) == (1, 40 * MS)


def listed(**sizes: float) -> list[TimePart]:
    """Parts by cause; `rest` is what is unexplained."""
    return [TimePart(name, None if name == "rest" else State.RUNNING, ns) for name, ns in sizes.items()]


def causes(parts: list[TimePart]) -> list[str]:
    return [part.cause for part in parts]


def test_rows_change_places_only_when_one_is_clearly_larger() -> None:
    before = listed(waits=100, runs=90, sends=10, rest=1)

    assert causes(in_steady_order(listed(runs=100, waits=95, sends=12, rest=2), before)) == [
        "waits", "runs", "sends", "rest",
    ]  # fmt: skip
    assert causes(in_steady_order(listed(runs=130, waits=95, sends=12, rest=200), before)) == [
        "runs", "waits", "sends", "rest",
    ]  # fmt: skip


def test_a_new_row_takes_the_place_of_its_size() -> None:
    before = listed(waits=100, runs=50, rest=1)

    assert causes(in_steady_order(listed(waits=100, locks=80, runs=50, rest=1), before)) == [
        "waits", "locks", "runs", "rest",
    ]  # fmt: skip
    assert causes(in_steady_order(listed(locks=80, rest=1), [])) == ["locks", "rest"]
