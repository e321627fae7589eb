"""One connection to the server, whatever is spoken over it: what its pool may ask for and what it tells the pool.

No task, no future, no queue: asyncio calls the protocol, the protocol tells the pool how a request ended, and the pool
sends the next request at once. That is what makes tens of thousands of requests a second possible on one core. A
connection carries one request at a time. One file per way of speaking: `http`, `event_source`, `websocket`.
"""

import asyncio
from typing import TYPE_CHECKING, cast

from explorer.load.request import Request

if TYPE_CHECKING:
    from explorer.load.pool import Pool


class Connection(asyncio.Protocol):
    """A connection of a pool. `usable`: it can take a request; `answers`: how many it has brought.

    `kind` says which requests it can take: those of routes of the same kind.
    """

    __slots__ = ("_pool", "_transport", "answers", "kind", "request", "usable")

    def __init__(self, pool: "Pool", kind: str) -> None:
        """A connection that is being opened for `pool`."""
        self._pool = pool
        self.kind = kind
        self.request: Request | None = None
        self.answers = 0
        self.usable = False
        self._transport: asyncio.Transport | None = None

    # What the pool asks for

    def begin(self, request: Request, started: int) -> None:
        """The connection is new, its opening began at `started` (ns): say so when it stands, and send its request."""
        self._pool.client.connected(request, started)
        self.send(request)

    def send(self, request: Request) -> None:
        """Write a request; the connection must be usable and without one."""
        raise NotImplementedError

    def leave(self) -> None:
        """The connection is not needed any more, and nothing is under way on it: take leave as its protocol wants."""
        self.retire()

    def retire(self) -> None:
        """Close; nothing more is told to the pool. Bytes under way are thrown away."""
        self.usable = False
        self.request = None
        if self._transport is not None:
            self._transport.abort()

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection stands."""
        self._transport = cast(asyncio.Transport, transport)
        self.usable = True

    def eof_received(self) -> None:
        """The server closes; asyncio closes our side in return."""
        self.usable = False
