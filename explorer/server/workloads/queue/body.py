"""What a consumer does with an item."""

import asyncio
import time


async def awaiting(seconds: float) -> None:
    """Wait as a coroutine: other consumers go on."""
    await asyncio.sleep(seconds)


def blocking(seconds: float) -> None:
    """Stand still: on the loop's own thread the other consumers do so too, and whoever wants to put an item."""
    time.sleep(seconds)
