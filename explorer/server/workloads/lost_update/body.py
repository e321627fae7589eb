"""Adds to one number, again and again: read it, call something, write it."""

import threading


class Account:
    """What all requests add to, and the lock that may guard it."""

    def __init__(self) -> None:
        self.balance = 0
        self.lock = threading.Lock()


def blocking(account: Account, additions: int, rounds: int, cured: bool) -> int:
    """Add 1 so many times. Returns how often."""
    add = with_lock if cured else as_written
    for _ in range(additions):
        add(account, rounds)
    return additions


def as_written(account: Account, rounds: int) -> None:
    """Between the first line and the last, others do both. The GIL does not make three lines one."""
    balance = account.balance
    check(balance, rounds)
    account.balance = balance + 1


def with_lock(account: Account, rounds: int) -> None:
    """The lock makes the three lines one; the price is the line at the lock."""
    with account.lock:
        balance = account.balance
        check(balance, rounds)
        account.balance = balance + 1


def check(balance: int, rounds: int) -> int:
    """Compute a check digit. While Python runs such a loop the interpreter may switch to another thread at any turn.

    In a bare `account.balance += 1` it hardly ever does: CPython looks for a switch at calls and at the end of a loop.
    """
    digit = balance
    for number in range(rounds):
        digit = (digit * 31 + number) % 97
    return digit
