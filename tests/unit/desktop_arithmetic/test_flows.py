"""Arrows along a request's way: from its row to the loop, to whatever it visited and back, and to its end."""

from explorer.collect.source import Track
from explorer.desktop.timeline.flows import MOST, Flow, flows
from explorer.records.states import Flag, Kind, State, TrackKind
from explorer.store.rows import Span

LANE, LOOP, FIRST, SECOND, UPSTREAM, LOCK = 1, 2, 3, 4, 5, 6
TRACKS = {
    LANE: Track(LANE, TrackKind.LANE, "1", 0),
    LOOP: Track(LOOP, TrackKind.LOOP, "event loop", 1),
    FIRST: Track(FIRST, TrackKind.THREAD, "worker", 1),
    SECOND: Track(SECOND, TrackKind.THREAD, "main", 2),
    UPSTREAM: Track(UPSTREAM, TrackKind.LOOP, "upstream", 3),
    LOCK: Track(LOCK, TrackKind.LOCK, "lock", 1),
}


def span(track: int, start: int, end: int, kind: Kind = Kind.STEP, depth: int = 0) -> Span:
    return Span(track, depth, start, end, 0, 7, 0, kind, State.RUNNING, Flag.COMPLETE)


def row(start: int, end: int) -> Span:
    return span(LANE, start, end, Kind.PIECE)


def job(track: int, start: int, end: int) -> Span:
    return span(track, start, end, Kind.JOB)


def test_through_a_thread_and_back() -> None:
    way = [row(0, 100), span(LOOP, 5, 10), job(FIRST, 20, 60), span(FIRST, 25, 50, Kind.CALL, 1), span(LOOP, 70, 95)]
    assert flows(way, TRACKS) == [
        Flow(LANE, 0, LOOP, 5),
        Flow(LOOP, 10, FIRST, 20),
        Flow(FIRST, 60, LOOP, 70),
        Flow(LOOP, 95, LANE, 100),
    ]


def test_a_fan_out_has_an_arrow_to_each_and_one_back_from_each() -> None:
    home = [span(LOOP, 5, 10), span(LOOP, 45, 50), span(LOOP, 70, 99)]
    way = [row(0, 100), *home, job(FIRST, 20, 60), job(SECOND, 21, 40)]
    assert flows(way, TRACKS)[1:-1] == [
        Flow(LOOP, 10, FIRST, 20),
        Flow(FIRST, 60, LOOP, 70),
        Flow(LOOP, 10, SECOND, 21),
        Flow(SECOND, 40, LOOP, 45),
    ]


def test_what_runs_elsewhere_in_several_steps_is_one_visit_until_home_goes_on() -> None:
    steps = [span(UPSTREAM, at, at + 2) for at in (20, 30, 40)] + [span(UPSTREAM, 80, 82)]
    way = [row(0, 100), span(LOOP, 5, 10), *steps, span(LOOP, 50, 60), span(LOOP, 90, 99)]
    assert flows(way, TRACKS)[1:-1] == [
        Flow(LOOP, 10, UPSTREAM, 20),
        Flow(UPSTREAM, 42, LOOP, 50),
        Flow(LOOP, 60, UPSTREAM, 80),
        Flow(UPSTREAM, 82, LOOP, 90),
    ]


def test_the_end_is_where_the_answer_came_and_not_what_went_on_after_it() -> None:
    way = [row(0, 100), span(LOOP, 5, 10), span(LOOP, 60, 130), job(FIRST, 140, 150), span(LOOP, 160, 170)]
    assert flows(way, TRACKS) == [Flow(LANE, 0, LOOP, 5), Flow(LOOP, 100, LANE, 100)]


def test_a_job_that_goes_on_has_no_way_back_and_a_request_without_a_lane_no_ends() -> None:
    assert flows([span(LOOP, 5, 10), job(FIRST, 20, 60)], TRACKS) == [Flow(LOOP, 10, FIRST, 20)]
    assert flows([row(0, 100), span(LOCK, 5, 10)], TRACKS) == []


def test_of_very_many_visits_the_longest_have_arrows() -> None:
    way = [row(0, 10_000), span(LOOP, 0, 1), *(job(FIRST, 10 + 20 * at, 12 + 20 * at) for at in range(400))]
    way += [job(SECOND, 5, 9_000), span(LOOP, 9_500, 9_900)]
    found = flows(way, TRACKS)
    assert len(found) <= MOST + 2
    assert Flow(LOOP, 1, SECOND, 5) in found
