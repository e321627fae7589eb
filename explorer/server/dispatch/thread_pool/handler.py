"""A plain def: it runs in a worker thread, and tokens limit how many of those run at once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from anyio import CapacityLimiter
from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool

from explorer.server.loops import PerLoop


def job(request: Request) -> dict[str, str]:
    """Do the work in a worker thread."""
    request.app.state.work()
    return {"answer": "done"}


async def run(app: FastAPI, work: Any, *arguments: Any) -> Any:
    """Let a worker thread do the work, for handlers of another kind."""
    return await run_in_threadpool(work, *arguments)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Keep the limiters together: every event loop that serves has one of its own."""
    app.state.limiters = PerLoop[CapacityLimiter]()
    yield


async def begin_loop(app: FastAPI) -> None:
    """Set the number of tokens of the running event loop."""
    limiter = current_default_thread_limiter()
    app.state.limiters.add(limiter)
    limiter.total_tokens = app.state.knobs.tokens


def set_tokens(app: FastAPI, tokens: int) -> None:
    """Change the number of tokens of every event loop; also while requests run."""
    app.state.limiters.each(lambda limiter: setattr(limiter, "total_tokens", tokens))
