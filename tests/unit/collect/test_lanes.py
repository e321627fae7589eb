"""Lanes are the lowest free ones, never overlap, and the counter counts everybody."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from explorer.collect.lanes import SAMPLE_PERIOD_NS, InFlight, Lanes
from explorer.collect.registry import Registry
from explorer.records.states import TrackKind


def test_the_lowest_free_lane_is_taken_and_its_track_declared_once() -> None:
    registry = Registry()
    lanes = Lanes(registry, "GET /job")
    assert [lanes.take(0), lanes.take(1), lanes.take(2)] == [0, 1, 2]
    lanes.give_back(2, 10)
    lanes.give_back(0, 10)
    assert lanes.take(10) == 0
    names = [(track.kind, track.name, track.parent) for track in registry.take_tracks()]
    group = lanes.group
    assert names == [
        (TrackKind.REQUESTS, "GET /job", 0),
        (TrackKind.COUNTER, "in flight", group),
        *[(TrackKind.LANE, text, group) for text in ("1", "2", "3")],
    ]


def test_beyond_the_limit_there_is_no_lane() -> None:
    lanes = Lanes(Registry(), "GET /job", limit=2)
    assert [lanes.take(0), lanes.take(0), lanes.take(0)] == [0, 1, -1]
    lanes.give_back(1, 5)
    assert lanes.take(5) == 1


def test_a_lane_whose_last_request_ended_later_is_passed_over_and_stays_free() -> None:
    lanes = Lanes(Registry(), "GET /job")
    lanes.give_back(lanes.take(0), 100)
    assert lanes.take(50) == 1
    assert lanes.take(100) == 0


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(1, 50)), max_size=40))
def test_requests_on_one_lane_never_overlap(requests: list[tuple[int, int]]) -> None:
    lanes = Lanes(Registry(), "GET /job", limit=8)
    on_lane: dict[int, list[tuple[int, int]]] = {}
    events = sorted(
        [(start + length, 0, number) for number, (start, length) in enumerate(requests)]
        + [(start, 1, number) for number, (start, _) in enumerate(requests)]
    )
    lane_of: dict[int, int] = {}
    for time, is_begin, number in events:
        if is_begin:
            lane_of[number] = lanes.take(time)
        elif lane_of[number] >= 0:
            start, length = requests[number]
            on_lane.setdefault(lane_of[number], []).append((start, start + length))
            lanes.give_back(lane_of[number], time)
    for stays in on_lane.values():
        stays.sort()
        assert all(before[1] <= after[0] for before, after in itertools.pairwise(stays))


def test_in_flight_is_sampled_at_the_last_change_of_each_period() -> None:
    in_flight = InFlight(7)
    period = SAMPLE_PERIOD_NS
    for time, step in ((1, 1), (2, 1), (3, -1), (period + 5, 1), (3 * period, 1)):
        in_flight.change((time,), step)
    assert in_flight.samples(3 * period)[["time", "value", "track"]].tolist() == [(3, 1.0, 7), (period + 5, 2.0, 7)]
    assert len(in_flight.samples(3 * period)) == 0
    assert in_flight.samples(4 * period)["value"].tolist() == [3.0]


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 12))))
def test_in_flight_ends_at_the_sum_however_often_it_is_asked(changes: list[tuple[int, int]]) -> None:
    in_flight = InFlight(1)
    values = []
    for time, asked in changes:
        in_flight.change((time * SAMPLE_PERIOD_NS,), +1)
        values += in_flight.samples(asked * SAMPLE_PERIOD_NS)["value"].tolist()
    values += in_flight.samples(1 << 62)["value"].tolist()
    assert values[-1:] == ([float(len(changes))] if changes else [])


def test_lanes_below_others_share_their_group_and_counter_and_have_a_number_of_their_own() -> None:
    registry = Registry()
    together = Lanes(registry, "Phones")
    seventh = Lanes(registry, "", 1, below=together, first=7)
    assert seventh.take(0) == 0
    assert seventh.take(1) == -1  # one phone, one line
    lane = registry.tracks[seventh.track(0)]
    assert (lane.name, lane.parent) == ("7", together.group)
    assert seventh.in_flight is together.in_flight
