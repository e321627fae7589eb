"""What a record costs to write and to read.

The writer's thread CPU per record, for the forms a record can take; the reader's per record and for an idle ring.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from explorer.probe.loop_check import MemoryRecorder
from explorer.probe.traced_loop import TracedLoop
from explorer.records.states import Flag, Kind, State
from explorer.ring import layout, mapped
from explorer.ring.reader import RingReader
from explorer.ring.writer import Ring

_CAPACITY: Final = 1 << 16

Figures = dict[str, Any]


def run(*arguments: str) -> Figures:
    """Options: --rounds N (best of N, default 7)."""
    parser = argparse.ArgumentParser(prog="ring")
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args(arguments).rounds
    with tempfile.TemporaryDirectory(dir=_memory()) as folder:
        path = Path(folder) / "1-1.ring"
        ring = Ring(mapped.create(path, layout.RECORDS, _CAPACITY))
        reader = RingReader(path)
        rows = {
            "write one record": _best(rounds, lambda: _write(ring, 50_000)),
            "open and shut a slot": _best(rounds, lambda: _open(ring, 50_000)),
            "read one record": _best(rounds, lambda: _read(ring, reader)),
            "poll an idle ring": _best(rounds, lambda: _idle(reader, 20_000)),
        }
        reader.close()
    rows["call_soon and run, plain loop"] = _best(rounds, lambda: _callbacks(asyncio.SelectorEventLoop(), 50_000))
    rows["call_soon and run, traced loop"] = _best(
        rounds, lambda: _callbacks(TracedLoop(MemoryRecorder(_CAPACITY)), 50_000)
    )
    return {"benchmark": "ring", "rounds": rounds, "ns": {name: round(value, 1) for name, value in rows.items()}}


def table(figures: Figures) -> str:
    """The figures as text."""
    lines = [f"thread CPU time, best of {figures['rounds']} rounds"]
    lines += [f"{name:<32}{value:>8,.0f} ns" for name, value in figures["ns"].items()]
    lines.append(f"one core reads {1e9 / figures['ns']['read one record']:,.0f} records/s")
    return "\n".join(lines)


def _memory() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


def _best(rounds: int, measure: Callable[[], float]) -> float:
    return min(measure() for _ in range(rounds))


def _write(ring: Ring, count: int) -> float:
    begun = time.thread_time_ns()
    for number in range(count):
        ring.write(number, 5, 6, 7, 8, 9, Kind.CALL, State.BLOCKED, 1, Flag.COMPLETE)
    return (time.thread_time_ns() - begun) / count


def _open(ring: Ring, count: int) -> float:
    begun = time.thread_time_ns()
    for number in range(count):
        ring.open(1, number, 5, 6, Kind.CALL, State.BLOCKED)
        ring.shut(1)
    return (time.thread_time_ns() - begun) / count


def _read(ring: Ring, reader: RingReader) -> float:
    reader.poll()
    _write(ring, 20_000)
    begun = time.thread_time_ns()
    count = len(reader.poll())
    return (time.thread_time_ns() - begun) / count


def _idle(reader: RingReader, count: int) -> float:
    begun = time.thread_time_ns()
    for _ in range(count):
        reader.poll()
    return (time.thread_time_ns() - begun) / count


def _callbacks(loop: asyncio.AbstractEventLoop, count: int) -> float:
    def again(left: int) -> None:
        if left:
            loop.call_soon(again, left - 1)
        else:
            loop.stop()

    # Ten chains, so that an iteration has ten callbacks.
    for _ in range(10):
        loop.call_soon(again, count // 10)
    begun = time.thread_time_ns()
    loop.run_forever()
    spent = time.thread_time_ns() - begun
    loop.close()
    return spent / count
