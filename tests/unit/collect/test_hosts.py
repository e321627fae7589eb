"""Requests that other hosts tell of, late: lanes of their own, a piece for each, and nothing for the server's lanes."""

import numpy as np

from explorer.collect.hosts import Hosts
from explorer.collect.registry import Registry
from explorer.collect.source import SPAN, Array
from explorer.records.states import Flag, Kind, State, TrackKind

Row = tuple[int, int, int, Flag]


class Stage:
    def __init__(self) -> None:
        self.registry = Registry()
        self.name = self.registry.name("w2 ±0.3 ms, GET /job")
        self.track = self.registry.track(TrackKind.HOST, "w2 ±0.3 ms", process=1).number
        self.hosts = Hosts(self.registry)

    def spans(self, *rows: Row, track: int = 0) -> Array:
        """Request, start, end, flags of each."""
        state = int(State.AWAITING)
        return np.array(
            [
                (start, end, request, 200, self.name, track or self.track, 0, Kind.CLIENT_REQUEST, state, 0, flags)
                for request, start, end, flags in rows
            ],
            SPAN,
        )

    def feed(self, *rows: Row) -> Array:
        self.hosts.update(self.spans(*rows))
        return self.hosts.pieces()


def test_only_what_is_on_tracks_of_hosts_is_theirs() -> None:
    stage = Stage()
    both = np.concatenate([stage.spans((1, 0, 5, Flag.COMPLETE), track=99), stage.spans((2, 1, 6, Flag.COMPLETE))])
    ours, theirs = stage.hosts.divide(both)
    assert ours["request"].tolist() == [1]
    assert theirs["request"].tolist() == [2]
    nobody = Hosts(Registry())
    assert nobody.divide(both)[0] is both


def test_overlapping_requests_lie_on_lanes_of_the_host_whole() -> None:
    stage = Stage()
    pieces = stage.feed((1, 0, 10, Flag.COMPLETE), (2, 5, 12, Flag.COMPLETE), (3, 11, 15, Flag.COMPLETE))
    assert pieces[["request", "start", "end"]].tolist() == [(1, 0, 10), (2, 5, 12), (3, 11, 15)]
    tracks = stage.registry.tracks
    lanes = [tracks[number] for number in pieces["track"].tolist()]
    assert [lane.name for lane in lanes] == ["1", "2", "1"]
    group = tracks[lanes[0].parent]
    assert (group.kind, group.process, group.name) == (TrackKind.HOST, 0, "w2 ±0.3 ms, GET /job")
    assert set(pieces["kind"].tolist()) == {Kind.PIECE}
    assert len(stage.feed()) == 0


def test_a_long_request_is_open_until_its_end_comes() -> None:
    stage = Stage()
    assert len(stage.feed((7, 3, 3, Flag.BEGIN))) == 0
    (shown,) = stage.hosts.open_spans()
    assert (shown.start, shown.request, shown.state) == (3, 7, State.AWAITING)
    assert stage.feed((7, 3, 900, Flag.COMPLETE))[["start", "end"]].tolist() == [(3, 900)]
    assert stage.hosts.open_spans() == []


def test_what_is_open_on_a_host_that_has_gone_ends_with_it() -> None:
    stage = Stage()
    stage.feed((7, 3, 3, Flag.BEGIN))
    stage.hosts.give_up({stage.track + 1}, 50)
    assert len(stage.hosts.open_spans()) == 1
    stage.hosts.give_up({stage.track}, 50)
    assert stage.hosts.pieces()[["start", "end"]].tolist() == [(3, 50)]


def test_what_a_host_counts_is_a_counter_beside_its_lanes() -> None:
    stage = Stage()
    counted = stage.spans((0, 100, 100, Flag.INSTANT), (0, 200, 200, Flag.INSTANT))
    counted["kind"] = Kind.COUNTER
    counted["argument"] = np.array([7.0, 2.0]).view(np.uint64)
    counted["name"] = stage.registry.name("in flight")
    stage.hosts.update(counted)
    assert len(stage.hosts.pieces()) == 0
    (samples,) = stage.hosts.samples()
    assert samples[["time", "value"]].tolist() == [(100, 7.0), (200, 2.0)]
    tracks = stage.registry.tracks
    (number,) = set(samples["track"].tolist())
    assert (tracks[number].name, tracks[number].kind, tracks[number].unit) == (
        "in flight",
        TrackKind.COUNTER,
        "requests",
    )
    assert tracks[tracks[number].parent].name == "w2 ±0.3 ms"
    assert stage.hosts.samples() == []
    stage.hosts.update(counted)
    assert set(stage.hosts.samples()[0]["track"].tolist()) == {number}
