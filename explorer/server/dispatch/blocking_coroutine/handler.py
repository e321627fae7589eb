"""An async def that never awaits: until it ends, the loop can serve nobody else."""

from fastapi import Request


async def job(request: Request) -> dict[str, str]:
    """Do the work on the event loop's own thread."""
    request.app.state.work()
    return {"answer": "done"}
