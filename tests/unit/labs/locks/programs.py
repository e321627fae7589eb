"""Random programs of locks, run by real threads with real traced locks, one step at a time.

The model is as simple as can be: who holds each lock, and who waits for it in the order of coming. A thread that waits
takes no further steps until it has the lock.
"""

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Step = tuple[int, str, int]
"""A thread, "take" or "give", and a lock."""


@dataclass
class Model:
    """What should be, after the steps so far."""

    threads: int
    locks: int
    holder: dict[int, int] = field(default_factory=dict)
    waits: dict[int, int] = field(default_factory=dict)
    line: dict[int, list[int]] = field(default_factory=dict)

    def possible(self) -> list[Step]:
        """What threads that do not wait can do."""
        free = [thread for thread in range(self.threads) if thread not in self.waits]
        takes = [(thread, "take", lock) for thread in free for lock in range(self.locks)]
        return takes + [(thread, "give", lock) for lock, thread in self.holder.items() if thread in free]

    def do(self, step: Step) -> None:
        """One thread takes a step, and whoever waited for what it gives back has it."""
        thread, what, lock = step
        if what == "take":
            if lock in self.holder:
                self.waits[thread] = lock
                self.line.setdefault(lock, []).append(thread)
            else:
                self.holder[lock] = thread
            return
        del self.holder[lock]
        if self.line.get(lock):
            first = self.line[lock].pop(0)
            del self.waits[first]
            self.holder[lock] = first

    def circle(self) -> frozenset[int]:
        """The threads of the one circle that is oldest by its first step into it; all circles, if there are several."""
        found: set[int] = set()
        for thread in self.waits:
            way: list[int] = []
            now = thread
            while now in self.waits and now not in way:
                way.append(now)
                now = self.holder[self.waits[now]]
            if now in way:
                found |= set(way[way.index(now) :])
        return frozenset(found)


class Program:
    """The threads and locks of a model, for real. `release(thread)` lets one that waits raise."""

    def __init__(self, threads: int, locks: int) -> None:
        self.locks: list[Any] = [threading.Lock() for _ in range(locks)]
        self._orders: list[queue.SimpleQueue[Callable[[], object] | None]] = [
            queue.SimpleQueue() for _ in range(threads)
        ]
        self._done: list[queue.SimpleQueue[bool]] = [queue.SimpleQueue() for _ in range(threads)]
        self.threads = [
            threading.Thread(target=self._work, args=(number,), name=f"worker {number}") for number in range(threads)
        ]
        for thread in self.threads:
            thread.start()

    def do(self, step: Step) -> None:
        """Let a thread take a step; returns at once."""
        thread, what, lock = step
        self._orders[thread].put(self.locks[lock].acquire if what == "take" else self.locks[lock].release)

    def wait(self, thread: int) -> None:
        """Wait until it has done what it was told."""
        assert self._done[thread].get(timeout=60)

    def end(self) -> None:
        """Let all threads end; nobody may wait any more."""
        for orders in self._orders:
            orders.put(None)
        for thread in self.threads:
            thread.join()

    def _work(self, number: int) -> None:
        while (order := self._orders[number].get()) is not None:
            try:
                order()
            except RuntimeError:  # it was released
                pass
            self._done[number].put(True)
