"""What a pacer needs to be woken on time, and the choice of how."""

import asyncio
import sys
from collections.abc import Callable
from typing import Protocol

from explorer.load.wake.turns import Turns
from explorer.records.clock import Clock


class Waker(Protocol):
    """Calls back once, at a moment; a new moment replaces the one before."""

    def at(self, moment: int, callback: Callable[[], object]) -> None:
        """Call `callback` from the loop as soon as the clock shows `moment` (ns), never before."""
        ...

    def cancel(self) -> None:
        """Forget the moment."""
        ...

    def close(self) -> None:
        """Let go of what the system gave."""
        ...


def waker(loop: asyncio.AbstractEventLoop, clock: Clock) -> Waker:
    """The best that this system has."""
    if sys.platform == "linux":
        from explorer.load.wake.timer_fd import TimerFd

        try:
            return TimerFd(loop)
        except OSError:  # no descriptor left, or a sandbox without timerfd
            pass
    return Turns(loop, clock)
