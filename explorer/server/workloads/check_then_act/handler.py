"""Sells a seat. When enough have asked for one performance, the next is on sale."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request

from explorer.server.books import Books
from explorer.server.workloads.check_then_act.body import Performance

NUMBERS = {"asked": "guests", "seats": "seats", "seats sold": "seats", "sold twice": "seats"}


async def job(request: Request) -> dict[str, str | bool]:
    """Sell a seat of the performance that is on sale."""
    state = request.app.state
    seats = state.settings.seats
    if state.asked % state.settings.guests == 0:
        state.performance = Performance(seats)
        state.books.add("seats", seats)
    state.asked += 1
    performance = state.performance
    sold = await state.run(performance)
    note(state.books, sold, performance.free)
    return {"answer": "done", "sold": sold}


def note(books: Books, sold: bool, free: int) -> None:
    """Write down what became of a request; a sale that leaves fewer than 0 seats free was of a seat that is taken."""
    books.add("asked")
    if sold:
        books.add("seats sold")
    if sold and free < 0:
        books.add("sold twice")


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the books."""
    state: Any = app.state
    state.books = Books(state.make_counter, NUMBERS)
    state.asked = 0
    yield
