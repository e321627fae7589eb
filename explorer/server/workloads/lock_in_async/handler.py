"""The first of the requests at a time draws reports, the others make entries."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request

from explorer.server.books import Books, Seats


async def job(request: Request) -> dict[str, str | bool]:
    """Draw a report, or make an entry."""
    state = request.app.state
    seat = state.seats.take()
    try:
        report = await state.run(seat)
    finally:
        state.seats.leave(seat)
    state.books.add("reports" if report else "entries")
    return {"answer": "done", "report": report}


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the books."""
    app.state.seats = Seats()
    app.state.books = Books(app.state.make_counter, {"reports": "reports", "entries": "entries"})
    yield
