"""What a window shows and when: every frame it painted, and how long the next one has been due.

The loop's lane says what the loop did. This lane says what the person in front of the window sees: as long as the loop
comes round in time, one frame after the other; when a callback holds the loop up, nothing but a wait that grows. The
wait needs nobody to report it: `due` puts it into the ring's header ahead of time, with the moment from which it
counts, and a reader shows it when that moment has passed.
"""

from typing import Final

from explorer.probe.tracer import Tracer
from explorer.records.schema import TIME_UNIT_NS, span_argument
from explorer.records.states import Flag, Kind, State, TrackKind
from explorer.ring.pool import SizeClass
from explorer.ring.writer import Ring

WAITS: Final = "waits for the loop"
FRAME: Final = "frame"


class Frames:
    """The frames of one window, on a lane of its own. Times are nanoseconds. Without a tracer nobody reads it."""

    def __init__(self, tracer: Tracer | None, title: str) -> None:
        """For the calling thread, which paints the window. `title` names the lane."""
        self._tracer = tracer
        self._ring = Ring.detached()
        self._wait = self._frame = 0
        self._free = 0
        if tracer is not None:
            self._wait, self._frame = tracer.name(WAITS), tracer.name(FRAME)
            self._ring = tracer.lease(SizeClass.POOL, tracer.declare(TrackKind.WINDOW, title))

    def due(self, at: int) -> None:
        """The next frame is due at `at`: from then on it waits."""
        self._ring.open(0, max(at, self._free), self._wait, 0, Kind.FRAME, State.QUEUED)

    def began(self, due: int, now: int) -> None:
        """The frame that was due at `due` gets its turn."""
        self._ring.shut(0)
        since = max(due, self._free)
        if now > since:
            self._write(since, now, self._wait, State.QUEUED, now - since)
            self._free = now

    def painted(self, start: int, end: int) -> None:
        """A frame was painted."""
        start = max(start, self._free)
        self._write(start, end, self._frame, State.RUNNING, 0)
        self._free = end

    def close(self) -> None:
        """The window shows no more."""
        self._ring.shut(0)
        if self._tracer is not None:
            self._tracer.give_back(self._ring)
            self._ring = Ring.detached()

    def _write(self, start: int, end: int, name: int, state: State, late: int) -> None:
        argument = span_argument(late // TIME_UNIT_NS)
        ring = self._ring
        ring.write(start, end - start, 0, argument, name, ring.track, Kind.FRAME, state, 0, Flag.COMPLETE)
