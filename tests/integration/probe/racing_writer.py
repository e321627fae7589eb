"""A process that writes into a small ring as fast as it can: `python -m tests.integration.probe.racing_writer FORM
PATH COUNT`.

What it writes can be checked: a record's request is three times its name, a loop's callbacks run in order. It writes
until it has written COUNT, resting now and then so that a reader sometimes keeps up, then says so and waits for its
standard input to end.
"""

import sys
import time
from pathlib import Path

from explorer.probe.loop_check import MemoryRecorder
from explorer.probe.traced_loop import TracedLoop
from explorer.records.states import Flag, Kind, State
from explorer.ring import layout, mapped
from explorer.ring.columns import Columns
from explorer.ring.requests import RequestRing
from explorer.ring.writer import Ring

CAPACITY = 512
BURST = 300


class FileRecorder(MemoryRecorder):
    """As the real recorder, over a file of this test's own."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.columns = Columns(mapped.create(path, layout.COLUMNS, CAPACITY))

    def attach(self) -> Columns:
        """The ring in the file."""
        return self.columns


def records(path: Path, count: int) -> None:
    """Write records."""
    ring = Ring(mapped.create(path, layout.RECORDS, CAPACITY))
    for number in range(count):
        if number % BURST == 0:
            time.sleep(0.0005)
        ring.write(number + 1, 1, 3 * number, 0, number, 1, Kind.CALL, State.BLOCKED, 1, Flag.COMPLETE)


def requests(path: Path, count: int) -> None:
    """Write requests."""
    ring = RequestRing(mapped.create(path, layout.REQUESTS, CAPACITY))
    for number in range(count):
        if number % BURST == 0:
            time.sleep(0.0005)
        ring.write(number + 1.0, number + 2.0, 3 * (number % 60_000), number % 60_000)


def columns(path: Path, count: int) -> None:
    """Run callbacks on a traced loop."""
    loop = TracedLoop(FileRecorder(path))
    left = count

    def tick() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            loop.stop()
        elif left % BURST == 0:
            loop.call_later(0.0005, tick)
        else:
            loop.call_soon(tick)

    loop.call_soon(tick)
    loop.run_forever()
    loop.close()


if __name__ == "__main__":
    {"records": records, "requests": requests, "columns": columns}[sys.argv[1]](Path(sys.argv[2]), int(sys.argv[3]))
    print("written", flush=True)
    sys.stdin.read()
