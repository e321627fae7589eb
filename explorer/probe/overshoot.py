"""How much later than asked a sleeping thread goes on: what can be known of the GIL where nobody may look at it.

A thread that sleeps for 5 ms needs the GIL to go on. When others run Python code all the while it waits for it, up to
the switch interval (5 ms) and longer the more there are; without them it is late by the 0.1 ms that the system takes.
A busy processor makes it late as well, so that this figure says that the process is held up, not by what.
"""

import threading
from time import perf_counter_ns
from typing import TYPE_CHECKING, Final

from explorer.records.sampling import OVERSHOOT
from explorer.records.states import TrackKind
from explorer.ring.pool import SizeClass
from explorer.ring.writer import Ring

if TYPE_CHECKING:
    from explorer.probe.tracer import Tracer

SLEEP_S: Final = 0.005
PART: Final = 20
"""One sample of the counter (ms) is the mean of so many sleeps."""


def measure(tracer: "Tracer", over: threading.Lock) -> None:
    """Measure on the calling thread until `over` is released."""
    track = tracer.declare(TrackKind.COUNTER, OVERSHOOT, unit="ms")
    ring = tracer.lease(SizeClass.CONNECTION, track)
    try:
        _sleep(ring, track, over)
    finally:
        tracer.give_back(ring)


def _sleep(ring: Ring, track: int, over: threading.Lock) -> None:
    asked = int(SLEEP_S * 1e9)
    late = count = 0
    # Not time.sleep, which may be replaced by a recorded one; and this one can be ended.
    while True:
        begun = perf_counter_ns()
        ended = over.acquire(timeout=SLEEP_S)
        late += max(0, perf_counter_ns() - begun - asked)
        if ended:
            over.release()
            return
        count += 1
        if count == PART:
            ring.sample(track, late / count / 1e6)
            late = count = 0
