"""The clock of another host: how far it is from this one, and how well that is known.

A worker is asked for its time. When the answer took the time R from question to reply, its clock was read somewhere in
between: taking the middle errs by at most R/2, however unequal the two ways are. So of many questions the one with the
shortest R counts.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from explorer.cluster.aboard import CLOCK
from explorer.cluster.connection import AsyncClient

QUESTIONS: Final = 30
AGAIN: Final = 12
"""Questions when a clock is measured anew; each takes a moment of the worker's loop."""
LIMIT_S: Final = 2.0
DIRECT_LIMIT_S: Final = 1.0
"""Where the first answer of a worker has not come by then, there may be no direct way to it."""
DRIFT: Final = 10_000
"""Two clocks part by at most one ns in so many: twice what the crystals of ordinary machines do."""


@dataclass(frozen=True, slots=True)
class Offset:
    """`ahead_ns` is the other clock minus ours, wrong by at most `error_ns`."""

    ahead_ns: int
    error_ns: int

    def here(self, there_ns: int) -> int:
        """A moment of the other clock on ours."""
        return there_ns - self.ahead_ns

    def later(self, age_ns: int) -> "Offset":
        """What is known of it `age_ns` after it was measured: the two clocks have gone on, not quite alike."""
        return Offset(self.ahead_ns, self.error_ns + age_ns // DRIFT)

    def there(self, here_ns: int) -> int:
        """A moment of our clock on the other."""
        return here_ns + self.ahead_ns


async def measure(
    ask: Callable[[], Awaitable[int]],
    questions: int = QUESTIONS,
    clock: Callable[[], int] = time.perf_counter_ns,
    limit_s: float = LIMIT_S,
) -> Offset:
    """The offset of the clock that `ask` reads (ns). Raises `TimeoutError` if nothing is answered within the limit."""
    best: Offset | None = None
    try:
        async with asyncio.timeout(limit_s):
            for _ in range(questions):
                before = clock()
                there = await ask()
                after = clock()
                error = (after - before + 1) // 2
                if best is None or error < best.error_ns:
                    best = Offset(there - (before + after) // 2, error)
    except TimeoutError:
        if best is None:
            raise
    assert best is not None
    return best


class Clocks:
    """The clocks of a client's workers: all are asked at once, so that none waits for one that does not answer.

    A worker is asked directly, or through the scheduler where there is no direct way, which is remembered.
    """

    def __init__(self, client: AsyncClient) -> None:
        self._client = client
        self._indirect: set[str] = set()

    async def measure(self, workers: Iterable[str], questions: int = QUESTIONS) -> dict[str, Offset]:
        """The offsets of those that answer within `LIMIT_S`."""
        names = list(workers)
        found = await asyncio.gather(*(self._measure(name, questions) for name in names))
        return {name: offset for name, offset in zip(names, found, strict=True) if offset is not None}

    async def follow(self, known: Mapping[str, Offset], age_ns: int, questions: int = AGAIN) -> dict[str, Offset]:
        """The offsets of all in `known`, measured so long ago, once more.

        One that is busy answers late or not at all: then what is known, with what it may have drifted since, may still
        be the better word.
        """
        old = {name: offset.later(age_ns) for name, offset in known.items()}
        new = await self.measure(old, questions)
        return {name: min(new.get(name, each), each, key=lambda offset: offset.error_ns) for name, each in old.items()}

    async def _measure(self, worker: str, questions: int) -> Offset | None:
        try:
            if worker not in self._indirect:
                try:
                    return await self._ask_directly(worker, questions)
                except OSError:
                    found = await measure(self._through_scheduler(worker), questions, limit_s=LIMIT_S - DIRECT_LIMIT_S)
                    # Only now: one that is busy answers neither way.
                    self._indirect.add(worker)
                    return found
            return await measure(self._through_scheduler(worker), questions)
        except (OSError, KeyError):  # it is busy, or has gone
            return None

    async def _ask_directly(self, worker: str, questions: int) -> Offset:
        direct = self._client.rpc(worker)

        async def ask() -> int:
            return int(await getattr(direct, CLOCK)())

        try:
            return await measure(ask, questions, limit_s=DIRECT_LIMIT_S)
        finally:
            await direct.close_rpc()

    def _through_scheduler(self, worker: str) -> Callable[[], Awaitable[int]]:
        async def ask() -> int:
            told = await self._client.run(time.perf_counter_ns, workers=[worker])
            return int(told[worker])

        return ask
