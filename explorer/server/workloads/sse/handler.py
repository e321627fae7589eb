"""Server-sent events: one response that stays open, on which the server sends an update whenever it has one.

Every update has a number. A client whose connection broke comes back with the number of the last one that it has seen,
in the header `Last-Event-ID`, and gets the rest. When there is none left, 204 tells it not to come again.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Header, HTTPException, Request
from fastapi.sse import ServerSentEvent


async def last_seen(request: Request, last_event_id: Annotated[int, Header(ge=0)] = 0) -> int:
    """The number of the last update that the client has seen."""
    if last_event_id >= request.app.state.settings.events:
        raise HTTPException(204)
    return last_event_id


async def job(request: Request, seen: Annotated[int, Depends(last_seen)]) -> AsyncIterator[ServerSentEvent]:
    """Send the updates; a client that leaves ends this wherever it is."""
    state = request.app.state
    number = seen
    while number < state.settings.events:
        if number > seen:
            await asyncio.sleep(state.settings.interval)
        number += 1
        update = await state.run(number)
        yield ServerSentEvent(data=update, id=str(number))
