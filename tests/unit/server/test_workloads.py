"""Workloads with handlers of their own, in this process, without a socket and without a run."""

import asyncio
import gc
import threading
import time
from typing import Any

import pytest

from explorer.catalog import Catalog
from explorer.option_error import OptionError
from explorer.server.app import make_app
from explorer.server.live import Live
from explorer.server.surroundings import Surroundings
from explorer.server.workloads.fan_out import body as fan_out
from explorer.server.workloads.gc_pressure import arguments as gc_arguments
from explorer.server.workloads.gc_pressure import body as gc_pressure
from explorer.server.workloads.gc_pressure.feature import GcPressureKnobs
from explorer.server.workloads.http_upstream import arguments as upstream_arguments
from explorer.server.workloads.http_upstream import body as http_upstream
from explorer.server.workloads.http_upstream.feature import HttpUpstreamKnobs
from explorer.server.workloads.shared_counter import arguments as counter_arguments
from explorer.server.workloads.shared_counter import body as shared_counter
from explorer.server.workloads.shared_counter.feature import SharedCounterKnobs
from explorer.server.workloads.timers import body as timers
from explorer.server.workloads.timers.handler import Periodic
from tests.unit.server.test_app import scenario, status

CATALOG = Catalog()


# -- a shared counter --------------------------------------------------------------------------------------------------


def test_the_books_of_the_number_are_right_at_every_moment() -> None:
    shared = counter_arguments.Shared(Surroundings())
    read = shared.number
    shared.number = read + 1
    assert (shared.number, shared.lost) == (1, 0)
    shared.number = read + 1  # from what was read before: this update changes nothing
    assert (shared.number, shared.lost) == (1, 1)
    for _ in range(3):
        shared.number += 1
    shared.number = read + 1  # and this one takes three back and loses its own
    assert (shared.number, shared.lost) == (1, 5)
    assert shared.number + shared.lost == 6, "as often as it was written"


@pytest.mark.parametrize("lock", [True, False])
def test_threads_lose_updates_unless_there_is_a_lock(lock: bool) -> None:
    arguments = counter_arguments.Arguments(Surroundings()).of(
        SharedCounterKnobs(lock=lock, increments=4, seconds=0.002)
    )
    threads = [threading.Thread(target=shared_counter.blocking, kwargs=arguments) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    shared = arguments["shared"]
    assert shared.number + shared.lost == 16
    assert (shared.lost == 0) == lock


@pytest.mark.parametrize("lock", [True, False])
async def test_coroutines_lose_updates_unless_there_is_a_lock(lock: bool) -> None:
    arguments = counter_arguments.Arguments(Surroundings()).of(SharedCounterKnobs(lock=lock, increments=3, seconds=0))
    await asyncio.gather(*(shared_counter.awaiting(**arguments) for _ in range(4)))
    shared = arguments["shared"]
    assert shared.number + shared.lost == 12
    assert shared.lost == (0 if lock else 9), "of four that read the same number one counts"


def test_an_asyncio_lock_guards_the_tasks_of_its_own_loop_only() -> None:
    lock = counter_arguments.Lock()

    async def hold() -> bool:
        async with lock:
            return await asyncio.to_thread(lambda: asyncio.run(take()))

    async def take() -> bool:
        async with asyncio.timeout(10), lock:
            return True

    assert asyncio.run(hold())


def test_the_number_stays_when_knobs_change() -> None:
    arguments = counter_arguments.Arguments(Surroundings())
    before, after = (arguments.of(SharedCounterKnobs(lock=lock)) for lock in (False, True))
    assert before["shared"] is after["shared"]
    assert before["lock"] is not after["lock"]


# -- a queue -----------------------------------------------------------------------------------------------------------


async def test_what_fails_in_a_consumer_fails_for_whoever_waits() -> None:
    app = make_app(
        scenario("dispatch.id=coroutine", "workload.id=queue", "workload.seconds=0"), CATALOG, Surroundings()
    )

    async def fails() -> None:
        raise ValueError("no luck")

    async with app.router.lifespan_context(app):
        works, app.state.run = app.state.run, fails
        with pytest.raises(ValueError, match="no luck"):
            await status(app, "/job")
        app.state.run = works
        assert await status(app, "/job") == 200, "the consumers go on"


async def test_a_full_queue_holds_producers_back() -> None:
    chosen = scenario("dispatch.id=coroutine", "workload.id=queue", "workload.consumers=1", "workload.maxsize=2")
    app = make_app(chosen, CATALOG, Surroundings())
    go = asyncio.Event()
    async with app.router.lifespan_context(app):
        app.state.run = go.wait
        requests = [asyncio.create_task(status(app, "/job")) for _ in range(6)]
        for _ in range(20):
            await asyncio.sleep(0)
        # One item is worked on, two are in the queue, and three requests wait for room.
        assert app.state.queue.full()
        assert app.state.queue.qsize() == 2
        assert not any(request.done() for request in requests)
        go.set()
        assert await asyncio.gather(*requests) == [200] * 6


async def test_consumers_that_are_too_many_end_with_their_item_and_lose_none() -> None:
    chosen = scenario("dispatch.id=coroutine", "workload.id=queue", "workload.consumers=3", "workload.seconds=0")
    app = make_app(chosen, CATALOG, Surroundings())
    live = Live(app, CATALOG, chosen)
    failures: list[str] = []
    go = asyncio.Event()
    async with app.router.lifespan_context(app):
        live.started(asyncio.get_running_loop())
        app.state.run = go.wait
        requests = [asyncio.create_task(status(app, "/job")) for _ in range(3)]
        done = asyncio.Event()
        await asyncio.to_thread(live.set, "workload.consumers", 1, done.set, failures.append)
        await done.wait()
        go.set()
        assert await asyncio.gather(*requests) == [200] * 3
        assert await status(app, "/job") == 200
        running = [number for number, task in app.state.consumers.items() if not task.done()]
        assert running == [0]
    assert failures == []


# -- timers ------------------------------------------------------------------------------------------------------------


async def test_a_periodic_timer_is_late_by_what_kept_the_loop_and_leaves_out_what_it_missed() -> None:
    late: list[float] = []
    periodic = Periodic(0.01, late.append)
    time.sleep(0.1)  # the loop is to be kept
    while not late:
        await asyncio.sleep(0)
    periodic.stop()
    assert late[0] >= 0.08
    assert len(late) == 1


async def test_the_period_changes_live_and_the_timer_ends_with_the_app() -> None:
    chosen = scenario("dispatch.id=coroutine", "workload.id=timers", "workload.seconds=0", "workload.period=60")
    app = make_app(chosen, CATALOG, Surroundings())
    live = Live(app, CATALOG, chosen)
    failures: list[str] = []
    async with app.router.lifespan_context(app):
        live.started(asyncio.get_running_loop())
        first = app.state.periodic.timer
        done = asyncio.Event()
        await asyncio.to_thread(live.set, "workload.period", 0.001, done.set, failures.append)
        await done.wait()
        assert first.cancelled()
        rung: list[float] = []
        app.state.periodic.rings = rung.append
        while len(rung) < 3:
            await asyncio.sleep(0.001)
        last = app.state.periodic
    assert last.timer.cancelled()
    assert failures == []


async def test_both_forms_tell_how_late_they_were() -> None:
    assert await timers.awaiting(0.001) >= 0
    assert timers.blocking(0.001) >= 0


# -- background, fan-out, upstream, garbage ----------------------------------------------------------------------------


async def test_the_work_comes_after_the_response() -> None:
    app = make_app(
        scenario("dispatch.id=coroutine", "workload.id=background", "workload.seconds=0"), CATALOG, Surroundings()
    )
    order: list[str] = []
    scope: dict[str, Any] = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": "/job", "raw_path": b"/job", "query_string": b"", "root_path": "", "headers": [],
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 2), "state": {},
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        order.append(message["type"])

    async def work() -> None:
        order.append("work")

    async with app.router.lifespan_context(app):
        app.state.work = work
        await app(scope, receive, send)
    assert order == ["http.response.start", "http.response.body", "work"]


async def test_a_fan_out_awaits_evenly_spread_times(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(round(seconds, 6))

    monkeypatch.setattr(asyncio, "sleep", sleep)
    await fan_out.awaiting(awaits=3, seconds=1.0, spread=0.5)
    await fan_out.awaiting(awaits=1, seconds=2.0, spread=1.0)
    assert waited == [1.0, 0.75, 0.5, 2.0]


def test_without_an_upstream_there_is_a_sentence() -> None:
    with pytest.raises(OptionError, match=r"There is no upstream to call"):
        upstream_arguments.Arguments(Surroundings())
    around = Surroundings(services={"upstream": "127.0.0.1:8417"})
    assert upstream_arguments.Arguments(around).of(HttpUpstreamKnobs(seconds=1, timeout=2)) == {
        "host": "127.0.0.1",
        "port": 8417,
        "seconds": 1.0,
        "timeout": 2.0,
    }


async def test_an_upstream_that_talks_nonsense_is_not_believed() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"HTTP/1.1 500 Oh\r\ncontent-length: 0\r\n\r\n")
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        with pytest.raises(ConnectionError):
            await http_upstream.awaiting(host, port, 0, 5)
        with pytest.raises(ConnectionError):
            await asyncio.to_thread(http_upstream.blocking, host, port, 0, 5)


def test_only_the_garbage_collector_frees_what_is_kept_no_longer() -> None:
    arguments = gc_arguments.Arguments(Surroundings())
    knobs = arguments.of(GcPressureKnobs(objects=10_000, kept=3))
    gc.collect()
    gc.disable()
    try:
        for _ in range(5):
            gc_pressure.blocking(**knobs)
        assert len(gc_pressure.alive) == 3
        assert gc.collect() // 10_000 == 2  # and some hundred of whoever else is in this process
    finally:
        gc.enable()
        arguments.close()
    assert not gc_pressure.alive
