"""Waits for a set time, using no processor."""

import asyncio
import time


async def awaiting(seconds: float) -> None:
    """Sleep as a coroutine: only this request waits."""
    await asyncio.sleep(seconds)


def blocking(seconds: float) -> None:
    """Sleep as a thread: everything that needs this thread waits."""
    time.sleep(seconds)
