"""The open loop: requests are due at moments that do not depend on the server.

`Arrivals` says when the next one is due, evenly spaced or as a Poisson process, after a rate that may change. `Pacer`
issues each one when its moment has come. A late one keeps its moment, so that its latency contains the
delay (no coordinated omission), and how late it was is its send lag.
"""

import asyncio
from collections.abc import Callable
from math import inf
from random import Random
from typing import Final

from explorer.load.profile import Profile, Step
from explorer.load.share import WHOLE, Share
from explorer.load.wake.waker import Waker
from explorer.records.clock import Clock

AT_ONCE: Final = 64
"""So many late requests are issued before other work gets its turn: answers are read and reports sent also then."""


class Arrivals:
    """The moments (ns) at which requests are due; `due` is the next, inf if there is none."""

    def __init__(
        self, profile: Profile, start: int, random: Random | None, begin: int = 0, share: Share = WHOLE
    ) -> None:
        """`profile` is the rate per second over seconds since `start`; `random` makes it a Poisson process.

        What would have been due before `begin` (default: `start`) is left out. Of the whole that the profile speaks of
        only `share` is due here.
        """
        self._share = share
        self._profile = profile
        self._start = start
        self._random = random
        self.due: float = max(begin, start)
        self._since = 0.0
        self._amount = 0.0
        # The first of an even rate: those of the other parts come between this one's.
        self._go_on(share.index + 1.0)

    def next(self) -> None:
        """Go on to the moment after `due`."""
        if self.due != inf:
            self._go_on(float(self._share.of))

    def _go_on(self, even: float) -> None:
        # As much of the whole as all parts together send until this one's next.
        amount = self._share.of * self._random.expovariate(1.0) if self._random is not None else even
        self._wait((self.due - self._start) / 1e9, amount)

    def change(self, step: Step, now: int) -> None:
        """Change the rate. What was due before `now` stays due; of the next request as much has come as had before.

        A rate that is changed all the time, as by a slider, would else never come to its next request.
        """
        seconds = (now - self._start) / 1e9
        left = max(self._amount - self._profile.area(self._since, seconds), 0.0)
        self._profile.change(step)
        if self.due > now:
            self._wait(seconds, left)

    def _wait(self, seconds: float, amount: float) -> None:
        """The next request is due when the rate, summed from `seconds` on, has come to `amount`."""
        self._since, self._amount = seconds, amount
        # Floats hold nanoseconds of a run exactly to some months; the clock's own origin may lie further back.
        due = self._profile.advance(seconds, amount)
        self.due = self._start + round(due * 1e9) if due != inf else inf


class Pacer:
    """Calls `issue(due)` for each arrival when its moment has come, until `stop`."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        waker: Waker,
        arrivals: Arrivals,
        issue: Callable[[int], None],
        clock: Clock,
    ) -> None:
        """Nothing is issued before `start`. The pacer uses `waker` alone until `stop`."""
        self._loop = loop
        self._waker = waker
        self._arrivals = arrivals
        self._issue = issue
        self._clock = clock
        self._next: asyncio.Handle | None = None

    def start(self) -> None:
        """Go on from here; also after the arrivals have changed."""
        self.stop()
        self._turn()

    def stop(self) -> None:
        """Issue nothing more."""
        self._waker.cancel()
        if self._next is not None:
            self._next.cancel()
            self._next = None

    def _turn(self) -> None:
        arrivals, clock = self._arrivals, self._clock
        for _ in range(AT_ONCE):
            due = arrivals.due
            if due > clock():
                if due != inf:
                    self._waker.at(int(due), self._turn)
                return
            arrivals.next()
            self._issue(int(due))
        self._next = self._loop.call_soon(self._turn)
