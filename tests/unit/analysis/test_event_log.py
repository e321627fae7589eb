"""The list of events: when a loop took each, how long it had waited, whose it was; bounded, newest first."""

from typing import Any

import pytest

from explorer.analysis.event_log import CHUNK, EventLog
from explorer.collect.source import Array, Batch, Process, Track
from explorer.records.event_kinds import NUMBER, EventKind
from explorer.records.states import Kind, Role, TrackKind
from tests.unit.analysis.runs import LOAD, LOOP, MS, SERVED, SERVER, T0, S, declared, spans

OTHER_LOOP = 77
UNIT = 256


def log_of(*batches: Array, most: int = 1_000_000) -> EventLog:
    log = EventLog(most)
    log.feed(declared())
    for at, batch in enumerate(batches):
        log.feed(Batch(now=T0 + at * 20 * MS, spans=batch))
    return log


def listed(log: EventLog, *kinds: EventKind, **bounds: int) -> list[tuple[Any, ...]]:
    rows, _ = log.newest(500, frozenset(kinds), **bounds)
    names = {number: str(kind) for kind, number in NUMBER.items()}
    return [
        (names[int(row["kind"])], int(row["time"]) - T0, int(row["wait"]), int(row["track"]), int(row["request"]))
        for row in rows
    ]


@pytest.mark.parametrize(("kind", "event"), [(Kind.TIMER, "timer"), (Kind.HANDOVER, "thread"), (Kind.SIGNAL, "signal")])
def test_a_callback_is_its_own_event(kind: Kind, event: str) -> None:
    log = log_of(spans((LOOP, T0 + MS, T0 + 2 * MS, kind, 0, 10)))
    assert listed(log) == [(event, MS, 10 * UNIT, LOOP, 0)]


def test_a_request_is_taken_at_its_first_step_and_named_when_it_is_over() -> None:
    request = LOAD << 40 | 1
    steps = [(LOOP, T0 + at * MS, T0 + (at + 1) * MS, Kind.STEP, request, 7 + at) for at in (5, 9, 12)]
    log = log_of(spans(*steps))
    row = log.newest(1)[0][0]
    assert (row["time"], row["wait"], row["track"]) == (T0 + 5 * MS, 12 * UNIT, LOOP)
    assert (row["end"], row["name"]) == (0, 0), "it is under way"
    log.feed(Batch(now=T0, spans=spans((SERVED, T0 + 4 * MS, T0 + 13 * MS, Kind.REQUEST, request, 200))))
    row = log.newest(1)[0][0]
    assert (row["end"], row["name"]) == (T0 + 13 * MS, 1)
    assert log.totals()[EventKind.HTTP] == 1


def test_a_response_that_is_sent_within_the_first_step_is_told_before_it() -> None:
    over, step = (SERVED, T0, T0 + 3 * MS, Kind.REQUEST, 9, 200), (LOOP, T0 + MS, T0 + 4 * MS, Kind.STEP, 9, 2)
    together, apart = log_of(spans(over, step)), log_of(spans(over), spans(step))
    for log in (together, apart):
        assert listed(log) == [("http", MS, 2 * UNIT, LOOP, 9)]
        assert log.newest(1)[0][0]["end"] == T0 + 3 * MS


def test_a_request_whose_loop_is_not_observed_is_listed_without_one() -> None:
    log = log_of(spans((SERVED, T0, T0 + MS, Kind.REQUEST, 9, 200)))
    assert listed(log) == []
    log.feed(Batch(now=T0 + 2 * S))
    assert listed(log) == [("http", 0, -1, 0, 9)]


@pytest.mark.parametrize("first", [0, 1])
def test_a_handshake_is_no_http_event_whichever_is_told_first(first: int) -> None:
    pair = [
        spans((SERVED, T0, T0 + MS, Kind.REQUEST, 9, 101)),
        spans((LOOP, T0 + 2 * MS, T0 + 3 * MS, Kind.STEP, 9, 2)),
    ]
    log = log_of(pair[first], pair[1 - first], spans((LOOP, T0 + 5 * MS, T0 + 6 * MS, Kind.STEP, 9, 2)))
    log.feed(Batch(now=T0 + 2 * S))
    assert listed(log) == []
    assert log.totals()[EventKind.HTTP] == 0


def test_a_message_is_taken_when_its_wait_is_over_what_else_is_told_beside_a_loop_when_it_begins() -> None:
    rows = [(SERVED, T0, T0 + 2 * MS, kind, 0, 1000) for kind in (Kind.MESSAGE, Kind.NOTIFICATION, Kind.PUSH)]
    found = listed(log_of(spans(*rows)))
    assert sorted(found) == [
        ("database", 0, 1000 * UNIT, LOOP, 0),
        ("sse", 0, -1, LOOP, 0),
        ("websocket", 1000 * UNIT, 1000 * UNIT, LOOP, 0),
    ]


@pytest.mark.parametrize("name", ["WebSocketsSansIOProtocol.run_asgi", "a task of another protocol"])
def test_the_step_of_a_message_is_no_request(name: str) -> None:
    log = log_of()
    step = (LOOP, T0 + MS, T0 + 2 * MS, Kind.STEP, 5, 3)
    log.feed(Batch(now=T0, spans=spans(step), names=[(1, name)]))
    log.feed(Batch(now=T0, spans=spans((SERVED, T0, T0 + 9 * MS, Kind.MESSAGE, 5, 4_000))))
    log.feed(Batch(now=T0 + 2 * S))
    assert listed(log) == [("websocket", 4_000 * UNIT, 4_000 * UNIT, LOOP, 5)]
    assert log.totals()[EventKind.HTTP] == 0


def test_of_several_loops_it_is_the_one_that_runs_the_request() -> None:
    log = EventLog()
    log.feed(declared())
    log.feed(Batch(now=T0, tracks=[Track(OTHER_LOOP, TrackKind.LOOP, "event loop of 2", SERVER, tid=102, pid=100)]))
    step = (OTHER_LOOP, T0, T0 + MS, Kind.STEP, 5, 0)
    known, unknown = ((SERVED, T0 + MS, T0 + 2 * MS, Kind.MESSAGE, number, 0) for number in (5, 6))
    log.feed(Batch(now=T0, spans=spans(step, known, unknown)))
    assert [row[3:] for row in listed(log, EventKind.WEBSOCKET)] == [(OTHER_LOOP, 5), (0, 6)]


def test_what_the_load_and_an_upstream_do_is_not_listed() -> None:
    log = EventLog()
    log.feed(declared())
    log.feed(
        Batch(
            now=T0,
            processes=[Process(9, 300, Role.UPSTREAM, "", 1, 1, "", T0)],
            tracks=[Track(91, TrackKind.LOOP, "", 9), Track(92, TrackKind.LOOP, "", LOAD)],
        )
    )
    rows = [(track, T0, T0 + MS, kind, 5, 0) for track in (91, 92) for kind in (Kind.TIMER, Kind.STEP)]
    log.feed(Batch(now=T0, spans=spans(*rows)))
    assert listed(log) == []


def test_kinds_and_times_narrow_the_list_and_the_rest_is_counted() -> None:
    rows = [
        (LOOP, T0 + at * MS, T0 + (at + 1) * MS, Kind.TIMER if at % 2 else Kind.SIGNAL, 0, 0) for at in range(10_000)
    ]
    log = log_of(spans(*rows))
    newest, total = log.newest(500, {EventKind.TIMER})
    assert (len(newest), total) == (500, 5_000)
    assert newest["time"].tolist() == [T0 + at * MS for at in range(9_999, 8_999, -2)]
    newest, total = log.newest(500, begin=T0 + 5_000 * MS, end=T0 + 5_100 * MS)
    assert (len(newest), total) == (101, 101)
    assert newest["time"][0] == T0 + 5_100 * MS
    some = log.between(T0 + 5_000 * MS, T0 + 5_100 * MS, 200, {EventKind.SIGNAL})
    assert some is not None
    assert len(some) == 51
    assert log.between(T0, T0 + S, 200) is None


def test_the_oldest_are_dropped_and_it_is_said_until_when() -> None:
    rows = [(LOOP, T0 + at, T0 + at + 1, Kind.TIMER, 0, 0) for at in range(3 * CHUNK)]
    log = log_of(spans(*rows), most=2 * CHUNK)
    assert log.totals()[EventKind.TIMER] == 2 * CHUNK
    assert log.begin == T0 + CHUNK - 1
    # A request whose event has been dropped is over without harm.
    request = [(LOOP, T0, T0 + 1, Kind.STEP, 5, 0)]
    log = log_of(spans(*request), spans(*rows), spans((SERVED, T0, T0 + S, Kind.REQUEST, 5, 200)), most=2 * CHUNK)
    assert log.totals()[EventKind.HTTP] == 0


def test_events_of_loops_that_overlap_come_in_order_of_time() -> None:
    late = spans((LOOP, T0, T0 + S, Kind.TIMER, 0, 0))
    log = log_of(spans(*((LOOP, T0 + at, T0 + at + 1, Kind.SIGNAL, 0, 0) for at in range(1, CHUNK + 1))), late)
    rows, _ = log.newest(CHUNK)
    assert rows["time"].tolist() == [T0 + at for at in range(CHUNK, 0, -1)]
    assert log.newest(500, {EventKind.TIMER})[0]["time"].tolist() == [T0]
