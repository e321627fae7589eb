"""Fetches a line and writes it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request

from explorer.server.books import Books


async def job(request: Request) -> dict[str, str]:
    """Fetch and write."""
    await request.app.state.run()
    request.app.state.books.add("lines")
    return {"answer": "done"}


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the books."""
    app.state.books = Books(app.state.make_counter, {"lines": "lines"})
    yield
