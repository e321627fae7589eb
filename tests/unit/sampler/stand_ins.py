"""A tracer in memory and a life that the test decides about, for samplers that look at the test's own process."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from explorer.records.states import Flag, Kind, State, TrackKind
from explorer.ring.pool import SizeClass
from explorer.ring.reader import RingReader
from explorer.ring.writer import Ring
from tests import run_reading
from tests.ring_memory import ring_memory
from tests.waiting import wait_until

CAPACITY = 1 << 16


class Tracer:
    """Numbers tracks and names, and lends one ring that lies in memory."""

    track = 1

    def __init__(self) -> None:
        self.tracks: dict[int, dict[str, Any]] = {}
        self.names: list[str] = []
        self.ring = Ring(ring_memory(CAPACITY))
        self._reader = RingReader(self.ring.buffer)
        self.counters: list[tuple[str, float]] = []
        self.states: dict[int, list[State]] = {}
        """Of each thread, those that are over or announced, in order."""

    def declare(self, kind: TrackKind, text: str, *, parent: int | None = None, **extra: object) -> int:
        number = len(self.tracks) + 2
        self.tracks[number] = {"kind": kind, "text": text, **extra}
        return number

    def name(self, text: str) -> int:
        if text not in self.names:
            self.names.append(text)
        return self.names.index(text)

    def lease(self, size: SizeClass, track: int) -> Ring:
        return self.ring

    def give_back(self, ring: Ring) -> None:
        assert ring is self.ring

    def read(self) -> "Tracer":
        """Take in what has been written; gives itself."""
        for record in self._reader.poll():
            track = self.tracks[int(record["track"])]
            if track["kind"] is TrackKind.COUNTER:
                self.counters.append((track["text"], run_reading.counter_value(int(record["argument"]))))
            elif record["kind"] == Kind.THREAD_STATE and record["flags"] == Flag.COMPLETE:
                self.states.setdefault(track["tid"], []).append(State(int(record["state"])))
        assert not self._reader.lost, "the ring is too small for what the test writes between two readings"
        return self

    def values(self, text: str) -> list[float]:
        """What a counter was, in order."""
        return [value for name, value in self.read().counters if name == text]


class Life:
    """Nothing ends unless the test says so."""

    def __init__(self) -> None:
        self.watched: dict[int, int] = {}
        self.over: list[int] = []

    def watch(self, number: int, pid: int) -> None:
        self.watched[number] = pid

    def ended(self) -> list[int]:
        over, self.over = self.over, []
        return over

    def close(self) -> None:
        self.watched.clear()


@contextmanager
def threads_that_wait(count: int) -> Iterator[list[int]]:
    """So many threads of this process, each waiting for a lock: their native ids. They end with the context."""
    lock = threading.Lock()
    lock.acquire()

    def wait() -> None:
        with lock:
            return

    threads = [threading.Thread(target=wait) for _ in range(count)]
    for thread in threads:
        thread.start()
    tids = [thread.native_id or 0 for thread in threads]
    try:
        wait_until(lambda: all(_sleeps(tid) for tid in tids), what="threads that wait")
        yield tids
    finally:
        lock.release()
        for thread in threads:
            thread.join()
        wait_until(lambda: not any(os.path.exists(f"/proc/self/task/{tid}") for tid in tids), what="their end")


def _sleeps(tid: int) -> bool:
    with open(f"/proc/self/task/{tid}/syscall", "rb") as file:
        return not file.read().startswith(b"running")
