"""The work goes to an interpreter of a pool, a thread with a GIL of its own; the loop awaits the result."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request


async def job(request: Request) -> dict[str, str]:
    """Let another interpreter do the work."""
    state = request.app.state
    await asyncio.get_running_loop().run_in_executor(state.interpreters, state.work)
    return {"answer": "done"}


async def run(app: FastAPI, work: Any, *arguments: Any) -> Any:
    """Let another interpreter do the work, for handlers of another kind."""
    return await asyncio.get_running_loop().run_in_executor(app.state.interpreters, work, *arguments)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Start the interpreters with the app, end them with the app."""
    app.state.interpreters = await app.state.make_interpreters(app.state.knobs.interpreters)
    try:
        yield
    finally:
        app.state.interpreters.shutdown(wait=False, cancel_futures=True)
