"""How often somebody may do something: a bucket of permits for each, filled at a steady rate, in bounded memory."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final

SLOTS: Final = 2_048
"""Of so many callers the buckets are kept; who has not come for the longest is forgotten, with a full bucket."""

Clock = Callable[[], float]
"""Seconds that only grow."""


class Limiter:
    """`rate` permits a second for each key, at most `burst` saved up."""

    def __init__(self, rate: float, burst: float, clock: Clock, slots: int = SLOTS) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._slots = slots
        self._buckets: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()  # permits, and when they were counted

    def take(self, key: Hashable) -> float:
        """Take a permit: 0 if there was one, else the seconds until there is."""
        now = self._clock()
        left, counted = self._buckets.pop(key, (self._burst, now))
        left = min(self._burst, left + (now - counted) * self._rate)
        wait = 0.0 if left >= 1.0 else (1.0 - left) / self._rate
        self._buckets[key] = (left - 1.0 if not wait else left), now
        while len(self._buckets) > self._slots:
            self._buckets.popitem(last=False)
        return wait

    def __len__(self) -> int:
        """How many callers are remembered."""
        return len(self._buckets)
