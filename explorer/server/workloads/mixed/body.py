"""Python, a wait for I/O, Python again."""

import asyncio
import time


async def awaiting(loops: int, wait: float) -> None:
    """Compute, let others run while this request waits, compute."""
    compute(loops // 2)
    await asyncio.sleep(wait)
    compute(loops // 2)


def blocking(loops: int, wait: float) -> None:
    """Compute, stand still, compute."""
    compute(loops // 2)
    time.sleep(wait)
    compute(loops // 2)


def compute(loops: int) -> int:
    """Add up `loops` numbers."""
    total = 0
    for number in range(loops):
        total += number * number % 7
    return total
