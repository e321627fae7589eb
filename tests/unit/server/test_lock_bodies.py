"""The bodies of the lock scenarios in this process: what is held when, as written and cured."""

import asyncio
import threading
import time
from collections.abc import Callable
from functools import partial

import pytest

from explorer.server.readers_writer import Preference
from explorer.server.workloads.check_then_act import body as check_then_act
from explorer.server.workloads.convoy import body as convoy
from explorer.server.workloads.dining_philosophers import body as dining
from explorer.server.workloads.lock_across_await import body as lock_across_await
from explorer.server.workloads.lock_in_async import body as lock_in_async
from explorer.server.workloads.lock_order_deadlock import body as lock_order
from explorer.server.workloads.lost_update import body as lost_update
from explorer.server.workloads.priority_inversion import body as inversion
from explorer.server.workloads.producer_consumer import body as belt
from explorer.server.workloads.reader_starvation import body as shelf


def beside(work: Callable[[], object]) -> threading.Thread:
    """Another thread that has begun to do this."""
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_who_comes_between_reading_and_writing_is_buried(monkeypatch: pytest.MonkeyPatch) -> None:
    account = lost_update.Account()

    def somebody_else_comes(balance: int, rounds: int) -> int:
        monkeypatch.setattr(lost_update, "check", lambda balance, rounds: 0)
        lost_update.as_written(account, 0)
        return 0

    monkeypatch.setattr(lost_update, "check", somebody_else_comes)
    assert lost_update.blocking(account, 1, 0, cured=False) == 1
    assert account.balance == 1, "two additions were made"


def test_with_the_lock_nobody_comes_between(monkeypatch: pytest.MonkeyPatch) -> None:
    account = lost_update.Account()
    held: list[bool] = []
    monkeypatch.setattr(lost_update, "check", lambda balance, rounds: held.append(account.lock.locked()))
    lost_update.blocking(account, 3, 0, cured=True)
    assert (held, account.balance, account.lock.locked()) == ([True] * 3, 3, False)


@pytest.mark.parametrize(("cure", "sold"), [("none", 12), ("no_await", 5), ("lock", 5)])
async def test_at_the_await_others_check_as_well(cure: str, sold: int) -> None:
    performance = check_then_act.Performance(5)
    answers = await asyncio.gather(*(check_then_act.awaiting(performance, 0.001, cure) for _ in range(12)))
    assert answers.count(True) == sold
    assert performance.free == 5 - sold


@pytest.mark.parametrize("cured", [False, True])
def test_a_slow_line_sleeps_with_the_lock_or_without(cured: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    log = convoy.Log()
    held: dict[float, bool] = {}
    monkeypatch.setattr(time, "sleep", lambda seconds: held.update({seconds: log.lock.locked()}))
    slow = [convoy.blocking(turn, log, 2, 0.002, 0.1, cured) for turn in range(3)]
    assert slow == [True, False, True]
    assert held == {0.002: True, 0.1: not cured}
    assert log.lines == [0, 1, 2]


@pytest.mark.parametrize(("prefer", "may_enter"), [("readers", True), ("writers", False)])
def test_a_reader_goes_in_before_a_waiting_writer_or_after_it(prefer: Preference, may_enter: bool) -> None:
    shelved = shelf.Shelf(prefer)
    with shelved.lock.read():
        writer = beside(lambda: shelf.blocking(True, shelved, 0, 0))
        while not shelved.lock._writers_waiting:
            time.sleep(0.001)
        assert shelved.lock.acquire_read(0) == may_enter
        if may_enter:
            shelved.lock.release_read()
    writer.join()
    assert shelf.blocking(False, shelved, 0, 0) == 1


def test_a_full_belt_makes_producers_wait_and_one_without_limit_does_not() -> None:
    wide = belt.Belt(0)
    assert [belt.blocking(wide, 0) for _ in range(50)][-1] == 50
    narrow = belt.Belt(2)
    for _ in range(2):
        belt.blocking(narrow, 0)
    done: list[int] = []
    waits = beside(lambda: done.append(belt.blocking(narrow, 0)))
    assert narrow.items.full()
    assert not done
    took: list[int] = []

    def took_one(age: float, length: int) -> None:
        took.append(length)
        if len(took) == 3:
            narrow.closed.set()

    belt.consume(narrow, 0, took_one)
    waits.join()
    assert len(took) == 3
    assert len(done) == 1


@pytest.mark.parametrize(("cured", "first"), [(False, [0, 1, 2, 3, 4]), (True, [4, 1, 2, 3, 4])])
def test_which_fork_each_takes_first(cured: bool, first: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    table = dining.Table(5)
    taken: list[list[bool]] = []
    monkeypatch.setattr(time, "sleep", lambda seconds: taken.append([fork.locked() for fork in table.forks]))
    for seat in range(5):
        dining.blocking(seat, table, 0, 0, 0, cured)
    after_one = [forks.index(True) for forks in taken if sum(forks) == 1]
    assert after_one == first
    assert [sum(forks) for forks in taken] == [0, 1, 2] * 5


@pytest.mark.parametrize("cure", ["order", "timeout", "try_lock"])
def test_every_cure_lets_transfers_in_both_directions_through(cure: str) -> None:
    accounts = [lock_order.Account("A", 10), lock_order.Account("B", 10)]
    threads = [beside(partial(lock_order.blocking, seat, accounts, 0.002, 0.004, cure)) for seat in (0, 1, 2)]
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive()
    assert [account.balance for account in accounts] == [9, 11]


def test_as_written_the_second_lock_is_awaited_with_the_first_in_the_hand() -> None:
    accounts = [lock_order.Account("A", 10), lock_order.Account("B", 10)]
    with accounts[1].lock:
        thread = beside(lambda: lock_order.blocking(0, accounts, 0, 1, "none"))
        while not accounts[0].lock.locked():
            time.sleep(0.001)
        assert accounts[0].balance == 10
    thread.join()
    assert [account.balance for account in accounts] == [9, 11]


@pytest.mark.parametrize("cured", [False, True])
async def test_an_entry_keeps_the_loop_while_a_report_is_drawn_or_not(cured: bool) -> None:
    register = lock_in_async.Register()
    ticks: list[float] = []

    async def tick() -> None:
        while not done.is_set():
            ticks.append(asyncio.get_running_loop().time())
            await asyncio.sleep(0.005)

    done = asyncio.Event()
    ticking = asyncio.create_task(tick())
    report = asyncio.create_task(lock_in_async.awaiting(0, register, 0.15, cured))
    lock = register.task_lock if cured else register.thread_lock
    while not lock.locked():
        await asyncio.sleep(0.001)
    before = len(ticks)
    assert await lock_in_async.awaiting(1, register, 0.15, cured) is False
    during = len(ticks) - before
    assert await report is True
    done.set()
    await ticking
    assert register.entries == 1
    assert (during > 2) == cured, "a loop that stands still does not tick"


@pytest.mark.parametrize("cured", [False, True])
async def test_the_lock_sleeps_with_its_holder_or_not(cured: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    page = lock_across_await.Page()
    held: list[bool] = []

    async def fetch(seconds: float) -> str:
        held.append(page.lock.locked())
        return "line"

    monkeypatch.setattr(lock_across_await, "fetch", fetch)
    await lock_across_await.awaiting(page, 1, cured)
    assert (held, page.lines) == ([not cured], ["line"])


@pytest.mark.parametrize("cured", [False, True])
def test_a_report_is_computed_under_the_lock_or_before_it(cured: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = inversion.Desk()
    held: list[bool] = []
    monkeypatch.setattr(inversion, "compute", lambda loops: held.append(desk.lock.locked()))
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    report = inversion.blocking(inversion.IDLE, desk, 1, 0, cured)
    assert report.held > 0
    assert report.waited == 0
    assert inversion.blocking(2, desk, 1, 0, cured) == inversion.Turn()
    assert held == [not cured] * inversion.REPORTS + [False]
    assert inversion.blocking(inversion.URGENT, desk, 1, 0, cured).waited >= 0
