"""Where tracks stand: below their thread, their process or their route; numbers are never given twice."""

from dataclasses import replace

from explorer.collect.source import Batch, Process, Track
from explorer.export.job import Job
from explorer.export.places import NO_PID, Place
from explorer.records.states import Role, TrackKind
from tests.unit.export.runs import LANE, LOOP, ROUTE, WORKER, batch, declared, recorded, span

SAMPLER = Process(2, 90, Role.SAMPLER, "sampler", 1, 0, "cpython 3.13.0", 6)


def places(*more: Track, processes: tuple[Process, ...] = ()) -> dict[int, Place]:
    """The places of the usual tracks and of some more, all of which have spans."""
    run: Batch = declared(batch(1_000))
    run.tracks += more
    run.processes += [SAMPLER, *processes]
    run.spans = batch(1_000, [span(track.number, 10, 20) for track in run.tracks]).spans
    return Job(recorded([run])).places.all


def test_a_thread_has_its_own_numbers_and_a_lane_stands_below_its_route() -> None:
    found = places()
    assert (found[LOOP].pid, found[LOOP].tid, found[LOOP].thread) == (77, 77, True)
    assert (found[LANE].pid, found[LANE].below, found[LANE].title) == (NO_PID, ROUTE, "GET /job 1")
    assert ROUTE not in found


def test_what_the_sampler_saw_of_a_thread_stands_below_it() -> None:
    seen = Track(20, TrackKind.STATES, "event loop", 2, tid=77, pid=77)
    alone = Track(21, TrackKind.STATES, "", 2, tid=99, pid=77)
    found = places(seen, alone)
    assert (found[20].pid, found[20].below, found[20].title) == (77, LOOP, "states seen from outside")
    assert (found[21].pid, found[21].below, found[21].title) == (77, 0, "thread 99, states seen from outside")


def test_two_tracks_of_one_thread_have_two_numbers() -> None:
    found = places(Track(20, TrackKind.THREAD, "again", 1, tid=78, pid=77))
    assert found[WORKER].thread != found[20].thread
    assert found[WORKER].tid != found[20].tid


def test_a_pid_that_was_used_twice_is_two_processes() -> None:
    second = replace(SAMPLER, number=3, pid=77, role=Role.WORKER)
    found = places(Track(20, TrackKind.LOOP, "loop", 3, tid=77), processes=(second,))
    assert found[20].pid > NO_PID
    assert found[LOOP].pid == 77
    assert found[20].process == "worker"
