"""A register that reports are drawn from in threads, while coroutines make entries in it."""

import asyncio
import threading
import time


class Register:
    """What both need, with a lock for threads and one for tasks."""

    def __init__(self) -> None:
        self.entries = 0
        self.thread_lock = threading.Lock()
        self.task_lock = asyncio.Lock()


async def awaiting(seat: int, register: Register, hold: float, cured: bool) -> bool:
    """Whoever has seat 0 draws a report, the others make an entry. Returns whether it was a report."""
    report = seat == 0
    if cured:
        await (report_cured if report else enter_cured)(register, hold)
    else:
        await (report_as_written if report else enter_as_written)(register, hold)
    return report


async def report_as_written(register: Register, hold: float) -> None:
    """A thread draws the report and holds the lock meanwhile."""

    def draw() -> None:
        with register.thread_lock:
            time.sleep(hold)

    await asyncio.to_thread(draw)


async def enter_as_written(register: Register, hold: float) -> None:
    """While this waits for the lock its thread stands still, and that is the event loop's: nobody else is served."""
    with register.thread_lock:
        register.entries += 1


async def report_cured(register: Register, hold: float) -> None:
    """The task holds the lock while a thread draws the report."""
    async with register.task_lock:
        await asyncio.to_thread(time.sleep, hold)


async def enter_cured(register: Register, hold: float) -> None:
    """While this waits for the lock the loop serves others."""
    async with register.task_lock:
        register.entries += 1
