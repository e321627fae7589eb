"""When a circle counts as found, in a run that goes on and in its recording."""

from explorer.analysis.locks.watch import LockWatch, noted
from explorer.collect.source import Batch, OpenLock, Track
from explorer.records.lock_owners import THREAD
from explorer.records.states import Kind, TrackKind

A, B, ONE, TWO = 1, 2, 11, 12


def stuck(now: int) -> Batch:
    """Two threads in a circle that closed at 40 ns."""
    tracks = [Track(number, TrackKind.LOCK, name, 1) for number, name in ((A, "A"), (B, "B"))]
    tracks += [Track(number, TrackKind.THREAD, "worker", 1, tid=number) for number in (ONE, TWO)]
    locks = [
        OpenLock(Kind.LOCK_HELD, A, 10, 0, 0, ONE, THREAD, 0),
        OpenLock(Kind.LOCK_HELD, B, 20, 0, 0, TWO, THREAD, 0),
        OpenLock(Kind.LOCK_WAIT, ONE, 30, 0, 0, B, THREAD, 0),
        OpenLock(Kind.LOCK_WAIT, TWO, 40, 0, 0, A, THREAD, 0),
    ]
    return Batch(now, tracks=tracks, locks=locks)


def test_a_circle_that_lasts_at_the_end_of_a_recording_was_found_when_its_note_says_so() -> None:
    live = LockWatch(clock=lambda: 55)
    live(stuck(50))
    assert [each.found for each in live.deadlocks] == [55]
    read = stuck(9_000)
    read.events.append(noted(live.deadlocks[0]))
    again = LockWatch(clock=lambda: 9_000)
    again(read)
    assert [(each.cycle.closed, each.found, each.ended) for each in again.deadlocks] == [(40, 55, None)]
