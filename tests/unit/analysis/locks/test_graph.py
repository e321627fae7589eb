"""The wait-for graph: equal to a model's at every step of random programs, and its circle in words."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from explorer.analysis.locks.graph import WaitForGraph
from explorer.analysis.locks.trace import LockTrace
from explorer.analysis.locks.watch import LockWatch
from explorer.collect.ring_source import RunSource
from explorer.probe.locks import thread_locks
from explorer.probe.locks.install import LockTracing
from explorer.probe.tracer import Tracer
from explorer.records.clock import now_ns
from explorer.records.states import Role
from explorer.ring.pool import SizeClass
from tests.unit.labs.locks.programs import Model, Program
from tests.waiting import wait_until

LOOK_AHEAD_NS = 10_000_000
"""The source holds back what is younger than a millisecond; here nothing is under way when it looks."""


class Reader:
    """Everything that was written so far, as a live run's consumers see it."""

    def __init__(self, run: Path) -> None:
        self.source = RunSource(run, clock=lambda: now_ns() + LOOK_AHEAD_NS)
        self.watch = LockWatch()
        self.trace = self.watch.trace

    def graph(self) -> WaitForGraph:
        self.watch(self.source.poll())
        return WaitForGraph.now(self.trace)


def arrows(graph: WaitForGraph, trace: LockTrace) -> set[tuple[str, str, bool]]:
    """By names of threads and locks."""
    return {(arrow.owner.name, trace.locks[arrow.lock].name, arrow.held) for arrow in graph.arrows}


def expected(model: Model, program: Program) -> set[tuple[str, str, bool]]:
    names = [lock.book.name for lock in program.locks]
    held = {(f"worker {thread}", names[lock], True) for lock, thread in model.holder.items()}
    return held | {(f"worker {thread}", names[lock], False) for thread, lock in model.waits.items()}


def circle(graph: WaitForGraph) -> set[int]:
    cycle = graph.cycle()
    return {int(owner.name.split()[1]) for owner in cycle.owners} if cycle is not None else set()


def follow(joined: tuple[Tracer, LockTracing, Reader], data: st.DataObject, *, all_told: bool) -> None:
    """Run a random program and compare, step by step. If not `all_told`, holds that nobody asks for are left out."""
    _, tracing, reader = joined
    threads, locks = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 3))
    model, program = Model(threads, locks), Program(threads, locks)
    try:
        for _ in range(data.draw(st.integers(1, 12))):
            possible = model.possible()
            if not possible:
                break
            step = data.draw(st.sampled_from(possible))
            before = dict(model.waits)
            model.do(step)
            program.do(step)
            if step[0] not in model.waits:
                program.wait(step[0])
            for woken in before.keys() - model.waits.keys():
                program.wait(woken)
            wait_until(lambda: agree(reader, model, program, all_told), what="the model's graph")
            found = circle(reader.graph())
            assert found <= model.circle(), "no false deadlock"
            assert bool(found) == bool(model.circle()), "none missed"
            assert (reader.watch.deadlock is not None) == bool(found)
    finally:
        for thread in model.waits:
            wait_until(
                lambda thread=thread: tracing.owners.release(program.threads[thread].native_id or 0, 0, "end"),  # type: ignore[misc]
                what="one to release",
            )
            program.wait(thread)
        for lock in program.locks:
            if lock.locked():
                lock.release()
        program.end()
    wait_until(lambda: not reader.graph().arrows, what="an empty graph")


def agree(reader: Reader, model: Model, program: Program, all_told: bool) -> bool:
    """Whether the graph is the model's; of holds only those count, if not all are told, whose owners wait."""
    seen, due = arrows(reader.graph(), reader.trace), expected(model, program)
    if all_told:
        return seen == due
    waiting = {owner for owner, _, held in due if not held}
    needed = {arrow for arrow in due if arrow[0] in waiting}
    return needed <= seen <= due


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_of_random_programs_the_graph_is_the_model_s_at_every_step(
    joined: tuple[Tracer, LockTracing, Reader], data: st.DataObject
) -> None:
    follow(joined, data, all_told=True)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_circle_is_missed_of_locks_that_are_taken_too_often_to_tell_of_each_hold(
    few: tuple[Tracer, LockTracing, Reader], data: st.DataObject
) -> None:
    follow(few, data, all_told=False)


@pytest.fixture
def joined(run_folder: Path) -> Iterator[tuple[Tracer, LockTracing, Reader]]:
    """A run that this process takes part in, and who reads it."""
    for folder in ("numbers", "rings"):
        (run_folder / folder).mkdir()
    (run_folder / "run.json").write_text(json.dumps({"schema": 1, "token": "abcd"}))
    tracer = Tracer.join(Role.SERVER, environ={"EXPLORER_RUN": str(run_folder)})
    assert tracer is not None
    tracer.thread_size = SizeClass.CONNECTION
    tracing = LockTracing(tracer)
    reader = Reader(run_folder)
    yield tracer, tracing, reader
    tracing.undo()
    reader.source.close()
    tracer.close()


@pytest.fixture
def few(
    joined: tuple[Tracer, LockTracing, Reader], monkeypatch: pytest.MonkeyPatch
) -> tuple[Tracer, LockTracing, Reader]:
    """The same, where each hold is one too many."""
    monkeypatch.setattr(thread_locks, "MOST_HOLDS", 0)
    return joined
