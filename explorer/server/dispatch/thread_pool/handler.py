"""A plain def: it runs in a worker thread, and tokens limit how many of those run at once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI, Request


def job(request: Request) -> dict[str, str]:
    """Do the work in a worker thread."""
    request.app.state.work()
    return {"answer": "done"}


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Set the number of tokens when the app starts; the limiter belongs to the event loop."""
    app.state.limiter = current_default_thread_limiter()
    set_tokens(app, app.state.knobs.tokens)
    yield


def set_tokens(app: FastAPI, tokens: int) -> None:
    """Change the number of tokens; also while requests run."""
    app.state.limiter.total_tokens = tokens
