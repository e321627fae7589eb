"""What tracing locks costs, and how long after it closed a circle of waiting threads is found.

The cost is CPU time of one thread for taking and giving back what nobody else wants, plain and traced within one run,
the least of all rounds each. The circles are those of a real server, which two requests get into again and again, seen
through a session as the window sees them; each is broken by releasing one.
"""

import asyncio
import statistics
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from queue import Queue
from typing import Any, Final

from explorer.analysis.locks.watch import LockWatch
from explorer.catalog import Catalog
from explorer.probe.locks.install import LockTracing
from explorer.probe.loop import traced_loop_factory
from explorer.probe.tracer import Tracer
from explorer.records.states import Role
from explorer.scenario import parse
from explorer.session.session import Session

PAIRS: Final = 400
"""At a time: of more in a short while a lock would not tell of each."""
APART_S: Final = 0.06
WARM_S: Final = 0.01
APP: Final = """import threading, time
from fastapi import FastAPI
app = FastAPI()
left, right = threading.Lock(), threading.Lock()
@app.get("/left")
def first():
    with left:
        time.sleep(0.05)
        with right:
            return "left first"
@app.get("/right")
def second():
    with right:
        time.sleep(0.05)
        with left:
            return "right first"
"""


def run(rounds: str = "20", circles: str = "20") -> dict[str, Any]:
    """ns per pair, plain and traced, by primitive; ms from when a circle closed to when it was found."""
    with tempfile.TemporaryDirectory() as folder:
        pairs = _pairs(Path(folder), int(rounds))
        found = asyncio.run(_circles(Path(folder), int(circles))) if int(circles) else []
    return {"ns_per_pair": pairs, "found_after_ms": found}


def table(figures: dict[str, Any]) -> str:
    """The figures as lines."""
    lines = [f"{'':28}{'plain':>8}{'traced':>8}{'more':>8}   µs of CPU per pair"]
    for name, (plain, traced) in figures["ns_per_pair"].items():
        lines.append(f"{name:28}{plain / 1e3:8.2f}{traced / 1e3:8.2f}{(traced - plain) / 1e3:8.2f}")
    found = figures["found_after_ms"]
    if found:
        middle = statistics.median(found)
        lines.append(f"a circle is found after      {middle:.0f} ms (median of {len(found)}; {max(found):.0f} at most)")
    return "\n".join(lines)


def _made() -> dict[str, Any]:
    return {
        "threading.Lock": threading.Lock(),
        "threading.RLock": threading.RLock(),
        "threading.Condition": threading.Condition(),
        "threading.Semaphore": threading.Semaphore(3),
        "asyncio.Lock": asyncio.Lock(),
        "asyncio.Semaphore": asyncio.Semaphore(3),
        "queue.Queue (put and get)": Queue(10),
    }


def _pairs(folder: Path, rounds: int) -> dict[str, tuple[float, float]]:
    for name in ("numbers", "rings"):
        (folder / name).mkdir()
    (folder / "run.json").write_text('{"schema": 1, "token": "bench"}')
    tracer = Tracer.join(Role.SERVER, environ={"EXPLORER_RUN": str(folder)})
    assert tracer is not None
    plain = _made()
    tracing = LockTracing(tracer)
    traced = _made()
    tracing.undo()
    least: dict[str, tuple[float, float]] = {}
    for _ in range(rounds):
        for name in plain:
            now = _cost(tracer, plain[name]), _cost(tracer, traced[name])
            before = least.get(name, now)
            least[name] = min(before[0], now[0]), min(before[1], now[1])
    tracer.close()
    return least


def _cost(tracer: Tracer, lock: Any) -> float:
    time.sleep(APART_S)
    _warm()
    if isinstance(lock, (asyncio.Lock, asyncio.Semaphore)):
        with asyncio.Runner(loop_factory=traced_loop_factory(tracer)) as runner:
            return runner.run(_tasks(lock))
    return _timed(lambda: _queue(lock) if isinstance(lock, Queue) else _threads(lock))


def _warm() -> None:
    """Let the core be as fast as it is while a program runs."""
    plain = threading.Semaphore(1)
    until = time.thread_time() + WARM_S
    while time.thread_time() < until:
        with plain:
            pass


def _timed(function: Callable[[], None]) -> float:
    began = time.thread_time_ns()
    function()
    return (time.thread_time_ns() - began) / PAIRS


def _threads(lock: Any) -> None:
    for _ in range(PAIRS):
        with lock:
            pass


def _queue(queue: "Queue[int]") -> None:
    for _ in range(PAIRS):
        queue.put(1)
        queue.get()


async def _tasks(lock: Any) -> float:
    began = time.thread_time_ns()
    for _ in range(PAIRS):
        async with lock:
            pass
    return (time.thread_time_ns() - began) / PAIRS


async def _circles(folder: Path, count: int) -> list[float]:
    (folder / "circle_app.py").write_text(APP)
    app = {"target": "circle_app:app", "folder": str(folder), "route": [{"path": "/docs"}]}
    scenario = parse(Catalog(), {"app": app, "load": {"mode": "rate", "rate": 0.1}})
    watch = LockWatch()
    session = Session(Catalog(), lambda event: None, [watch])
    await session.start(scenario)
    try:
        for number in range(count):
            asked = [asyncio.create_task(asyncio.to_thread(_ask, session.url + path)) for path in ("/left", "/right")]
            while len(watch.deadlocks) <= number:
                await asyncio.sleep(0.01)
                if all(one.done() for one in asked):  # one was through before the other came
                    asked = [asyncio.create_task(asyncio.to_thread(_ask, session.url + p)) for p in ("/left", "/right")]
            session.release_waiter(watch.deadlocks[number].cycle.owners[0])
            await asyncio.gather(*asked)
            while watch.deadlock is not None:
                await asyncio.sleep(0.01)
    finally:
        await session.stop()
    return [deadlock.found_after_ms for deadlock in watch.deadlocks]


def _ask(url: str) -> None:
    try:
        urllib.request.urlopen(url, timeout=60).close()
    except urllib.error.HTTPError as error:
        error.close()
