"""The rings of one process: made when first needed, lent to threads, used again.

Making a ring costs up to 6 ms, a thread may live for 3 ms: so rings outlive their holders. The count in a ring goes on
when it changes hands, nothing is reset; records name their own track.
"""

import threading
from collections import deque
from enum import Enum
from pathlib import Path
from typing import Final, TypeVar

from explorer.records import schema
from explorer.ring import layout, mapped
from explorer.ring.columns import Columns
from explorer.ring.mapped import RingError
from explorer.ring.requests import RequestRing
from explorer.ring.writer import Ring

Fixed = TypeVar("Fixed", Columns, RequestRing)


class SizeClass(Enum):
    """How large a ring is: capacity in bytes."""

    CONNECTION = 64 << 10  # a thread per connection: a few records
    POOL = 1 << 20  # pool threads and pool processes
    LOOP = 4 << 20  # event loops and the load: ten seconds of a busy server


_COLUMN_SLOTS: Final = 1 << 17
_REQUEST_ROWS: Final = 1 << 16
_KEPT_UNREAD: Final = 32
"""With this many idle rings of a class that no reader has drained, one of them is used rather than yet another made."""


class RingPool:
    """Lends rings to threads. Safe to call from any thread; raises RingError when there is no space for a ring."""

    def __init__(self, folder: Path, number: int) -> None:
        """Make rings in `folder` for the process with this number in the run, which begins their names."""
        self._folder = folder
        self._number = number
        self._made = 0
        self._lock = threading.Lock()
        self._idle: dict[SizeClass, deque[Ring]] = {size: deque() for size in SizeClass}
        self._size: dict[int, SizeClass] = {}
        self._idle_fixed: list[Columns | RequestRing] = []
        self._all: list[Ring | Columns | RequestRing] = []
        self._closed = False

    def lease(self, size: SizeClass, track: int) -> Ring:
        """A ring for the calling thread, which writes to `track`; after `close` one that nobody reads."""
        with self._lock:
            if self._closed:
                return Ring.detached()
            ring = self._idle_ring(size)
            if ring is None:
                capacity = size.value // schema.SIZE
                ring = Ring(mapped.create(self._next_path(), layout.RECORDS, capacity))
                self._size[id(ring)] = size
                self._all.append(ring)
        ring.take(track)
        return ring

    def give_back(self, ring: Ring) -> None:
        """The thread needs it no more. A ring that is not of this pool is ignored."""
        with self._lock:
            size = self._size.get(id(ring))
            if size is not None and ring not in self._idle[size]:
                ring.drop()
                self._idle[size].append(ring)

    def lease_columns(self, track: int) -> Columns:
        """A ring in columns for the event loop of the calling thread."""
        return self._lease_fixed(Columns, layout.COLUMNS, _COLUMN_SLOTS, track)

    def lease_requests(self, track: int) -> RequestRing:
        """A ring of requests for the protocols of the calling thread's loop."""
        return self._lease_fixed(RequestRing, layout.REQUESTS, _REQUEST_ROWS, track)

    def give_back_fixed(self, ring: Columns | RequestRing) -> None:
        """The loop is closed."""
        with self._lock:
            if ring in self._all and ring not in self._idle_fixed:
                ring.drop()
                self._idle_fixed.append(ring)

    def _lease_fixed(self, form: type[Fixed], number: int, capacity: int, track: int) -> Fixed:
        """A ring whose rows do not name a track, the header does: used again only when a reader has seen all of it."""
        with self._lock:
            if self._closed:
                raise RingError("The run is over; nothing more is recorded.")
            for ring in self._idle_fixed:
                if isinstance(ring, form) and ring.drained:
                    self._idle_fixed.remove(ring)
                    break
            else:
                ring = form(mapped.create(self._next_path(), number, capacity))
                self._all.append(ring)
        ring.take(track)
        return ring

    def close(self) -> None:
        """Mark all rings as finished and forget them. Who still holds one may go on writing into it."""
        with self._lock:
            self._closed = True
            for ring in self._all:
                ring.close()
            self._all.clear()
            self._size.clear()
            self._idle_fixed.clear()
            for idle in self._idle.values():
                idle.clear()

    def _idle_ring(self, size: SizeClass) -> Ring | None:
        idle = self._idle[size]
        for ring in idle:
            if ring.drained:
                idle.remove(ring)
                return ring
        return idle.popleft() if len(idle) >= _KEPT_UNREAD else None

    def _next_path(self) -> Path:
        self._made += 1
        return self._folder / f"{self._number}-{self._made}{layout.SUFFIX}"
