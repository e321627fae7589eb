"""The sessions on the timeline: each a track with its statements as spans and, inside them, its waits.

A statement begins with an open slot, as in `explorer.probe.database`; a wait begins with a record as soon as the server
has reported it. Without a tracer nothing is written.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from explorer.probe.statements import statement_name
from explorer.probe.tracer import Tracer
from explorer.records.clock import now_ns
from explorer.records.schema import span_argument
from explorer.records.states import Flag, Kind, State, TrackKind
from explorer.ring.pool import SizeClass

_INSIDE = 1


class Spans:
    """What the lab's child writes into its rings. Sessions write their statements, the conductor the waits."""

    def __init__(self, tracer: Tracer | None) -> None:
        self._tracer = tracer
        self._tracks: dict[str, int] = {}

    def session_begins(self, name: str) -> None:
        """The calling thread is session `name` from now on."""
        tracer = self._tracer
        if tracer is not None:
            # Sessions come and go with the runs: those of a connection's size take up the track of the one before.
            size = SizeClass.CONNECTION
            track = self._tracks[name] = tracer.lane(TrackKind.SESSION, f"session {name}", size)
            tracer.bind_thread(size, track)

    def session_ends(self) -> None:
        """The calling thread is a session no more."""
        if self._tracer is not None:
            self._tracer.unbind_thread()

    @contextmanager
    def statement(self, sql: str) -> Iterator[None]:
        """The calling session runs this statement meanwhile."""
        if self._tracer is None:
            yield
            return
        ring, name = self._tracer.thread_ring(), self._tracer.name(statement_name(sql))
        start = now_ns()
        ring.open(0, start, name, 0, Kind.STATEMENT, State.BLOCKED)
        try:
            yield
        finally:
            ring.shut(0)
            duration = now_ns() - start
            ring.write(
                start, duration, 0, span_argument(), name, ring.track, Kind.STATEMENT, State.BLOCKED, 0, Flag.COMPLETE
            )

    def wait_begins(self, session: str, since: int, words: str) -> None:
        """The conductor has learned at `since` that a session waits."""
        tracer = self._tracer
        if tracer is not None and session in self._tracks:
            name, ring = tracer.name(words), tracer.thread_ring()
            track = self._tracks[session]
            ring.begin(since, 0, name, track, Kind.STATEMENT, State.WAITING_LOCK, _INSIDE, 0)

    def wait_ends(self, session: str, since: int, until: int, words: str) -> None:
        """It waits no more."""
        tracer = self._tracer
        if tracer is not None and session in self._tracks:
            name, ring = tracer.name(words), tracer.thread_ring()
            track = self._tracks[session]
            ring.write(
                since, until - since, 0, span_argument(), name, track,
                Kind.STATEMENT, State.WAITING_LOCK, _INSIDE, Flag.COMPLETE,
            )  # fmt: skip
