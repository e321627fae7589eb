"""What owners are called."""

from explorer.analysis.locks.owners import Owner, Owners
from explorer.collect.source import Batch, Process, Track
from explorer.records.lock_owners import owner_argument
from explorer.records.schema import CPU_NOT_TAKEN, request_number
from explorer.records.states import Role, TrackKind

ANYIO = "AnyIO worker thread"


def process(number: int) -> Process:
    return Process(number, 100 + number, Role.SERVER, "", 1, 1, "", 0)


def word(task: int) -> int:
    return owner_argument(0, task) >> 32


def test_each_has_a_name_of_its_own_that_the_timeline_has_too() -> None:
    owners = Owners()
    lanes = [
        Track(1, TrackKind.THREAD, ANYIO, 1, tid=11), Track(2, TrackKind.THREAD, ANYIO, 1, tid=12),
        Track(3, TrackKind.THREAD, "clerk", 1, tid=13), Track(4, TrackKind.THREAD, "clerk", 1, tid=14),
        Track(5, TrackKind.REQUESTS, "requests", 1), Track(6, TrackKind.LOOP, "event loop", 1, tid=10),
    ]  # fmt: skip
    owners.feed(Batch(0, processes=[process(1)], tracks=lanes))
    thread = CPU_NOT_TAKEN  # as recordings of older versions have it
    second, *clerks = (owners.of(lane, lane, thread, 0) for lane in (2, 3, 4))
    assert [owners.label(owner) for owner in (second, *clerks)] == ["Worker 2", "clerk 1", "clerk 2"]
    assert (second.pid, second.tid, second.task) == (101, 12, 0)
    waits = owners.of(5, 5, word(7), request_number(1, 17))
    assert owners.label(waits) == "request 17"
    assert waits == owners.of(5, 6, word(7), request_number(1, 17), "use")
    of_none = owners.of(5, 6, word(8), 0, "ticker")
    assert (owners.label(of_none), of_none.pid, of_none.tid, of_none.task) == ("ticker", 101, 0, 8)
    assert owners.label(owners.of(5, 5, word(9), 0)) == "task 9"
    owners.feed(Batch(0, processes=[process(2)], tracks=[Track(7, TrackKind.THREAD, ANYIO, 2, tid=11)]))
    other = owners.of(7, 7, thread, 0)
    assert [owners.label(other), owners.label(second)] == ["Worker 1 of process 102", "Worker 2 of process 101"]
    assert owners.label(Owner(9, 99)) == "a thread"
