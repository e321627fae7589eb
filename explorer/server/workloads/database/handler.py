"""What the dispatch's handler does, and an answer of its own for a pool that stays dry."""

import inspect
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, HTTPException, Request
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from explorer.server.engines import dispose, prepare


async def job(request: Request) -> dict[str, str]:
    """Do the work, unless no connection comes back in time."""
    try:
        await request.app.state.run()
    except PoolTimeoutError:
        seconds = request.app.state.settings.pool_timeout
        raise HTTPException(503, f"No connection of the pool came back within {seconds:g} s.") from None
    return {"answer": "done"}


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Have a table to work on before the first request, and close all connections after the last."""
    work = app.state.work
    form = "awaiting" if inspect.iscoroutinefunction(work.func) else "blocking"
    await prepare(work.keywords["pool"], form)
    try:
        yield
    finally:
        await dispose()
