"""Raises a number that all requests share: read it, take a moment, write it."""

import asyncio
import time
from typing import Any


async def awaiting(shared: Any, lock: Any, increments: int, seconds: float) -> int:
    """Other coroutines run while this one awaits; without a lock they read the same number. Returns what was lost."""
    for _ in range(increments):
        async with lock:
            number = shared.number
            await asyncio.sleep(seconds)
            shared.number = number + 1
    return int(shared.lost)


def blocking(shared: Any, lock: Any, increments: int, seconds: float) -> int:
    """Other threads run while this one sleeps; without a lock they read the same number. Returns what was lost."""
    for _ in range(increments):
        with lock:
            number = shared.number
            time.sleep(seconds)
            shared.number = number + 1
    return int(shared.lost)
