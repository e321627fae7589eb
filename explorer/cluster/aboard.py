"""What runs in a Dask worker beside the tasks: it answers what time it is.

Standard library only, as all that travels to workers of others.
"""

import time
from typing import Any, Final

CLOCK: Final = "explorer_clock"


def begin(worker: Any) -> None:
    """Take up work in this `distributed.Worker`; again is harmless."""
    worker.handlers[CLOCK] = clock


async def clock() -> int:
    """The worker's clock now, in ns. Answered by its event loop itself, so that the answer waits for no thread."""
    return time.perf_counter_ns()
