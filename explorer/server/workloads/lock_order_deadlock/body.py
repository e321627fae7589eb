"""Transfers money between two accounts, each of which has a lock of its own."""

import random
import threading
import time


class Account:
    """An account, and the lock that guards its balance."""

    def __init__(self, name: str, balance: int) -> None:
        self.name = name
        self.balance = balance
        self.lock = threading.Lock()


def blocking(seat: int, accounts: list[Account], hold: float, timeout: float, cure: str) -> int:
    """Transfer 1: whoever has an even seat from the first account to the second, the others back. Returns how often
    it had to begin again.
    """
    source, target = accounts if seat % 2 == 0 else accounts[::-1]
    return TRANSFERS[cure](source, target, hold, timeout)


def as_written(source: Account, target: Account, hold: float, timeout: float) -> int:
    """Two in opposite directions: each holds the lock that the other one waits for."""
    with source.lock:
        time.sleep(hold)
        with target.lock:
            move(source, target)
    return 0


def in_order(source: Account, target: Account, hold: float, timeout: float) -> int:
    """Everyone asks for A before B, whichever way the money goes: a circle cannot form."""
    first, second = sorted((source, target), key=lambda account: account.name)
    with first.lock:
        time.sleep(hold)
        with second.lock:
            move(source, target)
    return 0


def with_timeout(source: Account, target: Account, hold: float, timeout: float) -> int:
    """Wait only so long for the second lock; then give back the first, step aside for a moment, begin again."""
    for again in range(1_000_000):
        with source.lock:
            time.sleep(hold)
            if target.lock.acquire(timeout=timeout):
                try:
                    move(source, target)
                    return again
                finally:
                    target.lock.release()
        time.sleep(random.uniform(0, hold * 2))  # of different length, or both meet again and again
    raise TimeoutError


def with_try_lock(source: Account, target: Account, hold: float, timeout: float) -> int:
    """Never wait for the second lock while holding the first: take it if it is free, or give back and begin again."""
    for again in range(1_000_000):
        with source.lock:
            time.sleep(hold)
            if target.lock.acquire(blocking=False):
                try:
                    move(source, target)
                    return again
                finally:
                    target.lock.release()
        time.sleep(random.uniform(0, hold * 2))
    raise TimeoutError


TRANSFERS = {"none": as_written, "order": in_order, "timeout": with_timeout, "try_lock": with_try_lock}


def move(source: Account, target: Account) -> None:
    """Move 1, while both locks are held."""
    source.balance -= 1
    target.balance += 1
