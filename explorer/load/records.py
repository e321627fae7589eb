"""What the load writes into its ring: a span for each request, seen from the client, for each new connection, and for
the time until a request was sent where that was not at once.

Without a run to join (`EXPLORER_RUN` unset) the same calls only number the requests.
"""

from typing import Final, Protocol

from explorer.probe.tracer import Tracer
from explorer.records.schema import CPU_NOT_TAKEN
from explorer.records.states import Flag, Kind, State
from explorer.ring.pool import SizeClass

NO_CPU: Final = CPU_NOT_TAKEN << 32
"""Argument of a span whose CPU time is not taken; the low half is or-ed in."""
LATE_NS: Final = 20_000
"""A request that was sent within this time of when it was due leaves no record of it: most are, and none of them need
cost the load a third record.
"""

_REQUEST: Final = int(Kind.CLIENT_REQUEST)
_CONNECT: Final = int(Kind.CONNECT)
_SEND_WAIT: Final = int(Kind.SEND_WAIT)
_AWAITING: Final = int(State.AWAITING)
_BLOCKED: Final = int(State.BLOCKED)
_QUEUED: Final = int(State.QUEUED)
_BEGIN: Final = int(Flag.BEGIN)
_COMPLETE: Final = int(Flag.COMPLETE)


class Records(Protocol):
    """Where requests are numbered and written down. Times are nanoseconds, `name` a number of `name()`."""

    def name(self, text: str) -> int:
        """The number of a name."""
        ...

    def next_request(self) -> int:
        """A number for the next request."""
        ...

    def begin(self, request: int, name: int, start: int) -> None:
        """A request is due."""
        ...

    def complete(self, request: int, name: int, start: int, end: int, status: int) -> None:
        """It has ended, with an HTTP status or one of `NO_ANSWER` and `ABANDONED`."""
        ...

    def connect(self, request: int, start: int, end: int) -> None:
        """A connection was opened for it."""
        ...

    def sent(self, request: int, intended: int, end: int, waited: bool) -> None:
        """It was due at `intended` and its bytes were written at `end`; `waited`: no connection was free."""
        ...

    def close(self) -> None:
        """Nothing more will come."""
        ...


class NoRecords:
    """Numbers requests from 1 and writes nothing."""

    def __init__(self) -> None:
        """Nothing numbered."""
        self._last = 0

    def name(self, text: str) -> int:
        """0: there are no names."""
        return 0

    def next_request(self) -> int:
        """1, 2, 3, …"""
        self._last += 1
        return self._last

    def begin(self, request: int, name: int, start: int) -> None:
        """Nothing."""

    def complete(self, request: int, name: int, start: int, end: int, status: int) -> None:
        """Nothing."""

    def connect(self, request: int, start: int, end: int) -> None:
        """Nothing."""

    def sent(self, request: int, intended: int, end: int, waited: bool) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


class RingRecords:
    """Writes into a ring of the run, on the process's track of requests."""

    def __init__(self, tracer: Tracer) -> None:
        """Take a ring of 4 MiB: with three records a request it holds a second of the fastest load."""
        self._tracer = tracer
        self._track = tracer.requests_track
        self._ring = tracer.lease(SizeClass.LOOP, self._track)
        self._write = self._ring.write
        self._connecting = tracer.name("connect")
        self._sending = tracer.name("send")

    def name(self, text: str) -> int:
        """The number of a name; the first use writes it down."""
        return self._tracer.name(text)

    def next_request(self) -> int:
        """A run-wide number for the next request."""
        return self._tracer.next_request()

    def begin(self, request: int, name: int, start: int) -> None:
        """A request is due."""
        self._write(start, 0, request, NO_CPU, name, self._track, _REQUEST, _AWAITING, 0, _BEGIN)

    def complete(self, request: int, name: int, start: int, end: int, status: int) -> None:
        """It has ended, with an HTTP status or one of `NO_ANSWER` and `ABANDONED`."""
        argument = NO_CPU | status
        self._write(start, end - start, request, argument, name, self._track, _REQUEST, _AWAITING, 0, _COMPLETE)

    def connect(self, request: int, start: int, end: int) -> None:
        """A connection was opened for it."""
        argument = NO_CPU | 1
        self._write(
            start, end - start, request, argument, self._connecting, self._track, _CONNECT, _BLOCKED, 1, _COMPLETE
        )

    def sent(self, request: int, intended: int, end: int, waited: bool) -> None:
        """It was due at `intended` and its bytes were written at `end`; what is too short to be listed is not told."""
        if end - intended >= LATE_NS:
            argument = NO_CPU | waited
            self._write(
                intended,
                end - intended,
                request,
                argument,
                self._sending,
                self._track,
                _SEND_WAIT,
                _QUEUED,
                1,
                _COMPLETE,
            )

    def close(self) -> None:
        """Give the ring back."""
        self._tracer.give_back(self._ring)
