"""An async def that awaits: while this request waits, the loop serves others."""

from typing import Any

from fastapi import FastAPI, Request


async def job(request: Request) -> dict[str, str]:
    """Await the work."""
    await request.app.state.work()
    return {"answer": "done"}


async def run(app: FastAPI, work: Any, *arguments: Any) -> Any:
    """Await the work, for handlers of another kind."""
    return await work(*arguments)
