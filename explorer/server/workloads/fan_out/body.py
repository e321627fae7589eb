"""Starts many awaits at once and ends with the slowest."""

import asyncio


async def awaiting(awaits: int, seconds: float, spread: float) -> None:
    """Await all of them: together they take as long as the slowest, not as long as their sum."""
    async with asyncio.TaskGroup() as group:
        for number in range(awaits):
            faster = spread * number / max(awaits - 1, 1)
            group.create_task(one(seconds * (1 - faster)))


async def one(seconds: float) -> None:
    """One of the things that a request waits for: a query, a call of another server."""
    await asyncio.sleep(seconds)
