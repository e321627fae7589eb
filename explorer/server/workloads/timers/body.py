"""Waits for a timer and tells how late it was."""

import asyncio
import time


async def awaiting(seconds: float) -> float:
    """Arm a timer of the loop. It is due at a set time, but it rings when the loop comes to it."""
    loop = asyncio.get_running_loop()
    due = loop.time() + seconds
    rung = loop.create_future()
    loop.call_at(due, ring, rung)
    await rung
    return loop.time() - due


def ring(rung: asyncio.Future[None]) -> None:
    """What the loop calls when the time has come."""
    if not rung.done():
        rung.set_result(None)


def blocking(seconds: float) -> float:
    """Let the system wake this thread. Nothing else needs to come to an end first, but the thread is taken up."""
    due = time.perf_counter() + seconds
    time.sleep(seconds)
    return time.perf_counter() - due
