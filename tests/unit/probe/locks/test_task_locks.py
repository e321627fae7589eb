"""The primitives of asyncio: tasks hold and wait, on the requests' track."""

import asyncio
import copy
import pickle
from collections.abc import Coroutine
from typing import Any

import pytest

from explorer.probe.locks.install import LockTracing
from explorer.probe.locks.owners import Released
from explorer.probe.loop import traced_loop_factory
from explorer.probe.tasks import TracedTask
from explorer.probe.tracer import Tracer
from explorer.records.states import Flag, Kind, State
from tests.observed import Observed

pytestmark = pytest.mark.usefixtures("tracing")


def work_for(request: int) -> None:
    """What the protocol does for a request's first task."""
    task = asyncio.current_task()
    assert isinstance(task, TracedTask)
    task.request = request


def run(tracer: Tracer, main: Coroutine[Any, Any, object]) -> None:
    with asyncio.Runner(loop_factory=traced_loop_factory(tracer)) as runner:
        runner.run(main)


def test_tasks_wait_in_turn_and_hold_one_after_the_other(tracer: Tracer, observed: Observed) -> None:
    order: list[int] = []

    async def use(lock: asyncio.Lock, request: int) -> None:
        work_for(request)
        async with lock:
            assert lock.locked()
            order.append(request)
            await asyncio.sleep(0)

    async def main() -> None:
        lock = asyncio.Lock()
        await asyncio.gather(*(use(lock, request) for request in (1, 2, 3)))
        with pytest.raises(RuntimeError, match="not acquired"):
            lock.release()

    run(tracer, main())
    assert order == [1, 2, 3]
    waits, holds = observed.of(Kind.LOCK_WAIT), observed.of(Kind.LOCK_HELD)
    assert [(row.request, row.track, row.state) for row in waits] == [
        (request, "requests requests", State.WAITING_LOCK) for request in (2, 3)
    ]
    assert [row.start for row in observed.of(Kind.LOCK_WAIT, Flag.BEGIN)] == [row.start for row in waits]
    assert [(row.request, row.track, row.name.rpartition(".")[2]) for row in holds] == [
        (request, "lock lock", "use") for request in (1, 2, 3)
    ]
    assert len({row.cpu for row in holds}) == 3, "each task has a number"
    assert {row.cpu for row in waits} == {row.cpu for row in holds[1:]}, "the same as one who waits"


@pytest.mark.parametrize("traced", [True, False])
def test_a_task_that_is_cancelled_ends_its_wait(tracer: Tracer, observed: Observed, traced: bool) -> None:
    async def main() -> None:
        lock = asyncio.Lock()
        async with lock:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.001):
                    await lock.acquire()
        async with lock:  # free again, and nobody is in line
            pass

    if traced:
        run(tracer, main())
    else:
        asyncio.run(main())
    assert len(observed.of(Kind.LOCK_WAIT)) == len(observed.of(Kind.LOCK_WAIT, Flag.BEGIN)) == 1
    assert len(observed.of(Kind.LOCK_HELD)) == 2


def test_semaphores_events_conditions_barriers_and_queues(tracer: Tracer, observed: Observed) -> None:
    async def main() -> None:
        tokens, go, ready, meeting = (
            asyncio.BoundedSemaphore(2),
            asyncio.Event(),
            asyncio.Condition(),
            asyncio.Barrier(2),
        )
        orders: asyncio.Queue[int] = asyncio.Queue(1)

        async def third() -> None:
            async with tokens:
                await go.wait()

        async def take() -> None:
            async with ready:
                await ready.wait()

        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            async with tokens:
                await tokens.acquire()
                group.create_task(third())
                group.create_task(take())
                await asyncio.sleep(0)
            await asyncio.sleep(0)
            go.set()
            async with ready:
                ready.notify()
            tokens.release()
            group.create_task(meeting.wait())
            await asyncio.sleep(0)
            await meeting.wait()
            await orders.put(1)
            group.create_task(orders.put(2))
            await asyncio.sleep(0)
            assert [await orders.get(), await orders.get()] == [1, 2]
            getter = group.create_task(orders.get())
            await asyncio.sleep(0)
            orders.put_nowait(3)
            assert await getter == 3
        with pytest.raises(ValueError, match="too many"):
            tokens.release()

    run(tracer, main())
    waits = [row.name.partition(" · ")[0] for row in observed.of(Kind.LOCK_WAIT)]
    assert sorted(waits) == ["go", "meeting", "orders", "orders", "orders", "ready", "tokens"]
    held = [(row.track, row.depth) for row in observed.of(Kind.LOCK_HELD) if row.track == "lock tokens"]
    assert held == [("lock tokens", 0), ("lock tokens", 1), ("lock tokens", 1)]
    woken = [row.track for row in observed.of(Kind.LOCK_SIGNAL, Flag.INSTANT)]
    assert set(woken) == {"lock go", "lock ready", "lock meeting", "lock orders"}


@pytest.mark.parametrize("kind", ["Lock", "Semaphore", "Event", "Condition", "Queue"])
def test_a_task_that_waits_can_be_released(tracer: Tracer, tracing: LockTracing, observed: Observed, kind: str) -> None:
    heard: list[str] = []

    async def wait(thing: Any) -> None:
        try:
            match thing:
                case asyncio.Lock() | asyncio.Semaphore():
                    await thing.acquire()
                case asyncio.Event():
                    await thing.wait()
                case asyncio.Condition():
                    async with thing:
                        await thing.wait()
                case asyncio.Queue():
                    await thing.get()
        except Released as error:
            heard.append(str(error))

    async def main() -> None:
        thing = asyncio.Semaphore(0) if kind == "Semaphore" else getattr(asyncio, kind)()
        if kind == "Lock":
            await thing.acquire()
        task = asyncio.create_task(wait(thing))
        while not (waits := observed.of(Kind.LOCK_WAIT, Flag.BEGIN)):
            await asyncio.sleep(0)
        assert tracing.owners.release(0, waits[0].cpu or 0, "Go home.")
        async with asyncio.timeout(60):
            await task
        assert not tracing.owners.release(0, waits[0].cpu or 0, "Go home.")

    run(tracer, main())
    assert heard == ["Go home."]
    assert len(observed.of(Kind.LOCK_WAIT)) == 1


@pytest.mark.parametrize("kind", ["Lock", "Semaphore", "Event", "Condition", "Queue", "PriorityQueue", "Barrier"])
def test_copies_are_plain_ones_that_work(tracer: Tracer, kind: str) -> None:
    thing = asyncio.Barrier(1) if kind == "Barrier" else getattr(asyncio, kind)()
    assert hasattr(thing, "book")
    copies = [copy.deepcopy(thing)] + ([pickle.loads(pickle.dumps(thing))] if kind != "Barrier" else [])

    async def use(thing: Any) -> None:
        match thing:
            case asyncio.Event():
                thing.set()
                await thing.wait()
            case asyncio.Queue():
                await thing.put(1)
                assert await thing.get() == 1
            case asyncio.Barrier():
                await thing.wait()
            case _:
                async with thing:
                    assert thing.locked()

    for each in copies:
        assert isinstance(each, getattr(asyncio, kind))
        run(tracer, use(each))


def test_one_that_is_released_while_the_lock_is_given_back_leaves_it_to_the_next(
    tracer: Tracer, tracing: LockTracing, observed: Observed
) -> None:
    async def main() -> None:
        lock = asyncio.Lock()
        await lock.acquire()
        first, second = asyncio.create_task(lock.acquire()), asyncio.create_task(lock.acquire())
        while len(waits := observed.of(Kind.LOCK_WAIT, Flag.BEGIN)) < 2:
            await asyncio.sleep(0)
        assert tracing.owners.release(0, waits[0].cpu or 0, "Go home.")
        asyncio.get_running_loop().call_soon(lock.release)  # before the first one runs and hears of it
        with pytest.raises(Released):
            await first
        async with asyncio.timeout(60):
            assert await second

    run(tracer, main())


def test_who_leaves_a_condition_must_have_its_lock(tracer: Tracer, tracing: LockTracing, observed: Observed) -> None:
    async def wait(ready: asyncio.Condition) -> None:
        async with ready:
            await ready.wait()

    async def main() -> None:
        ready = asyncio.Condition()
        task = asyncio.create_task(wait(ready))
        await asyncio.sleep(0)
        async with ready:
            ready.notify()
            while len(waits := observed.of(Kind.LOCK_WAIT, Flag.BEGIN)) < 2:  # now for the lock
                await asyncio.sleep(0)
            assert not tracing.owners.release(0, waits[1].cpu or 0, "Go home.")
            await asyncio.sleep(0)
            assert ready.locked(), "nobody else gives it back"
        await task

    run(tracer, main())
