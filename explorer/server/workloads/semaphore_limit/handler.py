"""Asks the database; whom it turns away is answered with 503."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, HTTPException, Request
from sqlalchemy.exc import TimeoutError as TurnedAway

from explorer.server.books import Books
from explorer.server.engines import dispose, prepare

NUMBERS = {"requests served": "requests", "requests turned away": "requests"}


async def job(request: Request) -> dict[str, str | int]:
    """Ask, unless no connection comes back in time."""
    state = request.app.state
    try:
        found = await state.run()
    except TurnedAway:
        state.books.add("requests turned away")
        raise HTTPException(503, f"No connection came back within {state.settings.patience:g} s.") from None
    state.books.add("requests served")
    return {"answer": "done", "sum": found}


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Have a table to ask before the first request, and close all connections after the last."""
    app.state.books = Books(app.state.make_counter, NUMBERS)
    await prepare(app.state.work.keywords["database"].pool, "awaiting")
    try:
        yield
    finally:
        await dispose()
