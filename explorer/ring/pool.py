"""The rings of one process: made when first needed, lent to threads, used again.

Making a ring costs up to 6 ms, a thread may live for 3 ms: so rings outlive their holders. The count in a ring goes on
when it changes hands, nothing is reset; records name their own track.

Where each connection has a thread there may be five hundred at once and two hundred a second: their rings are small,
few are kept for those to come, and what is more than that is closed, so that a crowd leaves no memory behind. But as
long as there are only a few they share the whole machine, each may be fast, and they get rings with room for that.
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

AnyRing = Ring | Columns | RequestRing
Form = TypeVar("Form", Ring, Columns, RequestRing)


class SizeClass(Enum):
    """How large a holder's rings are: bytes of its ring of records; of columns and requests see `_CAPACITY`."""

    CONNECTION = 64 << 10  # a thread per connection: a few records
    POOL = 1 << 20  # pool threads and pool processes
    LOOP = 4 << 20  # event loops and the load: ten seconds of a busy server


_CAPACITY: Final = {
    (layout.COLUMNS, SizeClass.LOOP): 1 << 17,
    (layout.REQUESTS, SizeClass.LOOP): 1 << 16,
    (layout.COLUMNS, SizeClass.CONNECTION): 1 << 11,
    (layout.REQUESTS, SizeClass.CONNECTION): 1 << 10,
}
_FEW: Final = 16
_FACTOR: Final = 4
"""A process's first `_FEW` rings of a connection have so many times the room."""
_KEPT: Final = 32
"""So many idle rings of a class are kept. If no reader has drained any of these, a ring of records is used as it is
rather than yet another made."""

Shelf = tuple[int, SizeClass]
"""Rings of one form and size class."""


class RingPool:
    """Lends rings to threads. Safe to call from any thread; raises RingError when there is no space for a ring."""

    def __init__(self, folder: Path, number: int) -> None:
        """Make rings in `folder` for the process with this number in the run, which begins their names."""
        self._folder = folder
        self._number = number
        self._made = 0
        self._roomy: dict[Shelf, int] = {}
        self._lock = threading.Lock()
        self._idle: dict[Shelf, deque[AnyRing]] = {}
        self._shelves: dict[AnyRing, Shelf] = {}  # of all rings, idle or not
        self._closed = False

    def lease(self, size: SizeClass, track: int) -> Ring:
        """A ring for the calling thread, which writes to `track`; after `close` one that nobody reads."""
        with self._lock:
            if self._closed:
                return Ring.detached()
            ring = self._idle_ring(Ring, (layout.RECORDS, size)) or self._make(Ring, (layout.RECORDS, size))
        ring.take(track)
        return ring

    def lease_columns(self, track: int, size: SizeClass = SizeClass.LOOP) -> Columns:
        """A ring in columns for the event loop of the calling thread."""
        return self._lease_fixed(Columns, (layout.COLUMNS, size), track)

    def lease_requests(self, track: int, size: SizeClass = SizeClass.LOOP) -> RequestRing:
        """A ring of requests for the protocols of the calling thread's loop."""
        return self._lease_fixed(RequestRing, (layout.REQUESTS, size), track)

    def lend(self, size: SizeClass) -> Path:
        """The file of a new ring of records for a writer that maps it by itself; it is never given back.

        After `close` it raises RingError as well.
        """
        with self._lock:
            if self._closed:
                raise RingError("The run is over; nothing more is recorded.")
            self._make(Ring, (layout.RECORDS, size))
            return self._path()

    def give_back(self, ring: AnyRing) -> None:
        """The thread, or the loop, needs it no more. A ring that is not of this pool is ignored."""
        with self._lock:
            shelf = self._shelves.get(ring)
            if shelf is None:
                return
            idle = self._idle.setdefault(shelf, deque())
            if ring in idle:
                return
            if len(idle) >= _KEPT:
                del self._shelves[ring]
                ring.close()
                return
            ring.drop()
            idle.append(ring)

    def _lease_fixed(self, form: type[Form], shelf: Shelf, track: int) -> Form:
        """A ring whose rows do not name a track, the header does: used again only when a reader has seen all of it."""
        with self._lock:
            if self._closed:
                raise RingError("The run is over; nothing more is recorded.")
            ring = self._idle_ring(form, shelf) or self._make(form, shelf)
        ring.take(track)
        return ring

    def close(self) -> None:
        """Mark all rings as finished and forget them. Who still holds one may go on writing into it."""
        with self._lock:
            self._closed = True
            for ring in self._shelves:
                ring.close()
            self._shelves.clear()
            self._idle.clear()

    def _idle_ring(self, form: type[Form], shelf: Shelf) -> Form | None:
        idle = self._idle.get(shelf, ())
        for ring in idle:
            if isinstance(ring, form) and ring.drained:
                self._idle[shelf].remove(ring)
                return ring
        if form is Ring and len(idle) >= _KEPT:
            ring = self._idle[shelf].popleft()
            return ring if isinstance(ring, form) else None
        return None

    def _make(self, form: type[Form], shelf: Shelf) -> Form:
        number, size = shelf
        capacity = _CAPACITY.get(shelf, size.value // schema.SIZE)
        if size is SizeClass.CONNECTION and self._roomy.setdefault(shelf, 0) < _FEW:
            self._roomy[shelf] += 1
            capacity *= _FACTOR
        self._made += 1
        ring = form(mapped.create(self._path(), number, capacity))
        self._shelves[ring] = shelf
        return ring

    def _path(self) -> Path:
        """The file of the ring that was made last."""
        return self._folder / f"{self._number}-{self._made}{layout.SUFFIX}"
