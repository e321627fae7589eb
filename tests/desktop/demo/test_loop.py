"""The loop of the demonstration window: Qt's, with asyncio's promises kept and every callback seen."""

import asyncio
import sys
import threading
from collections.abc import Coroutine, Iterator
from time import perf_counter
from typing import Any, Protocol

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from explorer.desktop.demo.loop import WindowLoop
from explorer.probe.tracer import Tracer
from explorer.records.states import Kind, State
from tests.observed import Observed


class Run(Protocol):
    """Runs a coroutine on a window's loop."""

    def __call__(self, scene: Coroutine[Any, Any, Any]) -> Any:
        """Run `scene`."""
        ...


@pytest.fixture
def run(qapp: QApplication, tracer: Tracer) -> Iterator[Run]:
    def go(scene: Coroutine[Any, Any, Any]) -> Any:
        with asyncio.Runner(loop_factory=lambda: WindowLoop(qapp, tracer)) as runner:
            return runner.run(scene)

    yield go
    asyncio.set_event_loop(None)


def test_callbacks_keep_their_order_and_a_cancelled_one_does_not_run(run: Run) -> None:
    seen: list[int] = []

    async def scene() -> None:
        loop = asyncio.get_running_loop()
        handles = [loop.call_soon(seen.append, number) for number in range(20)]
        handles[7].cancel()
        late = loop.call_later(0.001, seen.append, 99)
        late.cancel()
        await asyncio.sleep(0.005)

    run(scene())
    assert seen == [*range(7), *range(8, 20)]


@pytest.mark.parametrize("seconds", [0.0004, 0.0031, 0.2])
def test_a_sleep_never_ends_too_early(run: Run, seconds: float) -> None:
    """Qt's coarse timers may fire 5 % before their time."""

    async def scene() -> float:
        began = perf_counter()
        await asyncio.sleep(seconds)
        return perf_counter() - began

    assert run(scene()) >= seconds


def test_sockets_threads_and_task_groups_work_and_are_seen_as_what_they_are(run: Run, observed: Observed) -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        writer.close()
        await writer.wait_closed()

    async def scene() -> tuple[bytes, str]:
        async with await asyncio.start_server(greet, "127.0.0.1", 0) as server, asyncio.TaskGroup() as group:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            name = group.create_task(asyncio.to_thread(lambda: threading.current_thread().name))
            said = await reader.read()
            writer.close()
            await writer.wait_closed()
        return said, name.result()

    said, name = run(scene())
    assert said == b"hello"
    assert name.startswith("asyncio_")
    assert "_SelectorSocketTransport._read_ready" in {row.name for row in observed.of(Kind.IO)}
    assert any(row.name.endswith("_set_state") for row in observed.of(Kind.HANDOVER))
    rests = observed.of(Kind.SELECT)
    assert rests
    assert {row.state for row in rests} == {State.IDLE}
    assert observed.exact()


def test_work_of_a_blocked_loop_is_open_on_its_lane(run: Run, observed: Observed) -> None:
    async def blocks() -> list[str]:
        return [name.rpartition(".")[2] for name, slot in observed.open_spans() if slot.kind is Kind.STEP]

    assert run(blocks()) == ["blocks"]


def test_qt_goes_on_in_between(run: Run) -> None:
    ticks: list[float] = []

    async def scene() -> None:
        timer = QTimer()
        timer.timeout.connect(lambda: ticks.append(perf_counter()))
        timer.start(1)
        while len(ticks) < 3:
            await asyncio.sleep(0)
        timer.stop()

    run(scene())
    assert len(ticks) >= 3


def test_a_callback_that_ends_the_program_ends_the_loop_and_not_the_process(run: Run) -> None:
    async def scene() -> None:
        sys.exit(3)

    with pytest.raises(SystemExit) as ended:
        run(scene())
    assert ended.value.code == 3
