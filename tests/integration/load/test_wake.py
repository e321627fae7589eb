"""Being woken on time, by each of the ways, on each of the event loops."""

import asyncio
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from explorer.load.event_loop import new_loop
from explorer.load.wake.turns import Turns
from explorer.load.wake.waker import Waker, waker


@pytest.fixture(scope="module", autouse=True)
def first_loop() -> None:
    """libuv opens a pipe for signals with the first loop of a process and keeps it for good."""
    new_loop().close()


@pytest.fixture(params=[asyncio.new_event_loop, new_loop], ids=["asyncio", "fastest"])
def loop(request: pytest.FixtureRequest) -> Iterator[asyncio.AbstractEventLoop]:
    made = request.param()
    yield made
    made.close()


@pytest.fixture(params=["best", "turns"])
def woken(request: pytest.FixtureRequest, loop: asyncio.AbstractEventLoop) -> Iterator[Waker]:
    made = waker(loop, time.perf_counter_ns) if request.param == "best" else Turns(loop, time.perf_counter_ns)
    if request.param == "best" and sys.platform == "linux":
        assert not isinstance(made, Turns)
    yield made
    made.close()


def run_for(loop: asyncio.AbstractEventLoop, condition: Callable[[], object]) -> None:
    async def wait() -> None:
        deadline = time.monotonic() + 10
        while not condition():
            assert time.monotonic() < deadline
            await asyncio.sleep(0.005)

    loop.run_until_complete(wait())


def test_never_before_the_moment_and_once(loop: asyncio.AbstractEventLoop, woken: Waker) -> None:
    seen: list[int] = []
    moment = time.perf_counter_ns() + 20_000_000
    woken.at(moment, lambda: seen.append(time.perf_counter_ns()))
    run_for(loop, lambda: seen and time.perf_counter_ns() > moment + 30_000_000)
    assert len(seen) == 1
    assert seen[0] >= moment


def test_a_callback_sets_the_next_moment(loop: asyncio.AbstractEventLoop, woken: Waker) -> None:
    seen: list[int] = []
    begin = time.perf_counter_ns()

    def again() -> None:
        seen.append(time.perf_counter_ns())
        if len(seen) < 20:
            woken.at(begin + len(seen) * 1_500_000, again)

    woken.at(begin, again)
    run_for(loop, lambda: len(seen) == 20)
    assert all(at >= begin + n * 1_500_000 for n, at in enumerate(seen))


def test_a_new_moment_replaces_the_old_and_a_cancelled_one_never_comes(
    loop: asyncio.AbstractEventLoop, woken: Waker
) -> None:
    seen: list[str] = []
    now = time.perf_counter_ns()
    woken.at(now + 5_000_000, lambda: seen.append("replaced"))
    woken.at(now + 10_000_000, lambda: seen.append("second"))
    run_for(loop, lambda: seen)
    woken.at(time.perf_counter_ns() + 5_000_000, lambda: seen.append("cancelled"))
    woken.cancel()
    late = time.perf_counter_ns() + 30_000_000
    run_for(loop, lambda: time.perf_counter_ns() > late)
    assert seen == ["second"]
