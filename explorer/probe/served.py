"""Which requests an app is being asked just now: what is done afterwards is done for none of them.

A task that a request starts bears its number for as long as it lives, which may be as long as the server: a consumer
of a queue, a pool's keeper. Its number counts while the app works for the request, background tasks included.
"""

import asyncio
from typing import Any, Final

from explorer.probe.tasks import current_request

Entry = int | asyncio.Task[Any]
"""A request by its number, or the task of a WebSocket, which works for one message after the other."""
NOBODY: Final = 0


class Served:
    """The requests of one process. Safe to use from any thread."""

    def __init__(self) -> None:
        self._requests: dict[int, int] = {}  # how often: a client may send a number twice
        self._talks: set[asyncio.Task[Any]] = set()

    def __contains__(self, request: int) -> bool:
        """Whether the app works for it."""
        if request in self._requests:
            return True
        return any(getattr(task, "request", NOBODY) == request for task in tuple(self._talks))

    def enter(self, websocket: bool) -> Entry:
        """The running task begins to ask the app."""
        if websocket:
            task = asyncio.current_task()
            if task is None:
                return NOBODY
            self._talks.add(task)
            return task
        request = current_request()
        if request:
            self._requests[request] = self._requests.get(request, 0) + 1
        return request

    def leave(self, entry: Entry) -> bool:
        """What `enter` gave is over. Returns whether nobody works for it any more."""
        if not isinstance(entry, int):
            self._talks.discard(entry)
            return False
        left = self._requests.get(entry, 0) - 1
        if left > 0:
            self._requests[entry] = left
            return False
        self._requests.pop(entry, None)
        return True
