"""Events by kind: counted over the window, per second, and only those of the processes under observation."""

from typing import Any

from explorer.analysis.event_counts import OtherTracks
from explorer.analysis.statistics import RunStatistics
from explorer.collect.source import Batch, Process, Track
from explorer.records.event_kinds import EVENTS, EventKind
from explorer.records.states import Kind, Role, TrackKind
from tests.unit.analysis.runs import LOOP, MS, SCENARIO, SERVED, T0, S, declared, load_event, spans, steady

UPSTREAM, UPSTREAM_LOOP, UPSTREAM_SERVED = 9, 91, 92
ONE_OF_EACH = [(LOOP if kind in (Kind.TIMER, Kind.HANDOVER, Kind.SIGNAL) else SERVED, kind) for kind in (
    Kind.REQUEST, Kind.MESSAGE, Kind.PUSH, Kind.NOTIFICATION, Kind.TIMER, Kind.HANDOVER, Kind.SIGNAL)]  # fmt: skip


def second_of(rows: list[tuple[int, Kind]], at: int, value: int = 200) -> Batch:
    """One span of each, a millisecond long, ending at `at`."""
    return Batch(now=at, spans=spans(*((track, at - MS, at, kind, 7, value) for track, kind in rows)))


def fed(batches: list[Batch]) -> RunStatistics:
    statistics = RunStatistics()
    for batch in batches:
        statistics.feed(batch)
    return statistics


def test_each_kind_of_record_is_counted_as_its_kind_of_event() -> None:
    for track, kind in ONE_OF_EACH:
        batches = [*steady(4, 10, 0.1), second_of([(track, kind)] * 3, T0 + 2 * S)]
        events = fed(batches).figures(SCENARIO)["events"]
        expected = next(declared.kind for declared in EVENTS if kind in declared.records)
        assert {name: count for name, count in events.items() if count} == {str(expected): 3}


def test_what_is_outside_the_window_does_not_count() -> None:
    warm_up, inside = second_of(ONE_OF_EACH, T0 + 300 * MS), second_of(ONE_OF_EACH, T0 + 2 * S)
    events = fed([*steady(4, 10, 0.1), warm_up, inside]).figures(SCENARIO)["events"]
    assert list(events.values()) == [1] * 7


def test_a_burst_counts_every_event_of_its_first_and_last_moment() -> None:
    answers = [T0 + 70 * MS, T0 + 90 * MS]
    served = Batch(now=T0 + 100 * MS, spans=spans(*((SERVED, end - MS, end, Kind.REQUEST, 7, 200) for end in answers)))
    report = Batch(now=T0 + 160 * MS, events=[load_event(T0 + 160 * MS, [0.03, 0.05])])
    figures = fed([declared(), served, report]).figures({"load": {"mode": "burst", "burst": 2}})
    assert figures["events"]["http"] == figures["requests"]["ok"] == 2


def test_a_handshake_is_no_http_request() -> None:
    batches = [*steady(4, 10, 0.1), second_of([(SERVED, Kind.REQUEST)], T0 + 2 * S, 101)]
    batches.append(second_of([(SERVED, Kind.REQUEST)], T0 + 2 * S + MS, 404))
    assert fed(batches).figures(SCENARIO)["events"]["http"] == 1


def test_what_an_upstream_handles_are_not_the_servers_events() -> None:
    upstream = Batch(
        now=T0,
        processes=[Process(UPSTREAM, 300, Role.UPSTREAM, "upstream", 1, 1, "python3", T0)],
        tracks=[
            Track(UPSTREAM_LOOP, TrackKind.LOOP, "MainThread", UPSTREAM, tid=300, pid=300),
            Track(UPSTREAM_SERVED, TrackKind.REQUESTS, "requests", UPSTREAM, pid=300),
        ],
    )
    theirs = [(UPSTREAM_SERVED, Kind.REQUEST), (UPSTREAM_LOOP, Kind.TIMER), (SERVED, Kind.REQUEST)]
    events = fed([*steady(4, 10, 0.1), upstream, second_of(theirs, T0 + 2 * S)]).figures(SCENARIO)["events"]
    assert (events["http"], events["timer"] or 0) == (1, 0)


def test_rates_are_over_the_last_second() -> None:
    batches = steady(4, 10, 0.1)
    batches += [second_of([(LOOP, Kind.TIMER)] * 2, T0 + 3 * S + tenth * 100 * MS) for tenth in range(9)]
    rates = fed(batches).event_rates()
    assert rates[EventKind.TIMER] == 18
    assert sum(rates.values()) == 18


def test_a_loop_that_tells_no_callbacks_leaves_their_kinds_open() -> None:
    steps = second_of([(LOOP, Kind.STEP), (SERVED, Kind.REQUEST)], T0 + 2 * S)
    silent = fed([*steady(4, 10, 0.1), steps]).figures(SCENARIO)["events"]
    assert silent["http"] == 1
    assert (silent["timer"], silent["thread"], silent["signal"]) == (None, None, None)
    turns = second_of([(LOOP, Kind.SELECT)], T0 + 2 * S + MS)
    told = fed([*steady(4, 10, 0.1), steps, turns]).figures(SCENARIO)["events"]
    assert (told["timer"], told["thread"], told["signal"]) == (0, 0, 0)


class Known(dict[int, Track]):
    """All tracks so far, which nobody may look through."""

    def values(self) -> Any:
        raise AssertionError("every track of the run was looked at for a few new ones")


def test_connections_that_come_and_go_cost_no_look_at_all_tracks() -> None:
    others = OtherTracks()
    upstream = Process(300, 300, Role.UPSTREAM, "upstream", 1, 1, "python3", T0)
    theirs, late = Track(50, TrackKind.LOOP, "MainThread", 300), Track(51, TrackKind.REQUESTS, "requests", 300)
    others.declare([], [theirs], {50: theirs})
    others.declare([upstream], [late], {50: theirs, 51: late})
    assert others.numbers.tolist() == [50, 51]

    connection = Process(301, 301, Role.CONNECTION, "connection", 1, 1, "python3", T0)
    others.declare([connection], [Track(52, TrackKind.LOOP, "MainThread", 301)], Known())
    others.declare([], [Track(53, TrackKind.LOOP, "another", 300)], Known())
    assert others.numbers.tolist() == [50, 51, 53]
