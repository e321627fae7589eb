"""Locks of the user's own app: a circle of waiting requests is found, named, broken, and recorded."""

import asyncio
import json
import os
import signal
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from explorer.analysis.locks.trace import LockTrace
from explorer.analysis.locks.watch import LockWatch, noted
from explorer.recording.file_source import FileSource
from explorer.records.states import Role
from explorer.session.waiters import RELEASED
from tests.integration.session.stage import Stage

APP = """
import asyncio, threading
from fastapi import FastAPI

app = FastAPI()
left, right = threading.Lock(), threading.Lock()
inner, outer = asyncio.Lock(), asyncio.Lock()
both, together = threading.Barrier(2), asyncio.Barrier(2)

@app.get("/left")
def from_the_left():
    with left:
        both.wait()
        with right:
            return "left"

@app.get("/right")
def from_the_right():
    with right:
        both.wait()
        with left:
            return "right"

@app.get("/inner")
async def from_inside():
    async with inner:
        await together.wait()
        async with outer:
            return "inner"

@app.get("/outer")
async def from_outside():
    async with outer:
        await together.wait()
        async with inner:
            return "outer"

@app.get("/free")
async def free():
    return "free"
"""


def ask(url: str) -> tuple[int, Any]:
    """Status and answer."""
    try:
        with urllib.request.urlopen(url, timeout=60) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def happened(trace: LockTrace) -> dict[str, Any]:
    """All that a trace knows."""
    return {
        lock.name: (lock.what, lock.place, trace.holds(number), trace.waits(number), trace.signals(number))
        for number, lock in trace.locks.items()
    }


async def test_a_circle_is_found_named_and_broken_and_the_recording_tells_the_same(tmp_path: Path) -> None:
    (tmp_path / "circle_app.py").write_text(APP)
    watch = LockWatch(lambda deadlock: stage.session.annotate(noted(deadlock)) if deadlock.ended is None else None)
    stage = Stage(watch, keep_all=True)
    app = {"target": "circle_app:app", "folder": str(tmp_path), "route": [{"path": "/free"}]}
    try:
        await stage.start(app=app, model={"id": "prefork", "workers": 1}, load={"mode": "rate", "rate": 1})
        for number, paths in enumerate((("left", "right"), ("inner", "outer"))):
            asked = [asyncio.create_task(asyncio.to_thread(ask, f"{stage.session.url}/{path}")) for path in paths]
            await stage.until(lambda number=number: len(watch.deadlocks) > number, what="a deadlock")  # type: ignore[misc]
            deadlock = watch.deadlock
            assert deadlock is not None
            cycle = deadlock.cycle
            assert set(cycle.names[1::2]) == set(paths)
            lines = APP.splitlines()
            for place, lock in zip(cycle.places, cycle.names[1::2], strict=True):
                file, _, line = place.rpartition(":")
                assert file.endswith("/circle_app.py")
                assert lines[int(line) - 1].strip().endswith(f"with {lock}:")
                assert f"waits for {lock} (circle_app.py, line {line})" in cycle.sentence
            answers = await asyncio.to_thread(ask, f"{stage.session.url}/free")
            assert answers == (200, "free"), "the loop is not blocked"
            stage.session.release_waiter(cycle.owners[0])
            results = await asyncio.gather(*asked)
            assert sorted(status for status, _ in results) == [200, 503]
            assert {"detail": RELEASED} in [answer for _, answer in results]
            await stage.until(lambda: watch.deadlock is None, what="its end")
        await stage.until(lambda: sum(marker.detail == RELEASED for marker in stage.markers) == 2, what="the markers")
        await _die_in_a_circle(stage, watch)
        await stage.session.stop()

        read, source = LockWatch(), FileSource(stage.session.run)
        while not source.finished:
            read(source.poll())
        source.close()
        recorded = read.trace
        assert happened(recorded) == happened(watch.trace)
        for each in (read, watch):
            each.look_back()
        assert [deadlock.cycle.sentence for deadlock in read.deadlocks] == [
            one.cycle.sentence for one in watch.deadlocks
        ]
        assert [deadlock.cycle.closed for deadlock in read.deadlocks] == [one.cycle.closed for one in watch.deadlocks]
        assert [deadlock.found for deadlock in read.deadlocks] == [one.found for one in watch.deadlocks]
        assert len(watch.deadlocks) == 3
        assert all(deadlock.ended is not None for deadlock in read.deadlocks)
        assert {"left", "right", "inner", "outer"} <= happened(recorded).keys()
        assert recorded.waiting == watch.trace.waiting == []
    finally:
        await stage.close()


async def _die_in_a_circle(stage: Stage, watch: LockWatch) -> None:
    """Who waits for ever has waited until the end of its process."""
    asked = [asyncio.create_task(asyncio.to_thread(ask, f"{stage.session.url}/{path}")) for path in ("left", "right")]
    await stage.until(lambda: watch.deadlock, what="a circle to die in")
    (worker,) = stage.pids(Role.WORKER)
    os.kill(worker, signal.SIGKILL)
    await asyncio.gather(*asked, return_exceptions=True)
    await stage.until(lambda: watch.deadlock is None, what="its end")
    waits, found = watch.deadlocks[-1].cycle.waits, watch.deadlocks[-1].found
    for wait in waits:
        (last,) = [known for known in watch.trace.waits(wait.lock) if known.start == wait.start]
        assert last.end is not None
        assert last.end > found
