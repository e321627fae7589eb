"""Own numbers become run-wide ones, whatever their size."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from explorer.collect.registry import Lookup, Registry
from explorer.records.states import Role, TrackKind

TOLD = {"number": 3, "pid": 70, "role": "server", "label": "", "parent": 1, "epoch": 2, "interpreter": "3.11"}


@given(st.dictionaries(st.integers(1, 500), st.integers(1, 2**32 - 1)), st.lists(st.integers(0, 2**32 - 1)))
def test_a_look_up_knows_what_was_put_and_gives_0_otherwise(known: dict[int, int], asked: list[int]) -> None:
    lookup = Lookup()
    for own, number in known.items():
        lookup.put(own, number)
    asked += list(known)
    assert lookup.map(np.array(asked, np.uint32)).tolist() == [known.get(own, 0) for own in asked]
    assert [lookup.one(own) for own in asked] == [known.get(own, 0) for own in asked]


def test_one_text_of_two_processes_has_one_number_and_tracks_never_do() -> None:
    registry = Registry()
    one, two = registry.join(TOLD), registry.join({**TOLD, "number": 4, "pid": 71, "epoch": 5})
    for member in (one, two):
        registry.declare(member, {"name": 1, "text": "GET /job"})
        registry.declare(member, {"track": 1, "kind": "process", "text": "server"})
        registry.declare(member, {"track": 2, "kind": "thread", "text": "worker", "parent": 1, "tid": 9})
    assert registry.take_names() == [(1, "GET /job")]
    assert one.names.one(1) == two.names.one(1) == 1
    tracks = registry.take_tracks()
    assert [(track.number, track.process, track.parent, track.epoch, track.pid) for track in tracks] == [
        (1, 3, 0, 2, 70),
        (2, 3, 1, 2, 70),
        (3, 4, 0, 5, 71),
        (4, 4, 3, 5, 71),
    ]
    assert tracks[1].kind is TrackKind.THREAD
    assert registry.take_processes()[0].role is Role.SERVER
    assert registry.take_tracks() == []


def test_a_track_that_is_declared_again_has_another_thread() -> None:
    registry = Registry()
    member = registry.join(TOLD)
    registry.declare(member, {"track": 1, "kind": "loop", "text": "connection", "tid": 5})
    (first,) = registry.take_tracks()
    registry.declare(member, {"track": 1, "kind": "loop", "text": "connection", "tid": 6})
    (again,) = registry.take_tracks()
    assert (again.number, again.tid, first.tid) == (first.number, 6, 5)
    assert registry.tracks_of(3) == {first.number}


def test_a_process_may_become_something_else() -> None:
    registry = Registry()
    member = registry.join({**TOLD, "role": "standby"})
    registry.take_processes()
    registry.declare(member, {"role": "connection", "label": "client 127.0.0.1:9"})
    (process,) = registry.take_processes()
    assert (process.number, process.role, process.label) == (3, Role.CONNECTION, "client 127.0.0.1:9")
    assert registry.latest(70) is member


def test_a_track_may_name_its_own_epoch_pid_and_unit() -> None:
    registry = Registry()
    member = registry.join(TOLD)
    registry.declare(member, {"track": 1, "kind": "counter", "text": "cpu", "pid": 99, "unit": "%", "epoch": 8})
    track = registry.take_tracks()[0]
    assert (track.pid, track.unit, track.epoch) == (99, "%", 8)
