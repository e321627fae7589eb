"""Waking by the loop's own timers, which are good to a millisecond: sleep until `AHEAD_NS` before the moment, then take
turns with the loop's other work until it has come.

Works everywhere. From a thousand moments a second on it keeps a core busy all the time.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from explorer.records.clock import Clock

AHEAD_NS: Final = 1_000_000


class Turns:
    """A waker that needs nothing but an event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, clock: Clock) -> None:
        """No moment is set."""
        self._loop = loop
        self._clock = clock
        self._next: asyncio.Handle | None = None

    def at(self, moment: int, callback: Callable[[], object]) -> None:
        """Call `callback` as soon as the clock shows `moment`."""
        self.cancel()
        self._turn(moment, callback)

    def cancel(self) -> None:
        """Forget the moment."""
        if self._next is not None:
            self._next.cancel()
            self._next = None

    def close(self) -> None:
        """Nothing is held."""
        self.cancel()

    def _turn(self, moment: int, callback: Callable[[], object]) -> None:
        ahead = moment - self._clock()
        if ahead > AHEAD_NS:
            self._next = self._loop.call_later((ahead - AHEAD_NS) / 1e9, self._turn, moment, callback)
        elif ahead > 0:
            self._next = self._loop.call_soon(self._turn, moment, callback)
        else:
            self._next = self._loop.call_soon(callback)
