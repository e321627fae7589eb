"""`Lock` and `RLock`: as the standard library's, and seen."""

import itertools
import os
import pickle
import signal
import threading
import time
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from explorer.probe.locks import thread_locks
from explorer.probe.locks.book import LEFT_OUT, MOST_HOLDS
from explorer.probe.locks.install import LockTracing, name_lock
from explorer.probe.locks.owners import Released, Waiter
from explorer.probe.locks.thread_locks import TracedLock, TracedRLock
from explorer.probe.tracer import Tracer
from explorer.records.states import Flag, Kind, State
from tests.observed import Observed, Row
from tests.waiting import wait_until

pytestmark = pytest.mark.usefixtures("tracing")
PLAIN = {"Lock": threading.Lock, "RLock": threading.RLock}
BOTH = pytest.mark.parametrize("name", ["Lock", "RLock"])


def waiting(observed: Observed) -> int:
    """How many have begun to wait and not ended."""
    return len(observed.of(Kind.LOCK_WAIT, Flag.BEGIN)) - len(observed.of(Kind.LOCK_WAIT))


def started(*functions: Callable[[], object]) -> list[threading.Thread]:
    threads = [
        threading.Thread(target=function, name=f"thread {index + 1}") for index, function in enumerate(functions)
    ]
    for thread in threads:
        thread.start()
    return threads


def overlapping(holds: list[Row]) -> list[tuple[Row, Row]]:
    return [(one, two) for one, two in itertools.pairwise(holds) if two.start < one.end]


def said(function: Callable[[], object]) -> tuple[type, str]:
    """What is wrong with a call."""
    try:
        function()
    except Exception as error:
        return type(error), str(error)
    raise AssertionError("nothing was wrong")


@BOTH
def test_it_is_what_it_was(name: str) -> None:
    lock, plain = getattr(threading, name)(), PLAIN[name]()
    assert isinstance(lock, (TracedLock, TracedRLock))
    assert isinstance(lock, getattr(threading, name))
    assert isinstance(plain, getattr(threading, name))
    assert not isinstance(object(), getattr(threading, name))
    assert weakref.ref(lock)() is lock
    assert repr(lock).partition(" at ")[0] == repr(plain).partition(" at ")[0]
    assert {word for word in dir(plain) if not word.startswith("_")} <= set(dir(lock)) | {"locked"}
    for wrong in (
        lambda it: it.acquire(False, 1),
        lambda it: it.acquire(True, -2),
        lambda it: it.acquire(True, 1e100),
        lambda it: it.release(),
        pickle.dumps,
    ):
        assert said(lambda wrong=wrong: wrong(lock)) == said(lambda wrong=wrong: wrong(plain))  # type: ignore[misc]
    if name == "Lock":
        assert said(lambda: threading.Lock(3))[0] is said(lambda: PLAIN["Lock"](3))[0]  # type: ignore[call-arg]


def test_who_holds_it_is_seen_meanwhile_and_afterwards(tracer: Tracer, observed: Observed) -> None:
    till = threading.Lock()
    tracer.thread_ring().request = 7
    with till:
        assert till.locked()
        assert not till.acquire(blocking=False)
        (begin,) = observed.of(Kind.LOCK_HELD, Flag.BEGIN)
        assert observed.of(Kind.LOCK_HELD) == []
    assert not till.locked()
    (hold,) = observed.of(Kind.LOCK_HELD)
    assert (begin.start, begin.value, begin.track, begin.name) == (hold.start, hold.value, hold.track, hold.name)
    assert (hold.track, hold.name, hold.request, hold.state) == ("lock till", "MainThread", 7, State.RUNNING)
    assert observed.declared(next(iter(observed.readers)))[1][hold.value].endswith("MainThread")
    assert observed.of(Kind.LOCK_WAIT, Flag.BEGIN) == []


@BOTH
def test_who_waits_is_seen_while_it_waits_and_holds_in_the_order_in_which_it_was_served(
    tracer: Tracer, observed: Observed, name: str
) -> None:
    """Which is nearly always that of coming, but no lock of Python's promises that."""
    till = getattr(threading, name)()
    served: list[str] = []

    def buy() -> None:
        tracer.thread_ring().request = 42
        with till:
            served.append(threading.current_thread().name)

    with till:
        threads = []
        for number in range(3):
            threads.append(threading.Thread(target=buy, name=f"customer {number}"))
            threads[-1].start()
            wait_until(lambda: waiting(observed) == len(threads), what="the begin of the wait")
    for thread in threads:
        thread.join()

    assert sorted(served) == ["customer 0", "customer 1", "customer 2"]
    waits, holds = observed.of(Kind.LOCK_WAIT), observed.of(Kind.LOCK_HELD)
    assert sorted((wait.track, wait.depth, wait.state, wait.request) for wait in waits) == [
        (f"thread customer {number}", 1, State.WAITING_LOCK, 42) for number in range(3)
    ]
    assert [hold.name for hold in holds] == ["MainThread", *served]
    assert overlapping(holds) == []
    held = {f"thread {hold.name}": hold for hold in holds[1:]}
    for wait in waits:
        assert wait.start < holds[0].end < wait.end <= held[wait.track].start
        lock, _, place = wait.name.partition(" · ")
        assert (lock, place.rpartition(":")[0]) == ("till", "locks/test_thread_locks.py")
    numbers = observed.declared(next(iter(observed.readers)))[1]
    assert {numbers[wait.value] for wait in waits} == {"lock till"}


@BOTH
def test_who_gives_up_has_waited_as_well_and_the_next_is_served(observed: Observed, name: str) -> None:
    till = getattr(threading, name)()
    answers: list[bool] = []
    with till:
        (impatient,) = started(lambda: answers.append(till.acquire(timeout=0.001)))
        impatient.join()
        assert answers == [False]
        (patient,) = started(lambda: answers.append(till.acquire(timeout=60)))
        wait_until(lambda: waiting(observed) == 1, what="the second wait")
    patient.join()
    assert answers == [False, True]
    assert [row.duration >= 1_000_000 for row in observed.of(Kind.LOCK_WAIT)][:1] == [True]


@BOTH
def test_one_that_is_released_raises_and_the_others_are_served(
    tracing: LockTracing, observed: Observed, name: str
) -> None:
    till = getattr(threading, name)()
    heard: list[str] = []

    def buy() -> None:
        try:
            with till:
                heard.append("served")
        except Released as error:
            heard.append(str(error))

    with till:
        threads = started(buy, buy)
        wait_until(lambda: waiting(observed) == 2, what="two waits")
        assert tracing.owners.release(threads[0].native_id or 0, 0, "Go home.")
        threads[0].join()
        assert heard == ["Go home."]
        assert not tracing.owners.release(threads[0].native_id or 0, 0, "Go home.")
    threads[1].join()
    assert heard == ["Go home.", "served"]
    assert till.acquire(timeout=0)
    till.release()


def test_many_threads_that_take_turns_lose_nothing(observed: Observed, tracer: Tracer) -> None:
    lock, counter = threading.Lock(), [0]

    def count() -> None:
        for _ in range(100):
            with lock:
                before = counter[0]
                time.sleep(0)
                counter[0] = before + 1

    for thread in started(*[count] * 4):
        thread.join()
    assert counter == [400]
    holds = observed.of(Kind.LOCK_HELD)
    assert len(holds) == 400
    assert overlapping(holds) == []
    assert waiting(observed) == 0


@BOTH
def test_of_too_many_short_holds_some_are_left_out_but_never_one_that_somebody_waits_for(
    observed: Observed, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for limit in ("WINDOW_NS", "SHORT_NS"):
        monkeypatch.setattr(thread_locks, limit, 1 << 60)  # however long it takes
    busy = getattr(threading, name)()
    for _ in range(3 * MOST_HOLDS):
        with busy:
            pass
    told = len(observed.of(Kind.LOCK_HELD))
    assert told == MOST_HOLDS
    with busy:
        assert len(observed.of(Kind.LOCK_HELD, Flag.BEGIN)) == told
        threads = started(busy.acquire, lambda: busy.acquire(timeout=0.001))
        threads[1].join()
        (hold,) = observed.of(Kind.LOCK_HELD, Flag.BEGIN)[told:]
        assert hold.name == "MainThread", "who waits tells of it, and only one does"
    threads[0].join()
    assert len(observed.of(Kind.LOCK_HELD)) == told + 1
    busy._renew(0)
    (left_out,) = (row for row in observed.of(Kind.COUNTER, Flag.INSTANT) if row.track == f"counter {LEFT_OUT}")
    assert left_out.start


def test_another_thread_may_give_it_back(observed: Observed) -> None:
    lock = threading.Lock()
    lock.acquire()
    for thread in started(lock.release):
        thread.join()
    assert not lock.locked()
    (hold,) = observed.of(Kind.LOCK_HELD)
    assert hold.name == "MainThread"


def test_what_its_owner_takes_once_more_is_one_hold(observed: Observed) -> None:
    lock = threading.RLock()
    with lock, lock:
        assert observed.of(Kind.LOCK_HELD) == []
    assert len(observed.of(Kind.LOCK_HELD)) == 1
    with lock:
        assert said(lambda: started_and_raised(lock.release)) == (RuntimeError, "cannot release un-acquired lock")


def started_and_raised(function: Callable[[], object]) -> None:
    errors: list[BaseException] = []

    def run() -> None:
        try:
            function()
        except RuntimeError as error:
            errors.append(error)

    for thread in started(run):
        thread.join()
    raise errors[0]


@BOTH
def test_a_condition_of_the_standard_library_works_with_it(observed: Observed, name: str) -> None:
    ready = threading.Condition(getattr(threading, name)())
    things: list[int] = []

    def take() -> None:
        with ready:
            if name == "RLock":
                ready.acquire()
            assert ready.wait_for(lambda: bool(things), timeout=60)
            things.pop()
            if name == "RLock":
                ready.release()

    (thread,) = started(take)
    wait_until(lambda: waiting(observed) == 1, what="the wait")
    with ready:
        things.append(1)
        ready.notify()
    thread.join()
    assert things == []
    assert said(ready.wait) == (RuntimeError, "cannot wait on un-acquired lock")


def test_names_are_what_is_assigned_to_and_what_is_over_makes_room(tracer: Tracer, observed: Observed) -> None:
    class Table:
        def __init__(self) -> None:
            self.fork = threading.Lock()

    table = Table()
    forks = [threading.Lock() for _ in range(2)]
    other: Any = threading.RLock()
    for lock in (table.fork, *forks, other):
        with lock:
            pass
    name_lock(other, "the other")
    name_lock(object(), "nothing")
    with other:
        pass
    assert [row.track for row in observed.of(Kind.LOCK_HELD)] == [
        "lock self.fork", "lock forks 1", "lock forks 2", "lock the other", "lock the other",
    ]  # fmt: skip
    before = len(observed.declared(next(iter(observed.readers)))[1])
    for _ in range(5):
        table = Table()
        with table.fork:
            pass
    assert len(observed.declared(next(iter(observed.readers)))[1]) <= before + 1


def test_only_the_app_s_own_locks_are_traced_and_only_meanwhile(tracing: LockTracing) -> None:
    plain = type(PLAIN["Lock"]())
    assert type(threading.Barrier(1)._cond._lock) is plain  # type: ignore[attr-defined]
    assert type(threading.Thread()._started._cond._lock) is plain  # type: ignore[attr-defined]
    tracing.undo()
    assert type(threading.Lock()) is plain
    assert threading.Lock is PLAIN["Lock"]
    assert type(threading.Condition(threading.Lock())) is threading.Condition


def test_a_lock_that_others_give_back_is_in_nobody_s_hands(observed: Observed) -> None:
    done = threading.Lock()
    done.acquire()
    (other,) = started(done.release)
    other.join(60)
    with done:
        pass
    unbound = [hold.cpu is None for hold in observed.of(Kind.LOCK_HELD)]  # the high half of the argument is all ones
    assert unbound == [False, True], "it is a signal, and may always come: no part of a circle"


def test_a_signal_handler_may_take_a_lock_at_any_moment(tracing: LockTracing) -> None:
    lock = threading.Lock()
    heard: list[bool] = []

    def handle(number: int, frame: object) -> None:
        with lock:
            heard.append(True)

    before = signal.signal(signal.SIGUSR1, handle)
    try:
        assert tracing.probe.guard.acquire(timeout=60)
        # With a guard that its owner must not take again this would last for ever; so nobody tries.
        assert tracing.probe.guard.acquire(blocking=False)
        signal.raise_signal(signal.SIGUSR1)
        tracing.probe.guard.release()
        tracing.probe.guard.release()
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert heard


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_forked_child_wakes_nobody_who_stayed_behind() -> None:
    lock = threading.Lock()
    assert isinstance(lock, TracedLock)
    lock.acquire()
    (waiting_here,) = started(lambda: lock.acquire() and lock.release())
    wait_until(lambda: bool(lock._line.waiters))
    child = os.fork()
    if child == 0:
        try:
            there = Waiter()
            there.gate = thread_locks.new_lock()
            there.gate.acquire()
            lock._line.waiters.append(there)
            lock.release()
            os._exit(0 if there.woken and list(lock._line.waiters) == [there] else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    lock.release()
    waiting_here.join(60)


def test_who_waits_sleeps_as_the_app_s_threads_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """A library may have put locks of its own into `threading`, which let its other threads run."""
    made: list[Any] = []
    plain = threading._allocate_lock  # type: ignore[attr-defined]
    lock = threading.Lock()

    def make() -> Any:
        made.append(plain())
        return made[-1]

    monkeypatch.setattr(threading, "_allocate_lock", make)
    with lock:
        assert not lock.acquire(timeout=0.001)
    assert made
