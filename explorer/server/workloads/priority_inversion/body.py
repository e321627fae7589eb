"""An idle thread holds a lock that an urgent one waits for, while busy ones take the GIL."""

import threading
import time

IDLE, URGENT = 0, 1
"""The seats of the two who share the lock; whoever has a higher one is busy with something else."""
REPORTS, BREATH = 5, 0.005
"""How many reports the idle one draws for a request, and how long it rests after each, s."""


class Desk:
    """What the idle and the urgent thread share, and its lock."""

    def __init__(self) -> None:
        self.report = 0
        self.lock = threading.Lock()


def blocking(seat: int, desk: Desk, loops: int, pause: float, cured: bool) -> float:
    """Do what the seat is for. Returns how long it waited for the lock, s."""
    if seat == IDLE:
        for _ in range(REPORTS):
            (report_cured if cured else report_as_written)(desk, loops)
            time.sleep(BREATH)
        return 0.0
    if seat == URGENT:
        time.sleep(pause)
        return look(desk)
    compute(loops)
    return 0.0


def report_as_written(desk: Desk, loops: int) -> None:
    """Computes while it holds the lock. Every few milliseconds a busy thread gets the GIL, and the lock stays held."""
    with desk.lock:
        desk.report = compute(loops)


def report_cured(desk: Desk, loops: int) -> None:
    """Computes first, and holds the lock for a moment."""
    report = compute(loops)
    with desk.lock:
        desk.report = report


def look(desk: Desk) -> float:
    """Urgent, and over in no time, once it has the lock. Python has no priorities: nobody lends the holder the GIL."""
    asked = time.perf_counter()
    with desk.lock:
        waited = time.perf_counter() - asked
        _ = desk.report
    return waited


def compute(loops: int) -> int:
    """Add up so many numbers; it holds the GIL, and gives it up whenever somebody has asked for it long enough."""
    total = 0
    for number in range(loops):
        total += number * number % 7
    return total
