"""Fetches something slowly and writes it down, with a lock around both or around the writing alone."""

import asyncio


class Page:
    """What is written to, and its lock."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.lock = asyncio.Lock()


async def awaiting(page: Page, seconds: float, cured: bool) -> None:
    """Fetch one line and write it."""
    await (await_first if cured else as_written)(page, seconds)


async def as_written(page: Page, seconds: float) -> None:
    """The lock sleeps with its holder, and every other request stands outside."""
    async with page.lock:
        line = await fetch(seconds)
        page.lines.append(line)


async def await_first(page: Page, seconds: float) -> None:
    """All fetch at the same time; the lock is held for the moment of writing."""
    line = await fetch(seconds)
    async with page.lock:
        page.lines.append(line)


async def fetch(seconds: float) -> str:
    """Another server takes its time to answer."""
    await asyncio.sleep(seconds)
    return "a line"
