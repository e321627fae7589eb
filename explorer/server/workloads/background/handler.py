"""Answers first; FastAPI calls the background task when the answer has been sent."""

from fastapi import BackgroundTasks, Request


async def job(request: Request, background: BackgroundTasks) -> dict[str, str]:
    """Leave the work for later."""
    background.add_task(request.app.state.run)
    return {"answer": "done"}
