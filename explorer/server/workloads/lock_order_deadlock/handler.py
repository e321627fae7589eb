"""Gives each request a seat: those with an even one transfer from A to B, the others from B to A."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request

from explorer.server.books import Books, Seats

NUMBERS = {"transfers": "transfers", "begun again": "times"}


async def job(request: Request) -> dict[str, str | int]:
    """Transfer in a worker thread."""
    state = request.app.state
    seat = state.seats.take()
    try:
        again = await state.run(seat)
    finally:
        state.seats.leave(seat)
    state.books.add("transfers")
    state.books.add("begun again", again)
    return {"answer": "done", "begun_again": again}


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the books."""
    app.state.seats = Seats()
    app.state.books = Books(app.state.make_counter, NUMBERS)
    yield
