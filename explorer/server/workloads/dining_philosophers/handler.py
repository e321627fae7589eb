"""Gives each request a seat that is free, for one meal."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request

from explorer.server.books import Books, Seats


async def job(request: Request) -> dict[str, str | int]:
    """Dine in a worker thread."""
    state = request.app.state
    seat = state.seats.take()
    try:
        await state.run(seat)
    finally:
        state.seats.leave(seat)
    state.books.add("meals")
    return {"answer": "done", "seat": seat}


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the books."""
    app.state.seats = Seats()
    app.state.books = Books(app.state.make_counter, {"meals": "meals"})
    yield
