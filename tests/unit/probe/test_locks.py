"""Locks: who must wait is seen, who need not writes nothing."""

import asyncio
import threading

import pytest

from explorer.probe.locks import LockWaits, TaskLock, ThreadLock
from explorer.probe.loop import traced_loop_factory
from explorer.probe.tasks import TracedTask
from explorer.probe.tracer import Tracer
from explorer.records.states import Flag, Kind, State
from tests.observed import Observed
from tests.waiting import wait_until


def work_for(request: int) -> None:
    """What the protocol does for a request's first task."""
    task = asyncio.current_task()
    assert isinstance(task, TracedTask)
    task.request = request


def test_a_lock_that_is_free_is_taken_and_nothing_is_written(tracer: Tracer, observed: Observed) -> None:
    lock = ThreadLock(LockWaits(tracer, "lock"))
    with lock:
        assert lock.locked()
        assert not lock.acquire(blocking=False)
    assert not lock.locked()

    async def alone() -> None:
        task_lock = TaskLock(LockWaits(tracer, "lock"))
        async with task_lock:
            assert task_lock.locked()

    asyncio.run(alone())
    assert observed.of(Kind.LOCK_WAIT, Flag.BEGIN) == observed.of(Kind.LOCK_WAIT) == []


def test_a_thread_that_waits_is_seen_while_it_waits_and_afterwards(tracer: Tracer, observed: Observed) -> None:
    lock = ThreadLock(LockWaits(tracer, "lock of the till"))

    def wait() -> None:
        tracer.thread_ring().request = 42
        with lock:
            pass

    with lock:
        thread = threading.Thread(target=wait, name="customer")
        thread.start()
        wait_until(lambda: observed.of(Kind.LOCK_WAIT, Flag.BEGIN), what="the begin of the wait")
        assert observed.of(Kind.LOCK_WAIT) == []
    thread.join()

    (begin,), (whole,) = observed.of(Kind.LOCK_WAIT, Flag.BEGIN), observed.of(Kind.LOCK_WAIT)
    assert begin.start == whole.start
    assert whole.duration > 0
    assert (whole.request, whole.state, whole.name) == (42, State.WAITING_LOCK, "lock of the till")
    assert (whole.track, whole.depth) == ("thread customer", 1)
    number = next(
        n for n, text in observed.declared(next(iter(observed.readers)))[1].items() if text.startswith("lock ")
    )
    assert whole.value == begin.value == number, "the lock's own track"


def test_a_thread_that_gives_up_has_waited_as_well(tracer: Tracer, observed: Observed) -> None:
    lock = ThreadLock(LockWaits(tracer, "lock"))
    with lock:
        assert not lock.acquire(timeout=0.001)
    assert [row.duration >= 1_000_000 for row in observed.of(Kind.LOCK_WAIT)] == [True]


def test_tasks_wait_in_turn_on_the_requests_track(tracer: Tracer, observed: Observed) -> None:
    order: list[int] = []

    async def use(lock: TaskLock, request: int) -> None:
        work_for(request)
        async with lock:
            order.append(request)
            await asyncio.sleep(0)

    async def main() -> None:
        lock = TaskLock(LockWaits(tracer, "lock"))
        await asyncio.gather(*(use(lock, request) for request in (1, 2, 3)))

    with asyncio.Runner(loop_factory=traced_loop_factory(tracer)) as runner:
        runner.run(main())

    assert order == [1, 2, 3]
    waits = observed.of(Kind.LOCK_WAIT)
    assert [(row.request, row.track, row.state) for row in waits] == [
        (request, "requests requests", State.WAITING_LOCK) for request in (2, 3)
    ]
    assert [row.start for row in observed.of(Kind.LOCK_WAIT, Flag.BEGIN)] == [row.start for row in waits]


def test_a_task_that_is_cancelled_ends_its_wait(tracer: Tracer, observed: Observed) -> None:
    async def main() -> None:
        lock = TaskLock(LockWaits(tracer, "lock"))
        async with lock:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.001):
                    await lock.acquire()
        async with lock:  # free again, and nobody is in line
            pass

    asyncio.run(main())
    assert len(observed.of(Kind.LOCK_WAIT)) == len(observed.of(Kind.LOCK_WAIT, Flag.BEGIN)) == 1
