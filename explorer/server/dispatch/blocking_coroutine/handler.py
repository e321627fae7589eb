"""An async def that never awaits: until it ends, the loop can serve nobody else."""

from typing import Any

from fastapi import FastAPI, Request


async def job(request: Request) -> dict[str, str]:
    """Do the work on the event loop's own thread."""
    request.app.state.work()
    return {"answer": "done"}


async def run(app: FastAPI, work: Any, *arguments: Any) -> Any:
    """Do the work at once, for handlers of another kind: the loop stands still meanwhile."""
    return work(*arguments)
