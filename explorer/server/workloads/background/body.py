"""What is left to do when the answer has been sent."""

import asyncio
import time


async def awaiting(seconds: float) -> None:
    """Send a mail as a coroutine: the loop serves others meanwhile."""
    await asyncio.sleep(seconds)


def blocking(seconds: float) -> None:
    """Send a mail as a thread: on the loop's own, everybody waits, though this request has been answered."""
    time.sleep(seconds)
