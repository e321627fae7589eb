"""Callbacks that time themselves, on a loop whose queue is out of reach; the stdlib's own stands in for Qt's."""

import asyncio
import heapq
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from explorer.probe.tracer import Tracer
from explorer.probe.turns import Turn, TurnLoop, Turns
from explorer.records.states import Flag, Kind, State
from tests.observed import Observed, Row


class TurningSelector(TurnLoop, asyncio.SelectorEventLoop):  # type: ignore[misc]  # see TurnLoop's own exceptions
    """Keeps turns in the stdlib's queue and heap."""

    _ready: Any
    _scheduled: Any
    _write_to_self: Callable[[], None]

    def __init__(self, tracer: Tracer | None) -> None:
        self.turns = Turns(tracer, lambda: 3)
        super().__init__()

    def _put(self, turn: Turn, delay: float) -> None:
        if delay:
            timer: Any = asyncio.TimerHandle(self.time() + delay, turn._run, (), self)
            heapq.heappush(self._scheduled, timer)
            timer._scheduled = True
        else:
            self._ready.append(turn)

    def _hand_over(self, turn: Turn) -> None:
        self._ready.append(turn)
        self._write_to_self()


@pytest.fixture
def loop(tracer: Tracer) -> Iterator[TurningSelector]:
    made = TurningSelector(tracer)
    yield made
    made.close()


async def work() -> None:
    await asyncio.sleep(0)


def short(row: Row) -> str:
    return row.name.rpartition(".")[2]


def test_steps_carry_the_name_and_the_request(loop: TurningSelector, observed: Observed) -> None:
    async def main() -> None:
        loop.starting = 7
        await asyncio.create_task(work())

    loop.run_until_complete(main())

    steps = [(short(row), row.request, row.track) for row in observed.of(Kind.STEP)]
    assert steps == [
        ("main", 0, "loop event loop"),
        *[("work", 7, "loop event loop")] * 2,
        ("main", 0, "loop event loop"),
    ]


def test_children_of_gather_work_for_their_creators_request(loop: TurningSelector, observed: Observed) -> None:
    async def parent() -> None:
        await asyncio.gather(work(), work())

    async def main() -> None:
        loop.starting = 7
        await asyncio.create_task(parent())

    loop.run_until_complete(main())

    assert {row.request for row in observed.of(Kind.STEP) if short(row) == "work"} == {7}


def test_timers_tell_how_late_they_are(loop: TurningSelector, observed: Observed) -> None:
    async def main() -> None:
        await asyncio.sleep(0.001)

    loop.run_until_complete(main())

    (timer,) = observed.of(Kind.TIMER)
    (first, second) = observed.of(Kind.STEP)
    deadline = timer.start - timer.value * 256
    assert first.start + 1_000_000 <= deadline < timer.start <= second.start


def test_a_callback_tells_how_long_it_was_ready(loop: TurningSelector, observed: Observed) -> None:
    def first() -> None:
        loop.call_soon(loop.stop)

    def second() -> None: ...

    loop.call_soon(first)
    loop.call_soon(second)
    loop.run_forever()

    rows = {short(row): row for row in observed.of(Kind.CALLBACK)}
    assert rows["second"].start - rows["second"].value * 256 <= rows["first"].start <= rows["second"].start


def test_calls_from_other_threads_are_hand_overs_in_their_context(loop: TurningSelector, observed: Observed) -> None:
    async def main() -> None:
        done = loop.create_future()
        thread = threading.Thread(target=lambda: loop.call_soon_threadsafe(done.set_result, None))
        thread.start()
        await done
        thread.join()

    loop.run_until_complete(main())

    assert [row.name for row in observed.of(Kind.HANDOVER)] == ["Future.set_result"]


def test_a_closed_loop_takes_no_calls_from_other_threads(tracer: Tracer) -> None:
    loop = TurningSelector(tracer)
    loop.close()

    with pytest.raises(RuntimeError, match="Event loop is closed"):
        loop.call_soon_threadsafe(print)


def test_what_runs_is_open_while_it_runs(loop: TurningSelector, observed: Observed) -> None:
    seen: list[tuple[str, int, State]] = []

    def look() -> None:
        seen.extend((name, slot.request, slot.state) for name, slot in observed.open_spans())
        loop.stop()

    loop.call_soon(look)
    loop.run_forever()

    assert [(name.rpartition(".")[2], request, state) for name, request, state in seen] == [("look", 0, State.RUNNING)]
    assert observed.open_spans() == []


def test_a_rest_ends_with_the_first_that_notices(loop: TurningSelector, observed: Observed) -> None:
    turns = loop.turns
    turns.attach()
    turns.rest()
    turns.rest()  # the loop came round without anything that is seen
    name = turns.name("paints")

    assert turns.run(Kind.CALLBACK, name, 0, 0, lambda: "done") == "done"
    turns.wake()

    (rest,) = observed.of(Kind.SELECT)
    (ran,) = observed.of(Kind.CALLBACK)
    assert (rest.state, rest.value, rest.end, rest.track) == (State.IDLE, 3, ran.start, "loop event loop")
    assert ran.name == "paints"


def test_a_failing_callback_is_recorded_and_reported(loop: TurningSelector, observed: Observed) -> None:
    reports: list[str] = []
    loop.set_exception_handler(lambda _, report: reports.append(str(report["exception"])))

    def fails() -> None:
        loop.stop()
        raise ValueError("this one")

    loop.call_soon(fails)
    loop.run_forever()

    assert reports == ["this one"]
    assert [short(row) for row in observed.of(Kind.CALLBACK)] == ["fails"]


def test_a_closed_loops_thread_gives_its_ring_back(tracer: Tracer, observed: Observed) -> None:
    loop = TurningSelector(tracer)
    loop.run_until_complete(work())
    assert observed.of(Kind.THREAD, Flag.END) == []

    loop.close()

    assert [row.track for row in observed.of(Kind.THREAD, Flag.END)] == ["loop event loop"]


def test_without_a_tracer_the_loop_runs_all_the_same() -> None:
    loop = TurningSelector(None)
    loop.run_until_complete(work())
    loop.close()
