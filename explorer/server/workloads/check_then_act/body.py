"""Sells seats: check whether one is free, wait for the payment, take the seat."""

import asyncio


class Performance:
    """An evening with a number of seats, and the lock that may guard them."""

    def __init__(self, seats: int) -> None:
        self.free = seats
        self.lock = asyncio.Lock()


async def awaiting(performance: Performance, seconds: float, cure: str) -> bool:
    """Sell one seat. Returns whether there was one."""
    return await SALES[cure](performance, seconds)


async def as_written(performance: Performance, seconds: float) -> bool:
    """No other thread is there, and yet this is a race: at the await others check as well."""
    if performance.free < 1:
        return False
    await pay(seconds)
    performance.free -= 1
    return True


async def without_await_between(performance: Performance, seconds: float) -> bool:
    """Check and act with no await between: the loop runs nobody else meanwhile. Pay afterwards."""
    if performance.free < 1:
        return False
    performance.free -= 1
    await pay(seconds)
    return True


async def with_lock(performance: Performance, seconds: float) -> bool:
    """Whoever comes while somebody pays waits for the lock, and then checks what is true by then."""
    async with performance.lock:
        if performance.free < 1:
            return False
        await pay(seconds)
        performance.free -= 1
        return True


SALES = {"none": as_written, "no_await": without_await_between, "lock": with_lock}


async def pay(seconds: float) -> None:
    """The bank takes its time."""
    await asyncio.sleep(seconds)
