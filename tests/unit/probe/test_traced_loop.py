"""The traced loop: the stdlib's behaviour, and a record of everything it ran."""

import asyncio
import functools
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from explorer.probe.loop_check import MemoryRecorder, loop_problem
from explorer.probe.traced_loop import TracedLoop
from explorer.records import schema
from explorer.records.states import Kind
from explorer.ring.reader import RingReader


class Watched:
    """A traced loop over plain memory, and what was recorded as (kind, name, request) and rows."""

    def __init__(self, capacity: int = 256) -> None:
        self.recorder = MemoryRecorder(capacity)
        self.reader = RingReader(self.recorder.memory)
        self.loop = TracedLoop(self.recorder)

    def rows(self) -> list[tuple[Kind, str, int]]:
        return [
            (Kind(row["kind"]), self.recorder.names[row["name"]], int(row["request"])) for row in self.reader.poll()
        ]

    def named(self, text: str) -> list[tuple[Kind, str, int]]:
        return [row for row in self.rows() if text in row[1]]

    def run(self, coroutine: Any) -> Any:
        return self.loop.run_until_complete(coroutine)

    def close(self) -> None:
        self.loop.close()
        self.reader.close()


@pytest.fixture
def watched() -> Iterator[Watched]:
    one = Watched()
    yield one
    one.close()


def test_the_loop_passes_its_own_check() -> None:
    assert loop_problem() == ""


def test_steps_of_a_task_carry_its_coroutines_name(watched: Watched) -> None:
    async def work() -> None:
        await asyncio.sleep(0)

    watched.run(work())
    assert [kind for kind, _, _ in watched.named("work")] == [Kind.STEP, Kind.STEP]


def test_children_inherit_the_request(watched: Watched) -> None:
    async def child() -> None:
        await asyncio.sleep(0)

    async def parent() -> None:
        await asyncio.gather(child(), child())

    async def main() -> None:
        watched.loop.starting = 77
        await watched.loop.create_task(parent())

    watched.run(main())
    rows = watched.rows()
    assert {request for _, name, request in rows if name.endswith((".parent", ".child"))} == {77}
    assert {request for _, name, request in rows if name.endswith(".main")} == {0}
    assert sum(name.endswith(".child") for _, name, _ in rows) == 4


def test_a_woken_task_is_a_step(watched: Watched) -> None:
    async def work() -> None:
        future = watched.loop.create_future()
        watched.loop.call_later(0, future.set_result, None)
        await future

    watched.run(work())
    rows = watched.rows()
    assert [kind for kind, name, _ in rows if name.endswith(".work")] == [Kind.STEP, Kind.STEP]
    assert (Kind.TIMER, "Future.set_result", 0) in rows


def test_names_of_all_sorts_of_callbacks(watched: Watched) -> None:
    class Thing:
        def method(self, *_: object) -> None: ...

        def __call__(self) -> None: ...

    def function() -> None: ...

    seen: list[int] = []
    loop = watched.loop
    for callback in (Thing().method, function, functools.partial(function), Thing(), lambda: None):
        loop.call_soon(callback)
    loop.call_soon(seen.append, 1)
    loop.call_soon(seen.extend, [2])
    loop.call_soon(loop.stop)
    loop.run_forever()
    prefix = "test_names_of_all_sorts_of_callbacks."
    assert [(kind, name.removeprefix(prefix)) for kind, name, _ in watched.rows()[1:]] == [
        (Kind.CALLBACK, "Thing.method"),
        (Kind.CALLBACK, "function"),
        (Kind.CALLBACK, "function"),
        (Kind.CALLBACK, "Thing"),
        (Kind.CALLBACK, "<lambda>"),
        (Kind.CALLBACK, "list.append"),
        (Kind.CALLBACK, "list.extend"),
        (Kind.CALLBACK, "BaseEventLoop.stop"),
    ]
    assert seen == [1, 2]


def test_io_is_told_from_the_rest(watched: Watched) -> None:
    async def echo() -> bytes:
        near, far = socket.socketpair()
        with near, far:
            reader, writer = await asyncio.open_connection(sock=near)
            far.send(b"x")
            data = await reader.read(1)
            writer.close()
            await writer.wait_closed()
            return data

    assert watched.run(echo()) == b"x"
    assert {kind for kind, name, _ in watched.rows() if "read_ready" in name} == {Kind.IO}


def test_a_function_given_to_add_reader_is_io(watched: Watched) -> None:
    near, far = socket.socketpair()

    def readable() -> None:
        near.recv(1)
        watched.loop.remove_reader(near)
        watched.loop.stop()

    with near, far:
        watched.loop.add_reader(near, readable)
        far.send(b"x")
        watched.loop.run_forever()
    assert [kind for kind, _, _ in watched.named("readable")] == [Kind.IO]


def test_handovers_from_threads(watched: Watched) -> None:
    async def work() -> None:
        await asyncio.to_thread(time.sleep, 0)

    watched.run(work())
    watched.run(watched.loop.shutdown_default_executor())
    rows = watched.rows()
    handed = [name for kind, name, _ in rows if kind == Kind.HANDOVER]
    assert len(handed) == 2, "the thread's result, and the end of the executor's last thread"
    woken = {kind for kind, name, _ in rows if name.endswith("_read_from_self")}
    assert woken == {Kind.IO}, "the wake-up is no hand-over of its own"


@pytest.mark.skipif(not hasattr(signal, "SIGUSR1"), reason="no such signals on this system")
def test_signals(watched: Watched) -> None:
    def seen() -> None:
        watched.loop.stop()

    watched.loop.add_signal_handler(signal.SIGUSR1, seen)
    watched.loop.call_soon(os.kill, os.getpid(), signal.SIGUSR1)
    watched.loop.run_forever()
    watched.loop.remove_signal_handler(signal.SIGUSR1)
    assert [kind for kind, _, _ in watched.named("seen")] == [Kind.SIGNAL]


def test_the_ready_wait_is_measured_from_call_soon(watched: Watched) -> None:
    def waits() -> None: ...

    loop = watched.loop
    loop.call_soon(time.sleep, 0.002)
    before = time.perf_counter_ns()
    loop.call_soon(waits)
    after = time.perf_counter_ns()
    loop.call_soon(loop.stop)
    loop.run_forever()
    slept, waited = watched.reader.poll()[1:3]
    begun = int(waited["start"])
    wait = int(waited["argument"] & schema.U32) * schema.TIME_UNIT_NS
    assert slept["start"] + slept["duration"] <= begun
    assert begun - after - schema.TIME_UNIT_NS <= wait <= begun - before + schema.TIME_UNIT_NS


def test_a_timer_knows_its_lateness(watched: Watched) -> None:
    loop = watched.loop
    due = loop.call_later(0.001, loop.stop).when()
    loop.call_soon(time.sleep, 0.002)
    loop.run_forever()
    (timer,) = [row for row in watched.reader.poll() if row["kind"] == Kind.TIMER]
    late = int(timer["argument"] & schema.U32) * schema.TIME_UNIT_NS
    assert late == pytest.approx(int(timer["start"]) - due * 1e9, abs=schema.TIME_UNIT_NS)


def test_cancelled_callbacks_do_not_run_and_are_not_recorded(watched: Watched) -> None:
    ran: list[str] = []
    loop = watched.loop
    loop.call_soon(ran.append, "no").cancel()
    loop.call_later(0, ran.append, "never").cancel()
    loop.call_soon(loop.stop)
    loop.run_forever()
    assert ran == []
    assert [kind for kind, _, _ in watched.rows()] == [Kind.SELECT, Kind.CALLBACK]
    assert watched.reader.read == watched.reader.written


def test_many_cancelled_timers_are_swept(watched: Watched) -> None:
    loop = watched.loop
    timers = [loop.call_later(1000, print) for _ in range(500)]
    for timer in timers[:400]:
        timer.cancel()
    loop.call_soon(loop.stop)
    loop.run_forever()
    assert len(loop._scheduled) == 100
    assert loop._timer_cancelled_count == 0


def test_timers_run_in_order(watched: Watched) -> None:
    ran: list[int] = []
    loop = watched.loop
    now = loop.time()
    for delay in (3, 1, 2):
        loop.call_at(now + delay / 1000, ran.append, delay)
    loop.call_at(now + 0.004, loop.stop)
    loop.run_forever()
    assert ran == [1, 2, 3]


def test_an_exception_goes_to_the_handler_and_the_loop_goes_on(watched: Watched) -> None:
    told: list[dict[str, Any]] = []

    def fails(number: int) -> None:
        raise ValueError(number)

    loop = watched.loop
    loop.set_exception_handler(lambda _, context: told.append(context))
    loop.call_soon(fails, 5)
    loop.call_soon(loop.stop)
    loop.run_forever()
    (context,) = told
    assert isinstance(context["exception"], ValueError)
    assert context["message"].startswith("Exception in callback")
    assert "fails(" in context["message"], "newer Pythons leave the arguments out"
    assert watched.reader.poll()["kind"].tolist() == [Kind.SELECT, Kind.CALLBACK, Kind.CALLBACK]


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
def test_what_ends_the_process_passes_and_the_books_balance(watched: Watched, kind: type[BaseException]) -> None:
    def ends() -> None:
        raise kind

    loop = watched.loop
    ran: list[int] = []
    loop.call_soon(ran.append, 1)
    loop.call_soon(ends)
    loop.call_soon(ran.append, 2)
    with pytest.raises(kind):
        loop.run_forever()
    loop.call_soon(loop.stop)
    loop.run_forever()
    assert ran == [1, 2]
    names = [name for _, name, _ in watched.rows() if name]
    assert [name.rsplit(".", 1)[-1] for name in names] == ["append", "ends", "append", "stop"]
    assert watched.reader.read == watched.reader.written


def test_more_callbacks_than_the_ring_holds() -> None:
    small = Watched(capacity=16)
    ran: list[int] = []
    for number in range(100):
        small.loop.call_soon(ran.append, number)
    small.loop.call_soon(small.loop.stop)
    small.loop.run_forever()
    assert ran == list(range(100))
    rows = small.reader.poll()
    assert small.reader.read + small.reader.lost == small.reader.written == 101
    assert len(rows) > 0
    small.close()


def test_a_reader_that_keeps_up_gets_everything_around_the_end() -> None:
    small = Watched(capacity=16)
    seen: list[str] = []
    for _ in range(20):
        for _ in range(5):
            small.loop.call_soon(seen.append, "x")
        small.loop.call_soon(small.loop.stop)
        small.loop.run_forever()
        assert [kind for kind, _, _ in small.rows()] == [Kind.SELECT] + [Kind.CALLBACK] * 6
    assert (small.reader.read, small.reader.lost) == (120, 0)
    small.close()


def test_a_blocking_callback_is_open_while_it_blocks(watched: Watched, wait_until: Any) -> None:
    going = threading.Event()

    async def blocks() -> None:
        going.wait(10)

    def run() -> None:
        async def main() -> None:
            watched.loop.starting = 5
            await watched.loop.create_task(blocks())

        watched.run(main())

    thread = threading.Thread(target=run)
    thread.start()
    try:
        wait_until(
            lambda: any(watched.recorder.names[slot.name].endswith(".blocks") for slot in watched.reader.open_spans())
        )
        (slot,) = watched.reader.open_spans()
        assert (slot.kind, slot.request, slot.depth) == (Kind.STEP, 5, 0)
        assert 0 < slot.start <= time.perf_counter_ns()
        assert not any(name.endswith(".blocks") for _, name, _ in watched.rows())
    finally:
        going.set()
        thread.join()
    assert any(name.endswith(".blocks") for _, name, _ in watched.rows())


def test_a_task_factory_of_ones_own_is_respected(watched: Watched) -> None:
    made: list[Any] = []

    def factory(loop: Any, coroutine: Any, **more: Any) -> Any:
        made.append(coroutine)
        return asyncio.Task(coroutine, loop=loop, **more)

    async def work() -> None:
        await asyncio.sleep(0)

    watched.loop.set_task_factory(factory)
    watched.run(work())
    assert made
    assert [kind for kind, _, _ in watched.named("work")] == [Kind.STEP, Kind.STEP]


@pytest.mark.expects_log("Executing <Handle")
def test_in_debug_mode_the_stdlibs_loop_runs_and_warns(watched: Watched) -> None:
    loop = watched.loop
    loop.set_debug(True)
    loop.slow_callback_duration = 0.001
    loop.call_soon(time.sleep, 0.01)
    loop.call_soon(loop.stop)
    loop.run_forever()
    loop.set_debug(False)
    loop.call_soon(loop.stop)
    loop.run_forever()
    assert [name for _, name, _ in watched.rows() if name] == ["BaseEventLoop.stop"]


def test_a_closed_loop_refuses_as_the_stdlibs_does() -> None:
    one = Watched()
    one.run(asyncio.sleep(0))
    one.close()
    assert one.recorder.detached
    with pytest.raises(RuntimeError, match="closed"):
        one.loop.call_soon(print)
    with pytest.raises(RuntimeError, match="closed"):
        one.loop.call_later(1, print)
    with pytest.raises(RuntimeError, match="closed"):
        one.loop.call_soon_threadsafe(print)


def test_runs_of_a_loop_go_on_in_one_ring(watched: Watched) -> None:
    for _ in range(3):
        watched.run(asyncio.sleep(0))
    rows = watched.reader.poll()
    ends = rows["start"] + rows["duration"]
    assert (rows["start"][1:] >= ends[:-1]).all()
    assert watched.reader.read == watched.reader.written
