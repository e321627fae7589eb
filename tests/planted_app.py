"""An app whose routes plant 20 ms (or what `ms` says) in one part of a request's way, for the tests of critical paths.

`work` is short and the same everywhere, so that what is planted is all that differs from `/plain` or `/thread`.
"""

import asyncio
import re
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio.to_thread
from fastapi import FastAPI, Response
from fastapi.responses import PlainTextResponse

BACKTRACKS = re.compile(r"(a+)+$")


class Planted:
    """What the routes share: a lock that the probe knows, and a search that holds the GIL for as long as one likes."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.letters = 10
        while self._seconds(1) < 0.001:
            self.letters += 1
        self._each = min(self._seconds(5) for _ in range(5)) / 5

    def hold_gil(self, seconds: float) -> None:
        """Search in vain for about so long. `list` and `map` run in C: nobody looks whether others want the GIL."""
        list(map(BACKTRACKS.match, ["a" * self.letters + "b"] * round(seconds / self._each)))

    def _seconds(self, times: int) -> float:
        texts = ["a" * self.letters + "b"] * times
        began = time.thread_time()
        list(map(BACKTRACKS.match, texts))
        return time.thread_time() - began


@asynccontextmanager
async def life(app: FastAPI) -> AsyncIterator[None]:
    """One token, so that a thread can be waited for."""
    anyio.to_thread.current_default_thread_limiter().total_tokens = 1
    app.state.planted = Planted()
    yield


app = FastAPI(lifespan=life)


@app.get("/plain")
async def plain() -> Response:
    """Nothing planted, on the loop."""
    return PlainTextResponse("ok")


@app.get("/thread")
def thread() -> Response:
    """Nothing planted, in a thread."""
    return PlainTextResponse("ok")


@app.get("/await")
async def awaiting(ms: float = 20) -> Response:
    """Its task is suspended."""
    await asyncio.sleep(ms / 1000)
    return PlainTextResponse("ok")


@app.get("/block")
async def block(ms: float = 20) -> Response:
    """The loop stands still: whoever comes meanwhile waits to be read."""
    time.sleep(ms / 1000)
    return PlainTextResponse("ok")


@app.get("/ready")
async def ready(ms: float = 20) -> Response:
    """Another callback goes first and blocks the loop, while this task is ready."""
    asyncio.get_running_loop().call_soon(time.sleep, ms / 1000)
    await asyncio.sleep(0)
    return PlainTextResponse("ok")


@app.get("/run")
def run(ms: float = 20) -> Response:
    """A thread computes."""
    end = time.thread_time() + ms / 1000
    while time.thread_time() < end:
        pass
    return PlainTextResponse("ok")


@app.get("/io")
def io(ms: float = 20) -> Response:
    """A thread stands still in the system."""
    time.sleep(ms / 1000)
    return PlainTextResponse("ok")


@app.get("/gil")
def gil(ms: float = 20) -> Response:
    """Another thread holds the GIL; this one has let go of it for a moment and wants it back."""
    planted: Planted = app.state.planted
    holder = threading.Thread(target=planted.hold_gil, args=(ms / 1000,))
    holder.start()
    time.sleep(0.001)
    holder.join()
    return PlainTextResponse("ok")


@app.get("/lock")
def lock(ms: float = 20) -> Response:
    """Another thread holds the lock."""
    planted: Planted = app.state.planted
    held = threading.Event()

    def hold() -> None:
        with planted.lock:
            held.set()
            time.sleep(ms / 1000)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait()
    with planted.lock:
        pass
    holder.join()
    return PlainTextResponse("ok")
