"""Which loop a server gets, and the garbage collector's runs on it."""

import asyncio
import gc
import time
from typing import Any

import pytest

from explorer.probe import loop as loops
from explorer.probe.gc_runs import CollectorWatch
from explorer.probe.traced_loop import TracedLoop
from explorer.probe.tracer import Tracer
from explorer.records.states import Kind, State
from explorer.ring import mapped
from explorer.ring.mapped import RingError
from tests.observed import Observed


def test_a_loop_writes_to_its_own_track(tracer: Tracer, observed: Observed) -> None:
    async def work() -> None:
        await asyncio.sleep(0)

    with asyncio.Runner(loop_factory=loops.traced_loop_factory(tracer)) as runner:
        assert isinstance(runner.get_loop(), TracedLoop)
        runner.run(work())
    steps = [row for row in observed.of(Kind.STEP) if row.name.endswith("work")]
    assert [row.track for row in steps] == ["loop event loop"] * 2
    assert observed.exact()


def test_a_second_loop_uses_the_drained_ring_again(tracer: Tracer, observed: Observed) -> None:
    factory = loops.traced_loop_factory(tracer)
    for _ in range(2):
        with asyncio.Runner(loop_factory=factory) as runner:
            runner.run(asyncio.sleep(0))
        observed.poll()
    rings = list(observed.readers.values())
    assert len(rings) == 2, "one in columns, one of records"
    assert observed.exact()


@pytest.mark.expects_log("The event loop is not observed, because this Python's differs from the known ones: no luck")
def test_an_unknown_python_gets_the_plain_loop(tracer: Tracer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loops, "loop_problem", lambda: "no luck")
    loop = loops.traced_loop_factory(tracer)()
    assert not isinstance(loop, TracedLoop)
    assert loop.run_until_complete(asyncio.sleep(0, "fine")) == "fine"
    loop.close()


@pytest.mark.expects_log("The event loop is not observed. full")
@pytest.mark.expects_log("Part of this process is not observed. full")
def test_without_space_the_loop_runs_untraced(
    tracer: Tracer, observed: Observed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> Any:
        raise RingError("full")

    monkeypatch.setattr(mapped, "create", full)
    with asyncio.Runner(loop_factory=loops.traced_loop_factory(tracer)) as runner:
        assert runner.run(asyncio.sleep(0, "fine")) == "fine"
    assert observed.poll() == []


def test_long_collections_are_spans_on_their_thread(tracer: Tracer, observed: Observed) -> None:
    async def work() -> None:
        rubbish: list[Any] = []
        rubbish.append(rubbish)
        gc.collect()
        await asyncio.sleep(0)

    before = time.perf_counter_ns()
    with asyncio.Runner(loop_factory=loops.traced_loop_factory(tracer)) as runner:
        runner.run(work())
    spans = [row for row in observed.of(Kind.GC) if row.value == 2]
    assert spans
    assert {(row.track, row.depth, row.state) for row in spans} == {("loop event loop", 2, State.RUNNING)}
    assert all(before <= row.start <= row.end <= time.perf_counter_ns() for row in spans)


def test_watching_the_collector_ends_with_the_tracer(tracer: Tracer) -> None:
    before = len(gc.callbacks)
    watch = CollectorWatch(tracer)
    tracer.at_close(watch.stop)
    assert len(gc.callbacks) == before + 1
    tracer.close()
    assert len(gc.callbacks) == before
