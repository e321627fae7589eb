"""Raises the shared number; the answer says how many updates have been lost so far."""

from fastapi import Request


async def job(request: Request) -> dict[str, str | int]:
    """Raise it in the way of the dispatch."""
    lost = await request.app.state.run()
    return {"answer": "done", "lost_updates": lost}
