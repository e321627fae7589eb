"""Works at a message for a set time, using no processor, and gives it back as the answer."""

import asyncio
import time


async def awaiting(message: str | bytes, seconds: float) -> str | bytes:
    """Work as a coroutine: only this connection waits."""
    await asyncio.sleep(seconds)
    return message


def blocking(message: str | bytes, seconds: float) -> str | bytes:
    """Work as a thread: everything that needs this thread waits."""
    time.sleep(seconds)
    return message
