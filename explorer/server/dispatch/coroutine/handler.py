"""An async def that awaits: while this request waits, the loop serves others."""

from fastapi import Request


async def job(request: Request) -> dict[str, str]:
    """Await the work."""
    await request.app.state.work()
    return {"answer": "done"}
