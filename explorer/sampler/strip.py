"""One strip of what was seen: equal samples are one span, a change ends it and begins the next.

A span is written when it is over. One that lasts is announced by a `begin` before that, so that it is seen growing; a
short one needs none, since what has finished is drawn a moment later anyway.
"""

from typing import Final, NamedTuple

from explorer.records.schema import span_argument
from explorer.records.states import Flag, Kind, State
from explorer.ring.writer import Ring

ANNOUNCED_NS: Final = 5_000_000
"""A span that has lasted so long is announced at the next look: what a request's thread waited for must be known when
the request is over, not when the wait is.
"""


class Seen(NamedTuple):
    """What a sample shows: a state, the number of a name, and for the GIL the thread that holds it."""

    state: State
    name: int = 0
    holder: int = 0


class Strip:
    """Writes the spans of one track, all of one kind."""

    __slots__ = ("_announced", "_kind", "_ring", "_start", "_track", "_value", "seen")

    def __init__(self, ring: Ring, track: int, kind: Kind) -> None:
        self._ring = ring
        self._track = track
        self._kind = int(kind)
        self._start = self._value = 0
        self._announced = False
        self.seen: Seen | None = None
        """What the last sample showed; None: nothing."""

    def see(self, seen: Seen | None, now: int, value: int) -> None:
        """A sample at `now` (ns). `value` is the kind's own, see `explorer.records.states.Kind`."""
        if seen == self.seen:
            self._value = value
            if seen is not None and not self._announced and now - self._start >= ANNOUNCED_NS:
                self._announced = True
                self._ring.begin(self._start, 0, seen.name, self._track, self._kind, seen.state, 0, value)
            return
        self.end(now)
        self.seen = seen
        self._start, self._value = now, value

    def end(self, now: int) -> None:
        """Nothing is seen from `now` on."""
        seen, self.seen = self.seen, None
        self._announced = False
        if seen is not None:
            start, argument = self._start, span_argument(self._value)
            self._ring.write(
                start, now - start, 0, argument, seen.name, self._track, self._kind, seen.state, 0, Flag.COMPLETE
            )

    def close(self, now: int) -> None:
        """What the track stands for has ended."""
        self._ring.write(now, 0, 0, span_argument(), 0, self._track, Kind.THREAD, State.NONE, 0, Flag.END)
