"""What comes with the reports of other hosts is written into the run: on this clock, under this process's names."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from explorer.load.forwarded import ForwardedRecords
from explorer.probe.tracer import RUN, Tracer
from explorer.records.states import Flag, Kind, Role
from explorer.supervise.hosts.lanes import Lanes
from tests import run_reading

AHEAD = 3_500_000_000
NOW = 9_000_000_000


@pytest.fixture
def tracer(run_folder: Path) -> Iterator[Tracer]:
    """A process of a run."""
    run_reading.make_run(run_folder)
    tracer = Tracer.join(Role.LOAD, "load", environ={RUN: str(run_folder)})
    assert tracer is not None
    yield tracer
    tracer.close()


def report(records: ForwardedRecords) -> dict[str, Any]:
    return records.along({"time": NOW + AHEAD, "in_flight": 4})


def test_requests_are_written_on_the_track_of_their_host_by_our_clock(tracer: Tracer, run_folder: Path) -> None:
    lanes = Lanes(tracer)
    far = ForwardedRecords(1_000, 10)
    assert lanes.add("w1", 0, 50_000) == 0
    assert lanes.add("w2", AHEAD, 310_000) == 1
    request, name = far.next_request(), far.name("GET /job")
    far.begin(request, name, AHEAD + 40)
    far.complete(request, name, AHEAD + 40, AHEAD + 90, 200)
    lanes.take(1, report(far))
    lanes.sync(1, AHEAD + 5)
    far.begin(1_001, name, AHEAD + 45)
    lanes.take(1, report(far))
    lanes.close()
    found = run_reading.records(run_folder, os.getpid())
    found = found[found["kind"] == Kind.CLIENT_REQUEST]
    assert found[["start", "duration", "request", "flags"]].tolist() == [
        (40, 50, 1_000, Flag.COMPLETE),
        (40, 0, 1_001, Flag.BEGIN),
    ]
    names, tracks = run_reading.names(run_folder, os.getpid()), run_reading.tracks(run_folder, os.getpid())
    assert {names[number] for number in found["name"].tolist()} == {"w2 ±0.3 ms, GET /job"}
    assert {tracks[number]["text"] for number in found["track"].tolist()} == {"w2 ±0.3 ms"}
    assert {tracks[number]["kind"] for number in found["track"].tolist()} == {"host"}


def test_what_had_no_room_is_a_counter(tracer: Tracer, run_folder: Path) -> None:
    lanes = Lanes(tracer)
    lanes.add("w2", AHEAD, 310_000)
    far = ForwardedRecords(1, 2)
    for amount in (2, 5, 0):
        for _ in range(amount):
            request = far.next_request()
            far.begin(request, far.name("GET /job"), AHEAD)
            far.complete(request, far.name("GET /job"), AHEAD, AHEAD + 1, 200)
        lanes.take(0, report(far))
    lanes.close()
    found = run_reading.records(run_folder, os.getpid())
    counted = found[found["kind"] == Kind.COUNTER]
    names, tracks = run_reading.names(run_folder, os.getpid()), run_reading.tracks(run_folder, os.getpid())
    told = [
        (names[row["name"]], run_reading.counter_value(int(row["argument"])), tracks[row["track"]]["text"])
        for row in counted
    ]
    flying, missing = ("in flight", 4.0, "w2 ±0.3 ms"), ("left out", 3.0, "w2 ±0.3 ms")
    assert told == [flying, missing, flying, ("left out", 0.0, "w2 ±0.3 ms"), flying]
    assert set(counted["start"].tolist()) == {NOW}
