"""Locks that several processes share: one lock, whoever holds it or waits for it."""

import multiprocessing
import pickle
import queue
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing import resource_tracker
from pathlib import Path
from typing import Any

import pytest

from explorer.analysis.locks.trace import LockTrace
from explorer.collect.ring_source import RunSource
from explorer.probe.locks import thread_locks
from explorer.probe.locks.install import LockTracing
from explorer.probe.locks.process_locks import TRACED
from explorer.records.clock import now_ns
from explorer.records.states import Flag, Kind, State
from tests.observed import Observed
from tests.waiting import wait_until

# It would be started by the first test that spawns a process, and stay: not a leak.
resource_tracker.ensure_running()
pytestmark = pytest.mark.usefixtures("tracing")


def use(till: Any, tokens: Any, ready: Any, orders: Any) -> None:
    """What the other process does with what it gets."""
    with till, tokens:
        orders.put(1)
        orders.put(2)  # waits for room: a queue is told of when somebody waits at it
    with ready:
        ready.notify()


def take_and_give(tokens: Any) -> None:
    with tokens:
        pass


@contextmanager
def another_thread_has(*locks: Any) -> Iterator[None]:
    """As it may be at any moment, when a process is forked."""
    has, go = thread_locks.new_lock(), thread_locks.new_lock()
    has.acquire()
    go.acquire()

    def hold() -> None:
        with ExitStack() as stack:
            for lock in locks:
                stack.enter_context(lock)
            has.release()
            go.acquire()

    thread = threading.Thread(target=hold)
    thread.start()
    has.acquire()
    try:
        yield
    finally:
        go.release()
        thread.join()


@pytest.mark.parametrize("method", ["spawn", "fork"])
def test_what_another_process_does_with_it_is_told_of_the_same_lock(
    run: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    monkeypatch.setenv("EXPLORER_RUN", str(run))
    context: Any = multiprocessing.get_context(method)
    till, tokens, ready, orders = context.Lock(), context.Semaphore(2), context.Condition(), context.Queue(1)
    source, trace = RunSource(run, clock=lambda: now_ns() + 10_000_000), LockTrace()

    def look() -> LockTrace:
        trace.feed(source.poll())
        return trace

    try:
        with ready:
            with till:
                process = context.Process(target=use, args=(till, tokens, ready, orders))
                process.start()
                wait_until(lambda: [wait.owner.pid for wait in look().waiting] == [process.pid], timeout=60)
                (wait,) = trace.waiting
                assert trace.locks[wait.lock].name == "till"
                assert [hold.owner.name for hold in trace.named("till").holders] == ["MainThread"]
            wait_until(lambda: [trace.locks[wait.lock].name for wait in look().waiting] == ["orders"], timeout=60)
            assert [orders.get(timeout=60), orders.get(timeout=60)] == [1, 2]
            assert ready.wait(60)
        process.join(60)
        assert process.exitcode == 0
        pid = process.pid
        process.close()
        wait_until(lambda: not look().waiting and len(trace.holds(trace.named("tokens").number)) == 1, timeout=60)
        for name, what in (("till", "Lock"), ("tokens", "Semaphore(2)"), ("ready", "Condition"), ("orders", "Queue")):
            assert trace.named(name).what == f"multiprocessing.{what}"
        assert [lock.name for lock in trace.locks.values()].count("till") == 1
        first, second = trace.holds(trace.named("till").number)
        assert first.owner.process != second.owner.process
        assert first.end is not None
        assert first.end <= second.start
        assert second.owner.pid == pid
        woken = trace.signals(trace.named("ready").number)
        assert [signal.owner.pid for signal in woken] == [pid]
    finally:
        source.close()
        orders.close()
        orders.join_thread()


def test_in_one_process_it_is_what_it_was(observed: Observed, tracing: LockTracing) -> None:
    for plain, traced, primitive in TRACED:
        made = getattr(multiprocessing, primitive.partition(".")[2])()
        assert type(made) is traced
        assert isinstance(made, plain)
        if hasattr(made, "join_thread"):
            made.close()
            made.join_thread()
    lock, again, tokens = multiprocessing.Lock(), multiprocessing.RLock(), multiprocessing.BoundedSemaphore(1)
    go = multiprocessing.Event()
    with lock, again, again, tokens:
        assert not lock.acquire(block=False)
        assert not lock.acquire(timeout=0.001)
        assert not tokens.acquire(timeout=0.001)
    with pytest.raises(ValueError, match="too many times"):
        lock.release()
    with pytest.raises(RuntimeError, match="inheritance"):
        pickle.dumps(lock)
    assert not go.wait(0.001)
    go.set()
    assert go.wait(0.001)
    assert [row.track for row in observed.of(Kind.LOCK_HELD)] == ["lock lock", "lock again", "lock tokens"]
    assert len(observed.of(Kind.LOCK_WAIT)) == len(observed.of(Kind.LOCK_WAIT, Flag.BEGIN)) == 3


def test_a_full_queue_keeps_who_puts(observed: Observed) -> None:
    orders: Any = multiprocessing.Queue(1)
    try:
        orders.put(1)
        with pytest.raises(queue.Full):
            orders.put(2, timeout=0.001)
        assert orders.get(timeout=60) == 1
        with pytest.raises(queue.Empty):
            orders.get(timeout=0.001)
    finally:
        orders.close()
        orders.join_thread()
    assert {row.state for row in observed.of(Kind.LOCK_WAIT)} == {State.QUEUED, State.IDLE}


def take_one() -> None:
    """Make a lock and take it."""
    with threading.Lock():
        pass


def test_a_forked_child_waits_for_nobody_who_is_not_there(
    run: Path, monkeypatch: pytest.MonkeyPatch, tracing: LockTracing
) -> None:
    monkeypatch.setenv("EXPLORER_RUN", str(run))
    take_one()
    with another_thread_has(tracing.probe.guard, tracing.probe._lock, tracing.probe.places._lock):
        process: Any = multiprocessing.get_context("fork").Process(target=take_one)
        process.start()
        process.join(60)
    assert process.exitcode == 0
    process.close()


def test_a_forked_child_finds_a_semaphore_s_tokens_open(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPLORER_RUN", str(run))
    context: Any = multiprocessing.get_context("fork")
    tokens = context.Semaphore(1)
    with another_thread_has(tokens._tokens._lock):
        process = context.Process(target=take_and_give, args=(tokens,))
        process.start()
        process.join(60)
    assert process.exitcode == 0
    process.close()
