"""Works at an update for a set time, using no processor."""

import asyncio
import time


async def awaiting(number: int, seconds: float) -> str:
    """Work as a coroutine: only this stream waits."""
    await asyncio.sleep(seconds)
    return f"update {number}"


def blocking(number: int, seconds: float) -> str:
    """Work as a thread: everything that needs this thread waits."""
    time.sleep(seconds)
    return f"update {number}"
