"""The clock of another host: how far it is from this one, and how well that is known.

A worker is asked for its time. When the answer took the time R from question to reply, its clock was read somewhere in
between: taking the middle errs by at most R/2, however unequal the two ways are. So of many questions the one with the
shortest R counts.
"""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from explorer.cluster.aboard import CLOCK
from explorer.cluster.connection import AsyncClient

QUESTIONS: Final = 30
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
    ask: Callable[[], Awaitable[int]], questions: int = QUESTIONS, clock: Callable[[], int] = time.perf_counter_ns
) -> Offset:
    """The offset of the clock that `ask` reads (ns)."""
    best: Offset | None = None
    for _ in range(questions):
        before = clock()
        there = await ask()
        after = clock()
        error = (after - before + 1) // 2
        if best is None or error < best.error_ns:
            best = Offset(there - (before + after) // 2, error)
    assert best is not None
    return best


async def measure_worker(client: AsyncClient, worker: str, questions: int = QUESTIONS) -> Offset:
    """The offset of a worker's clock, asked directly, or through the scheduler where there is no direct way."""
    direct = client.rpc(worker)

    async def ask() -> int:
        return int(await getattr(direct, CLOCK)())

    async def ask_through_scheduler() -> int:
        told = await client.run(time.perf_counter_ns, workers=[worker])
        return int(told[worker])

    try:
        return await measure(ask, questions)
    except OSError:
        return await measure(ask_through_scheduler, questions)
    finally:
        await direct.close_rpc()
