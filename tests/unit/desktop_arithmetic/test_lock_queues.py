"""The queues at locks, picked out of a run's batches."""

import numpy as np
import pytest

from explorer.collect.source import SPAN, Batch, OpenLock
from explorer.desktop.timeline import lock_queues
from explorer.desktop.timeline.lock_queues import LockQueues, got, holds_of, open_waits
from explorer.records.lock_owners import THREAD, owner_argument
from explorer.records.states import Flag, Kind, State
from explorer.store.store import Store

A, B, WORKER, LOOP = 7, 8, 1, 2


def batch(*rows: tuple[Kind, int, int, int, int, int]) -> Batch:
    """Rows of kind, track, other's track, task (0: a thread), start and end."""
    spans = np.zeros(len(rows), SPAN)
    for at, (kind, track, other, task, start, end) in enumerate(rows):
        spans[at]["kind"], spans[at]["track"], spans[at]["start"], spans[at]["end"] = kind, track, start, end
        spans[at]["argument"] = owner_argument(other, task or THREAD)
        spans[at]["state"], spans[at]["flags"] = State.WAITING_LOCK, Flag.COMPLETE
    return Batch(100, spans=spans)


def test_waits_are_found_by_their_lock_and_time() -> None:
    queues = LockQueues()
    queues.feed(
        batch(
            (Kind.LOCK_WAIT, WORKER, A, 0, 10, 20),
            (Kind.LOCK_HELD, A, WORKER, 0, 20, 22),
            (Kind.LOCK_WAIT, LOOP, B, 5, 12, 24),
            (Kind.LOCK_WAIT, WORKER, A, 0, 30, 40),
        )
    )
    assert sorted(queues.locks()) == [A, B]
    assert queues.between(A, 0, 100)["start"].tolist() == [10, 30]
    assert queues.between(A, 21, 29)["start"].tolist() == []
    assert queues.between(A, 15, 16)["start"].tolist() == [10]
    assert queues.between(B, 0, 100)[["lane", "task"]].tolist() == [(LOOP, 5)]


def test_the_queues_of_a_stored_run_are_those_of_its_batches() -> None:
    store, queues = Store(), LockQueues()
    rows = [(Kind.LOCK_WAIT, WORKER + at % 3, A + at % 2, at % 4, 10 * at, 10 * at + 35) for at in range(50)]
    for first in range(0, 50, 10):
        told = batch(*rows[first : first + 10])
        store.append(told)
        queues.feed(told)
    again = LockQueues.of(store)
    for lock in (A, B):
        for begin, end in ((0, 1_000), (100, 200)):
            assert again.between(lock, begin, end).tolist() == queues.between(lock, begin, end).tolist()
    assert LockQueues.of(Store()).between(A, 0, 100).tolist() == []


def test_of_very_many_waits_the_newest_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    queues = LockQueues()
    monkeypatch.setattr(lock_queues, "MOST", 100)
    for first in range(0, 4_000, 100):
        starts = range(first, first + 100, 10)
        queues.feed(batch(*((Kind.LOCK_WAIT, WORKER, A, 0, start, start + 5) for start in starts)))
    found = queues.between(A, 0, 10_000)["start"].tolist()
    assert found[-1] == 3_990
    assert len(found) < 400
    assert found == sorted(found)


def test_holds_are_those_that_are_over_and_those_that_go_on() -> None:
    store = Store()
    store.append(batch((Kind.LOCK_HELD, A, WORKER, 0, 10, 20), (Kind.LOCK_HELD, A, LOOP, 5, 25, 30)))
    opened = [
        OpenLock(Kind.LOCK_HELD, A, 40, 0, 0, WORKER, THREAD, 0),
        OpenLock(Kind.LOCK_HELD, B, 40, 0, 0, WORKER, THREAD, 0),
        OpenLock(Kind.LOCK_WAIT, LOOP, 42, 0, 0, A, 6, 0),
    ]
    holds = holds_of(store, opened, A, 0, 100, 50)
    assert holds.start.tolist() == [10, 25, 40]
    assert holds.end.tolist() == [20, 30, 50]
    assert holds.holder.tolist() == [WORKER, LOOP, WORKER]
    assert holds.task.tolist() == [0, 5, 0]
    waits = open_waits(opened, A, 50)
    assert waits[["start", "end", "lane", "task"]].tolist() == [(42, 50, LOOP, 6)]


def test_who_holds_the_lock_right_after_waiting_got_it() -> None:
    store, queues = Store(), LockQueues()
    told = batch(
        (Kind.LOCK_WAIT, WORKER, A, 0, 0, 10),
        (Kind.LOCK_HELD, A, WORKER, 0, 12, 20),
        (Kind.LOCK_WAIT, LOOP, A, 5, 11, 15),  # gave up: somebody else holds it then
        (Kind.LOCK_WAIT, LOOP, A, 6, 11, 21),
        (Kind.LOCK_HELD, A, LOOP, 6, 22, 30),
    )
    store.append(told)
    queues.feed(told)
    waits = queues.between(A, 0, 100)
    holds = holds_of(store, (), A, 0, 100, 100)
    assert dict(zip(waits["task"].tolist(), got(waits, holds).tolist(), strict=True)) == {0: True, 5: False, 6: True}
