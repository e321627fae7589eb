"""An idle thread holds a lock that an urgent one waits for, while busy ones take the GIL."""

import threading
import time
from typing import NamedTuple

IDLE, URGENT = 0, 1
"""The seats of the two who share the lock; whoever has a higher one is busy with something else."""
REPORTS, BREATH = 5, 0.005
"""How many reports the idle one draws for a request, and how long it rests after each, s."""


class Desk:
    """What the idle and the urgent thread share, and its lock."""

    def __init__(self) -> None:
        self.report = 0
        self.lock = threading.Lock()


class Turn(NamedTuple):
    """What a request came to, s: how long it waited for the lock or held it, and how long it computed holding it."""

    waited: float = 0.0
    held: float = 0.0
    computed: float = 0.0


def blocking(seat: int, desk: Desk, loops: int, pause: float, cured: bool) -> Turn:
    """Do what the seat is for."""
    if seat == IDLE:
        held = computed = 0.0
        for _ in range(REPORTS):
            report = (report_cured if cured else report_as_written)(desk, loops)
            held, computed = held + report.held, computed + report.computed
            time.sleep(BREATH)
        return Turn(held=held, computed=computed)
    if seat == URGENT:
        time.sleep(pause)
        return Turn(waited=look(desk))
    compute(loops)
    return Turn()


def report_as_written(desk: Desk, loops: int) -> Turn:
    """Computes while it holds the lock. Every few milliseconds a busy thread gets the GIL, and the lock stays held."""
    with desk.lock:
        got, ran = time.perf_counter(), time.thread_time()
        desk.report = compute(loops)
        return Turn(held=time.perf_counter() - got, computed=time.thread_time() - ran)


def report_cured(desk: Desk, loops: int) -> Turn:
    """Computes first, and holds the lock for a moment."""
    report = compute(loops)
    with desk.lock:
        got, ran = time.perf_counter(), time.thread_time()
        desk.report = report
        return Turn(held=time.perf_counter() - got, computed=time.thread_time() - ran)


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
