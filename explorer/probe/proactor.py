"""Windows: what is traced of the proactor loop, the steps of tasks. Written with care and untried.

There the loop's I/O completes in the kernel, and its `_run_once` works with another selector. `loop.time` is replaced,
because it ticks in steps of 15.6 ms before Python 3.13.
"""

import asyncio
import sys
from time import perf_counter

from explorer.probe.step_loop import StepLoop

if sys.platform == "win32":

    class TracedProactorLoop(StepLoop, asyncio.ProactorEventLoop):
        """The proactor loop whose tasks time their steps."""

        def time(self) -> float:
            """The clock of all records."""
            return perf_counter()
