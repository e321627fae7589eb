"""Conditions, semaphores, events, barriers and queues of threads: as the standard library's, and seen."""

import queue
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from explorer.probe.locks.install import TRACED, LockTracing
from explorer.probe.locks.owners import Released
from explorer.records.states import Flag, Kind, State
from tests.observed import Observed
from tests.waiting import wait_until

pytestmark = pytest.mark.usefixtures("tracing")


def waiting(observed: Observed) -> int:
    """How many have begun to wait and not ended."""
    return len(observed.of(Kind.LOCK_WAIT, Flag.BEGIN)) - len(observed.of(Kind.LOCK_WAIT))


def started(function: Callable[[], object], name: str = "other") -> threading.Thread:
    thread = threading.Thread(target=function, name=name)
    thread.start()
    return thread


@pytest.mark.parametrize(("plain", "traced"), [(plain, traced) for plain, traced, _ in TRACED])
def test_every_primitive_is_what_it_was(plain: type, traced: type) -> None:
    made = plain(2) if "Barrier" in plain.__name__ else plain()
    assert type(made) is traced
    assert isinstance(made, plain)
    assert (
        repr(made).startswith(f"<{plain.__module__}.{plain.__name__} ")
        or "Condition" in repr(made)
        or "Queue" in repr(made)
    )

    class Own(plain):  # type: ignore[misc]
        """One that the app has made of it."""

    assert type(Own(2) if "Barrier" in plain.__name__ else Own()) is Own


def test_a_condition_has_a_lock_of_its_own_and_says_who_woke_whom(observed: Observed) -> None:
    ready = threading.Condition()
    things: list[int] = []

    def take() -> None:
        with ready:
            assert ready.wait_for(lambda: bool(things), timeout=60)

    thread = started(take)
    wait_until(lambda: waiting(observed) == 1, what="the wait")
    with ready:
        things.append(1)
        ready.notify_all()
    thread.join()
    (signal,) = observed.of(Kind.LOCK_SIGNAL, Flag.INSTANT)
    waits = observed.of(Kind.LOCK_WAIT)
    assert (signal.track, signal.name, waits[0].name.partition(" · ")[0]) == ("lock ready", "MainThread", "ready")
    holds = observed.of(Kind.LOCK_HELD)
    assert {hold.track for hold in holds} == {"lock ready lock"}
    assert [hold.name for hold in holds] == ["other", "MainThread", "other"], "who waits has given the lock back"
    assert waits[0].start < signal.start < waits[0].end <= holds[-1].start


def test_the_tokens_of_a_semaphore_are_held_side_by_side(observed: Observed) -> None:
    tokens = threading.BoundedSemaphore(2)
    with tokens:
        tokens.acquire()
        assert not tokens.acquire(blocking=False)
        assert not tokens.acquire(timeout=0.001)

        def third() -> None:
            with tokens:
                pass

        thread = started(third)
        wait_until(lambda: waiting(observed) == 1, what="the wait")
        tokens.release()
        thread.join()
    with pytest.raises(ValueError, match="too many times"):
        tokens.release()
    with pytest.raises(ValueError, match="timeout"):
        tokens.acquire(blocking=False, timeout=1)
    holds = observed.of(Kind.LOCK_HELD)
    assert [(hold.name, hold.depth) for hold in holds] == [("MainThread", 0), ("MainThread", 1), ("other", 1)]
    unbound = [hold.cpu is None for hold in holds]  # the high half of the argument is all ones
    assert unbound == [False, True, False], "who takes one without `with` may leave it to others to give it back"
    assert [wait.track for wait in observed.of(Kind.LOCK_WAIT)] == ["thread MainThread", "thread other"]


def test_whose_tokens_others_give_back_is_not_lost(observed: Observed) -> None:
    signal = threading.Semaphore(0)
    signal.release()
    signal.acquire()
    started(signal.release).join()
    assert signal.acquire(blocking=False)
    assert len(observed.of(Kind.LOCK_HELD, Flag.BEGIN)) == 2
    assert len(observed.of(Kind.LOCK_HELD)) == 1


def test_who_waits_at_an_event_is_woken_by_who_sets_it(observed: Observed) -> None:
    go = threading.Event()
    assert not go.wait(0.001)
    thread = started(go.wait)
    wait_until(lambda: waiting(observed) == 1, what="the wait")
    go.set()
    thread.join()
    assert go.wait(60)
    assert len(observed.of(Kind.LOCK_WAIT)) == 2
    (signal,) = observed.of(Kind.LOCK_SIGNAL, Flag.INSTANT)
    assert (signal.track, signal.name) == ("lock go", "MainThread")


def test_the_last_at_a_barrier_does_not_wait(observed: Observed) -> None:
    meeting = threading.Barrier(2)
    thread = started(meeting.wait)
    wait_until(lambda: waiting(observed) == 1, what="the first")
    assert meeting.wait(60) == 1
    thread.join()
    assert [wait.track for wait in observed.of(Kind.LOCK_WAIT)] == ["thread other"]


def test_a_full_queue_keeps_who_puts_and_an_empty_one_who_takes(observed: Observed) -> None:
    orders: queue.Queue[int] = queue.Queue(1)
    with pytest.raises(queue.Empty):
        orders.get(block=False)
    orders.put(1)
    with pytest.raises(queue.Full):
        orders.put(2, block=False)
    with pytest.raises(queue.Full):
        orders.put(2, timeout=0.001)
    producer = started(lambda: orders.put(2), "producer")
    wait_until(lambda: waiting(observed) == 1, what="the wait for room")
    assert orders.get() == 1
    producer.join()
    assert orders.get() == 2
    consumer = started(orders.get, "consumer")
    wait_until(lambda: waiting(observed) == 1, what="the wait for an item")
    orders.put(3)
    consumer.join()
    waits = [(wait.track, wait.state) for wait in observed.of(Kind.LOCK_WAIT)]
    assert waits == [
        ("thread MainThread", State.QUEUED), ("thread producer", State.QUEUED), ("thread consumer", State.IDLE),
    ]  # fmt: skip
    assert [row.name for row in observed.of(Kind.LOCK_SIGNAL, Flag.INSTANT)] == ["MainThread", "MainThread"]
    assert {row.track for row in observed.of(Kind.COUNTER, Flag.INSTANT)} == {"counter orders length"}
    assert threading.Lock is not type(orders.mutex)


THINGS: dict[str, Callable[[], object]] = {
    "Semaphore": lambda: threading.Semaphore(0),
    "Event": lambda: threading.Event(),
    "Barrier": lambda: threading.Barrier(2),
    "Queue": lambda: queue.Queue(),
    "Condition": lambda: threading.Condition(),
}


@pytest.mark.parametrize("kind", THINGS)
def test_whoever_waits_can_be_released(tracing: LockTracing, observed: Observed, kind: str) -> None:
    thing = THINGS[kind]()
    heard: list[str] = []

    def wait() -> None:
        try:
            match thing:
                case threading.Semaphore():
                    thing.acquire()
                case threading.Event() | threading.Barrier():
                    thing.wait()
                case threading.Condition():
                    with thing:
                        thing.wait()
                case queue.Queue():
                    thing.get()
        except Released as error:
            heard.append(str(error))

    thread = started(wait)
    wait_until(lambda: waiting(observed) == 1, what="the wait")
    assert tracing.owners.release(thread.native_id or 0, 0, "Go home.")
    thread.join()
    assert heard == ["Go home."]
    assert waiting(observed) == 0


def test_queues_of_one_name_in_two_files_have_a_length_each(tmp_path: Path, observed: Observed) -> None:
    made = []
    for name in ("first.py", "second.py"):
        file = tmp_path / name
        file.write_text("import queue\norders = queue.Queue()\n")
        space: dict[str, Any] = {"__name__": name}
        exec(compile(file.read_text(), str(file), "exec"), space)
        made.append(space["orders"])
    for orders in made:
        orders.put(1)
    lengths = {row.track for row in observed.of(Kind.COUNTER, Flag.INSTANT)}
    assert lengths == {"counter orders length", f"counter orders ({tmp_path.name}/second.py:2) length"}
