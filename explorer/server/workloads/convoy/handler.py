"""Counts the requests, since one in so many is a slow one, and writes a line for each."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request

from explorer.server.books import Books, Turns


async def job(request: Request) -> dict[str, str | bool]:
    """Write a line in a worker thread."""
    state = request.app.state
    slow = await state.run(state.turns.take())
    state.books.add("slow lines" if slow else "quick lines")
    return {"answer": "done", "slow": slow}


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the books."""
    app.state.turns = Turns()
    app.state.books = Books(app.state.make_counter, {"slow lines": "lines", "quick lines": "lines"})
    yield
