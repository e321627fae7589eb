"""Loops of which only the steps of tasks are seen; the stdlib's own stands in for Windows'."""

import asyncio
import sys
from typing import Any

import pytest

from explorer.probe.step_loop import StepLoop
from explorer.probe.tracer import Tracer
from explorer.records.states import Flag, Kind
from tests.observed import Observed

uvloop = pytest.importorskip("uvloop") if sys.platform != "win32" else None


class SteppedSelector(StepLoop, asyncio.SelectorEventLoop):
    """As `explorer.probe.proactor` makes it of Windows' loop."""


LOOPS: list[type[StepLoop]] = [SteppedSelector]
if uvloop is not None:
    from explorer.probe.uvloop_steps import TracedUvloop

    LOOPS.append(TracedUvloop)
    uvloop.new_event_loop().close()  # the first of a process opens a pipe that libuv keeps


@pytest.fixture(params=LOOPS)
def loop(request: pytest.FixtureRequest, tracer: Tracer) -> StepLoop:
    made: StepLoop = request.param(tracer)
    return made


async def work() -> None:
    await asyncio.sleep(0)


def test_steps_carry_the_name_and_the_request(loop: StepLoop, observed: Observed) -> None:
    async def main() -> None:
        loop.starting = 7
        await asyncio.create_task(work())

    loop.run_until_complete(main())
    loop.close()
    steps = [(row.name.rpartition(".")[2], row.request, row.track) for row in observed.of(Kind.STEP)]
    assert steps == [
        ("main", 0, "loop event loop"),
        *[("work", 7, "loop event loop")] * 2,
        ("main", 0, "loop event loop"),
    ]


def test_a_closed_loops_thread_gives_its_ring_back(loop: StepLoop, observed: Observed) -> None:
    loop.run_until_complete(work())
    assert observed.of(Kind.THREAD, Flag.END) == []
    loop.close()
    assert [row.track for row in observed.of(Kind.THREAD, Flag.END)] == ["loop event loop"]


def test_what_a_later_python_passes_to_tasks_goes_to_the_loop_itself(tracer: Tracer) -> None:
    passed: list[object] = []

    class Later(asyncio.SelectorEventLoop):
        def create_task(self, coro: Any, **more: Any) -> Any:
            passed.append(more.pop("eager_start"))
            return super().create_task(coro, **more)

    class Stepped(StepLoop, Later):
        pass

    loop = Stepped(tracer)

    async def main() -> None:
        await loop.create_task(work(), eager_start=True)

    loop.run_until_complete(main())
    loop.close()
    assert passed == [True]
