"""Requests produce; one thread consumes for as long as the app lives."""

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request

from explorer.server.books import Books
from explorer.server.workloads.producer_consumer.body import consume

NUMBERS = {"items put": "items", "items taken": "items", "items in the queue": "items", "time in the queue": "s"}


async def job(request: Request) -> dict[str, str | int]:
    """Produce one item in a worker thread."""
    state = request.app.state
    length = await state.run()
    state.books.add("items put")
    state.books.write("items in the queue", length)
    return {"answer": "done", "items_in_the_queue": length}


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Let the consumer work."""
    books = app.state.books = Books(app.state.make_counter, NUMBERS)
    belt = app.state.work.keywords["belt"]

    def took(age: float, length: int) -> None:
        books.add("items taken")
        books.write("time in the queue", age)
        books.write("items in the queue", length)

    arguments = (belt, app.state.settings.consume, took)
    consumer = threading.Thread(target=consume, args=arguments, name="consumer", daemon=True)
    consumer.start()
    try:
        yield
    finally:
        belt.closed.set()
