"""Produces items for a queue, from which one consumer takes them more slowly than they come."""

import queue
import threading
import time
from collections.abc import Callable


class Belt:
    """What lies between the producers and the consumer; with `places` 0 there is no limit."""

    def __init__(self, places: int) -> None:
        self.items: queue.Queue[float] = queue.Queue(places)
        self.closed = threading.Event()


def blocking(belt: Belt, produce: float) -> int:
    """Make one item and put it on the belt: where there is a limit, this waits for a place. Returns how many lie there.

    Without a limit it never waits, however far behind the consumer is.
    """
    time.sleep(produce)
    belt.items.put(time.perf_counter())
    return belt.items.qsize()


def consume(belt: Belt, seconds: float, took: Callable[[float, int], None]) -> None:
    """Take one item after the other and work on it, until the belt is closed. Tells how old each was when taken."""
    while not belt.closed.is_set():
        try:
            made = belt.items.get(timeout=0.1)
        except queue.Empty:
            continue
        took(time.perf_counter() - made, belt.items.qsize())
        time.sleep(seconds)
