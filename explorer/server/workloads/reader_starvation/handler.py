"""One request at a time is the writer, all others are readers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request

from explorer.server.books import Books, Seats

WRITER = 0


async def job(request: Request) -> dict[str, str | int]:
    """Read or write in a worker thread."""
    state = request.app.state
    seat = state.seats.take()
    try:
        edition = await state.run(seat == WRITER)
    finally:
        state.seats.leave(seat)
    state.books.add("written" if seat == WRITER else "read")
    return {"answer": "done", "part": "writer" if seat == WRITER else "reader", "edition": edition}


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the books."""
    app.state.seats = Seats()
    app.state.books = Books(app.state.make_counter, {"read": "times", "written": "times"})
    yield
