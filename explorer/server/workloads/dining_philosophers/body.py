"""Thinks, takes two forks, eats. Between any two at the table lies one fork."""

import threading
import time


class Table:
    """As many forks as seats: each lies at the right of one seat and at the left of the next."""

    def __init__(self, seats: int) -> None:
        self.forks = [threading.Lock() for _ in range(seats)]


def blocking(seat: int, table: Table, think: float, reach: float, eat: float, cured: bool) -> int:
    """One meal. Returns the seat that it was had at."""
    seat %= len(table.forks)
    time.sleep(think)
    (one_right_first if cured else as_written)(table, seat, reach, eat)
    return seat


def as_written(table: Table, seat: int, reach: float, eat: float) -> None:
    """Left fork first, all of them: five hold one fork each, and wait for the one at their right."""
    left, right = table.forks[seat], table.forks[seat - 1]
    with left:
        time.sleep(reach)
        with right:
            time.sleep(eat)


def one_right_first(table: Table, seat: int, reach: float, eat: float) -> None:
    """One of them reaches for the right fork first: then a circle cannot close."""
    first, second = table.forks[seat], table.forks[seat - 1]
    if seat == 0:
        first, second = second, first
    with first:
        time.sleep(reach)
        with second:
            time.sleep(eat)
