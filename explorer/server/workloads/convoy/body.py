"""Writes a line into a log that all share; some requests then wait for a slow disk."""

import threading
import time


class Log:
    """What everybody writes to, and the lock that keeps the lines apart."""

    def __init__(self) -> None:
        self.lines: list[int] = []
        self.lock = threading.Lock()


def blocking(turn: int, log: Log, every: int, write: float, sleep: float, cured: bool) -> bool:
    """Write one line. Returns whether it was a slow one, as one in `every` is."""
    slow = turn % every == 0
    append = sleeping_outside if cured else as_written
    append(log, turn, write, sleep if slow else 0.0)
    return slow


def as_written(log: Log, turn: int, write: float, sleep: float) -> None:
    """One sleeps within the lock, and all who come meanwhile line up behind it."""
    with log.lock:
        log.lines.append(turn)
        time.sleep(write)
        if sleep:
            time.sleep(sleep)


def sleeping_outside(log: Log, turn: int, write: float, sleep: float) -> None:
    """The lock is held for the line alone; who sleeps does so by itself."""
    with log.lock:
        log.lines.append(turn)
        time.sleep(write)
    if sleep:
        time.sleep(sleep)
