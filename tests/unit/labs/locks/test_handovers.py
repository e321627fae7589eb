"""From whom a lock came."""

from explorer.analysis.locks.history import circles
from explorer.analysis.locks.trace import LockTrace
from explorer.collect.source import Batch, Process, Track
from explorer.labs.locks.handovers import handovers
from explorer.records.lock_owners import owner_argument
from explorer.records.states import Flag, Kind, Role, TrackKind
from tests.unit.labs.locks.rows import rows

LOCK, OTHER, ONE, TWO, THREE = 1, 2, 11, 12, 13


def trace(*spans: tuple[Kind, int, int, int, int]) -> LockTrace:
    """Spans are (kind, lock, lane, start, end)."""
    tracks = [Track(number, TrackKind.LOCK, "AB"[number - 1], 1, what="threading.Lock") for number in (LOCK, OTHER)]
    tracks += [Track(lane, TrackKind.THREAD, f"worker-{lane - 10}", 1, tid=lane) for lane in (ONE, TWO, THREE)]
    made = LockTrace()
    found = [
        (lane if kind is Kind.LOCK_WAIT else lock, start, end, kind,
         owner_argument(lock if kind is Kind.LOCK_WAIT else lane), Flag.COMPLETE)
        for kind, lock, lane, start, end in spans
    ]  # fmt: skip
    made.feed(Batch(100, processes=[Process(1, 7, Role.SERVER, "", 1, 1, "", 0)], tracks=tracks, spans=rows(found)))
    return made


def test_a_lock_goes_from_who_gave_it_back_to_who_had_it_next() -> None:
    known = trace(
        (Kind.LOCK_HELD, LOCK, ONE, 0, 10),
        (Kind.LOCK_WAIT, LOCK, TWO, 2, 11),
        (Kind.LOCK_WAIT, LOCK, THREE, 3, 8),  # gives up
        (Kind.LOCK_HELD, LOCK, TWO, 12, 20),
        (Kind.LOCK_WAIT, LOCK, THREE, 13, 21),  # comes again
        (Kind.LOCK_HELD, LOCK, THREE, 22, 30),
    )
    found = [(each.giver.name, each.time, each.wait.owner.name, each.hold and each.hold.start)
             for each in handovers(known, LOCK)]  # fmt: skip
    assert found == [("worker-1", 10, "worker-2", 12), ("worker-2", 20, "worker-3", 22)]
    assert circles(known) == []


def test_a_signal_wakes_all_who_waited_then() -> None:
    known = trace(
        (Kind.LOCK_WAIT, LOCK, TWO, 2, 11),
        (Kind.LOCK_WAIT, LOCK, THREE, 3, 12),
        (Kind.LOCK_WAIT, LOCK, THREE, 0, 1),  # gives up
        (Kind.LOCK_SIGNAL, LOCK, ONE, 10, 10),
    )
    found = [(each.giver.name, each.time, each.wait.owner.name, each.hold) for each in handovers(known, LOCK)]
    assert found == [("worker-1", 10, "worker-2", None), ("worker-1", 10, "worker-3", None)]


def test_a_circle_that_is_over_is_found_with_its_times() -> None:
    known = trace(
        (Kind.LOCK_HELD, LOCK, ONE, 0, 30),
        (Kind.LOCK_HELD, OTHER, TWO, 1, 40),
        (Kind.LOCK_WAIT, OTHER, ONE, 5, 25),
        (Kind.LOCK_WAIT, LOCK, TWO, 9, 31),
        (Kind.LOCK_WAIT, LOCK, THREE, 10, 50),
    )
    (past,) = circles(known)
    assert (past.cycle.names, past.cycle.closed, past.ended) == (("worker-1", "B", "worker-2", "A"), 9, 25)


def test_what_a_coarse_clock_lets_begin_and_end_at_once_is_no_circle() -> None:
    known = trace(
        (Kind.LOCK_HELD, LOCK, ONE, 5, 5), (Kind.LOCK_WAIT, LOCK, TWO, 5, 5), (Kind.LOCK_HELD, LOCK, TWO, 5, 9)
    )
    assert circles(known) == []
