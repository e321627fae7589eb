"""Runs of the garbage collector, as spans.

The collector's callback may come at any allocation, also in the middle of a ring's `write`: so it only appends to
a deque, and the event loop writes the records between two iterations. Short runs of the youngest generation happen
hundreds of times a second and explain nothing; they are left out.
"""

import gc
from collections import deque
from time import perf_counter_ns
from typing import Any, Final

from explorer.probe.recorder import Recorder
from explorer.probe.tasks import current_request
from explorer.records.schema import span_argument
from explorer.records.states import Flag, Kind, State
from explorer.ring.writer import Ring

_SHORT_NS: Final = 100_000
_DEPTH: Final = 2  # above a callback (0) and a traced call (1)
_MOST_PENDING: Final = 10_000
NAME: Final = "garbage collection"


class CollectorWatch:
    """Notes runs of the garbage collector of this process in `pending` until `drain` writes them."""

    def __init__(self, tracer: Recorder) -> None:
        """Begin to watch."""
        self._tracer = tracer
        self._name = tracer.name(NAME)
        self._begun = 0
        self.pending: deque[tuple[int, int, int, int, int]] = deque(maxlen=_MOST_PENDING)
        gc.callbacks.append(self._seen)

    def stop(self) -> None:
        """Watch no longer. What is pending stays."""
        if self._seen in gc.callbacks:
            gc.callbacks.remove(self._seen)

    def drain(self, ring: Ring) -> None:
        """Write what is pending to the calling thread's ring; each span lies on its own thread's track."""
        while self.pending:
            try:
                track, begun, ended, generation, request = self.pending.popleft()
            except IndexError:  # another loop's thread took it
                return
            argument = span_argument(generation)
            duration = ended - begun
            ring.write(
                begun, duration, request, argument, self._name, track, Kind.GC, State.RUNNING, _DEPTH, Flag.COMPLETE
            )

    def _seen(self, phase: str, info: dict[str, Any]) -> None:
        now = perf_counter_ns()
        if phase == "start":
            self._begun = now
        elif self._begun and (info["generation"] > 0 or now - self._begun >= _SHORT_NS):
            # Whoever makes the object that is one too many pays for all.
            request = self._tracer.working_for() or current_request()
            self.pending.append((self._tracer.current_track(), self._begun, now, info["generation"], request))
