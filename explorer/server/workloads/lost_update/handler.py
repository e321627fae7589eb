"""Adds to the account; the answer says how often, and what is missing in it by now."""

from fastapi import Request


async def job(request: Request) -> dict[str, str | int]:
    """Add in a worker thread."""
    added = await request.app.state.run()
    number = request.app.state.work.keywords["account"].number
    return {"answer": "done", "added": added, "lost": number.lost}
