"""A plain def: it runs in a worker thread, and tokens limit how many of those run at once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool


def job(request: Request) -> dict[str, str]:
    """Do the work in a worker thread."""
    request.app.state.work()
    return {"answer": "done"}


async def run(app: FastAPI, work: Any, *arguments: Any) -> Any:
    """Let a worker thread do the work, for handlers of another kind."""
    return await run_in_threadpool(work, *arguments)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Set the number of tokens when the app starts; the limiter belongs to the event loop."""
    app.state.limiter = current_default_thread_limiter()
    set_tokens(app, app.state.knobs.tokens)
    yield


def set_tokens(app: FastAPI, tokens: int) -> None:
    """Change the number of tokens; also while requests run."""
    app.state.limiter.total_tokens = tokens
