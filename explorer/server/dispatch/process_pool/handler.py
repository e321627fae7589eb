"""The work goes to a process of a pool, which has a GIL of its own; the loop awaits the result."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request


async def job(request: Request) -> dict[str, str]:
    """Let another process do the work."""
    state = request.app.state
    await asyncio.get_running_loop().run_in_executor(state.pool, state.work)
    return {"answer": "done"}


async def run(app: FastAPI, work: Any, *arguments: Any) -> Any:
    """Let another process do the work, for handlers of another kind."""
    return await asyncio.get_running_loop().run_in_executor(app.state.pool, work, *arguments)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Start the pool with the app, end it with the app: a pool left to itself outlives a server that is terminated."""
    app.state.pool = await app.state.make_pool(app.state.knobs.processes)
    try:
        yield
    finally:
        app.state.pool.shutdown(wait=False, cancel_futures=True)
