"""A burst: so many requests, all due at the same moment.

They are issued in slices, so that answers are read meanwhile, and no faster than `MOST_UNDER_WAY` allows: a million
requests need not all exist at once. Whenever one is issued, its latency counts from the moment of the burst.
"""

import asyncio
from typing import Final

from explorer.load.arrivals import AT_ONCE
from explorer.load.client import Client
from explorer.load.pool import Pool

MOST_UNDER_WAY: Final = 25_000
LOOK_AGAIN_S: Final = 0.002


class Burst:
    """`left` requests that were due at `due` (ns) and have not been issued."""

    def __init__(self, client: Client, pool: Pool, count: int, due: int) -> None:
        """Nothing is issued before `start`."""
        self._client = client
        self._pool = pool
        self._due = due
        self._next: asyncio.Handle | None = None
        self.left = count

    def start(self) -> None:
        """Issue the first slice now, the others as the loop gets round to it."""
        client = self._client
        room = MOST_UNDER_WAY - client.in_flight
        for _ in range(min(self.left, AT_ONCE, room)):
            self.left -= 1
            client.issue(self._pool, self._due)
        if self.left:
            loop = client.loop
            self._next = loop.call_soon(self.start) if room > 0 else loop.call_later(LOOK_AGAIN_S, self.start)

    def stop(self) -> None:
        """Issue nothing more."""
        self.left = 0
        if self._next is not None:
            self._next.cancel()
            self._next = None
