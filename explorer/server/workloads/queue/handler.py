"""Requests produce, a few tasks consume. The queue between them evens out bursts, or holds producers back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request


async def job(request: Request) -> dict[str, str]:
    """Put an item into the queue, which waits while the queue is full; then await what becomes of it."""
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    await request.app.state.queue.put(done)
    await done
    return {"answer": "done"}


async def consume(app: FastAPI, number: int) -> None:
    """Take one item after the other and do its work, as long as so many consumers are wanted."""
    while number < app.state.settings.consumers:
        done = await app.state.queue.get()
        try:
            await app.state.run()
        except Exception as error:
            settle(done, error)
        else:
            settle(done, None)


def settle(done: asyncio.Future[None], error: Exception | None) -> None:
    """Tell who waits for the item; a client that gave up waits no more."""
    if done.done():
        return
    if error is None:
        done.set_result(None)
    else:
        done.set_exception(error)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Make the queue, an asyncio.Queue, and let the consumers run for as long as the app does."""
    app.state.queue = app.state.make_queue("queue", app.state.settings.maxsize)
    app.state.consumers = {}
    set_consumers(app, app.state.settings.consumers)
    try:
        yield
    finally:
        for consumer in app.state.consumers.values():
            consumer.cancel()


def set_consumers(app: FastAPI, wanted: int) -> None:
    """Start consumers until there are enough. Those that are too many end by themselves when their item is done."""
    consumers = app.state.consumers
    for number in range(wanted):
        if number not in consumers or consumers[number].done():
            consumers[number] = asyncio.create_task(consume(app, number))
