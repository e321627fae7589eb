"""Gives each request a seat: the first is idle, the second urgent, the others are busy."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request

from explorer.server.books import Books, Seats
from explorer.server.workloads.priority_inversion.body import IDLE, URGENT

PARTS = {IDLE: "idle", URGENT: "urgent"}
NUMBERS = {
    "reports": "reports",
    "urgent looks": "looks",
    "the urgent one waited": "ms",
    "the idle one held the lock": "ms",
    "and computed meanwhile": "ms",
}


async def job(request: Request) -> dict[str, str | float]:
    """Play the part of the seat in a worker thread."""
    state = request.app.state
    seat = state.seats.take()
    try:
        turn = await state.run(seat)
    finally:
        state.seats.leave(seat)
    if seat == IDLE:
        state.books.add("reports")
        state.books.add("the idle one held the lock", turn.held * 1e3)
        state.books.add("and computed meanwhile", turn.computed * 1e3)
    elif seat == URGENT:
        state.books.add("urgent looks")
        state.books.write("the urgent one waited", turn.waited * 1e3)
    return {"answer": "done", "part": PARTS.get(seat, "busy"), "waited_ms": round(turn.waited * 1e3, 3)}


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the books."""
    app.state.seats = Seats()
    app.state.books = Books(app.state.make_counter, NUMBERS)
    yield
