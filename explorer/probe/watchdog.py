"""A thread that looks twenty times a second whether the event loop stands at one callback, and at which line of source.

A loop that is blocked cannot say so, and its records tell which callback it was, not where in it. So another thread of
the process looks: a callback that has not ended from one look to the next has its stack read, and the innermost line of
code that is nobody's library is written down as a STACK record, which grows while the loop stands there. Code that
keeps the GIL all the while (a long call into C that does not let go of it) keeps this thread from looking as well; then
there is no line, and the callback's own name must do.

The same thread tells of clients that do not take what they are sent (`Tracer.paused`): a wait for one may have no end,
so that nobody else would ever write it down.

A look takes some 10 µs and the GIL once; it costs an observed process 0.03 % of a core.
"""

import logging
import os
import sys
import sysconfig
import threading
from pathlib import Path
from time import perf_counter_ns
from types import FrameType
from typing import Final

from explorer.probe.locks.places import place_of
from explorer.probe.tracer import Tracer
from explorer.records.schema import span_argument
from explorer.records.states import Flag, Kind, State, TrackKind
from explorer.ring.columns import Columns
from explorer.ring.pool import SizeClass
from explorer.ring.writer import Ring

LOOK_S: Final = 0.05
TELL_NS: Final = 500_000_000
"""What goes on is told of so often."""
SLOW_CLIENT_NS: Final = 200_000_000
_FAR: Final = 256
"""Callbacks of one iteration that are looked through."""
_DEEP: Final = 200
_LIBRARIES: Final = tuple(
    {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")} | {"<frozen"}
)
_OURS: Final = str(Path(__file__).resolve().parents[1])
_SHOWN: Final = tuple(str(Path(_OURS) / "server" / name) for name in ("workloads", "dispatch"))

logger: Final = logging.getLogger(__name__)


def _is_library(file: str) -> bool:
    """Whether a file is Python's or a package's. In a frozen program they lie sealed, and have no folder."""
    sealed = getattr(sys, "frozen", False) and not os.path.isabs(file)
    return sealed or file.startswith(_LIBRARIES)


def running(columns: Columns) -> int:
    """The number of the callback that a loop is at, from 1; 0 while it is at none."""
    head, capacity, ends = columns.head, columns.capacity, columns.end
    reach = min(head, capacity // 2, _FAR)
    if not reach:
        return 0
    # What has ended has a later end than anything of the lap before.
    latest = max(range(reach), key=lambda back: ends[(head - 1 - back) % capacity])
    if not ends[(head - 1 - latest) % capacity]:
        return 1  # nothing has ever ended
    return 0 if latest == 0 else head - latest + 1


def where(frame: FrameType | None) -> str:
    """The line that a stack stands at: "folder/file.py:12 in function", of the app's code if there is any in it."""
    found = innermost = ""
    for _ in range(_DEEP):
        if frame is None or found:
            break
        code = frame.f_code
        line = f"{place_of(code.co_filename, frame.f_lineno)} in {code.co_name}"
        if not code.co_filename.startswith(_OURS) or code.co_filename.startswith(_SHOWN):
            innermost = innermost or line
            if not _is_library(code.co_filename):
                found = line
        frame = frame.f_back
    return found or innermost


class Watchdog:
    """Watches the loop of the calling thread from a thread of its own until `stop`."""

    def __init__(self, tracer: Tracer, columns: Columns | None) -> None:
        """`columns` is where the loop writes; without it only slow clients are told of."""
        self._tracer = tracer
        self._columns = columns
        self._watched = threading.get_ident()
        self._over = threading.Lock()
        self._at = 0
        self._line = ""
        self._since = self._told = 0
        self._clients: dict[int, int] = {}  # of those that are told of, up to when
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to look."""
        self._over.acquire()
        thread = threading.Thread(target=self._run, name="explorer: watchdog", daemon=True)
        try:
            thread.start()
        except (RuntimeError, MemoryError) as error:
            logger.warning("Nobody looks where the event loop stands: %s", error)
        else:
            self._thread = thread

    def stop(self) -> None:
        """End the thread."""
        thread, self._thread = self._thread, None
        if thread is not None and thread.is_alive():
            self._over.release()
            thread.join(1.0)

    def _run(self) -> None:
        tracer = self._tracer
        ring = tracer.lease(SizeClass.CONNECTION, tracer.declare(TrackKind.COUNTER, "watchdog"))
        try:
            while not self._over.acquire(timeout=LOOK_S):
                self.look(ring, perf_counter_ns())
        except Exception as error:  # whatever fails here, the observed process goes on
            logger.warning("Nobody looks any more where the event loop stands: %s: %s", type(error).__name__, error)
        finally:
            tracer.give_back(ring)

    def look(self, ring: Ring, now: int) -> None:
        """Look once."""
        at = running(self._columns) if self._columns is not None else 0
        if at and at == self._at:
            line = where(sys._current_frames().get(self._watched))
            if line != self._line:
                self._tell(ring)
                self._line, self._since = line, self._told or now - int(LOOK_S * 1e9)
            self._told = now
            if now - self._since >= TELL_NS:
                self._tell(ring)
        else:
            self._tell(ring)
            self._at, self._line, self._told = at, "", 0
        self._look_at_clients(ring, now)

    def _tell(self, ring: Ring) -> None:
        if self._line and self._told > self._since:
            self._write(ring, Kind.STACK, self._since, self._told, 0, self._tracer.name(self._line))
            self._since = self._told

    def _look_at_clients(self, ring: Ring, now: int) -> None:
        paused = self._tracer.paused
        if not paused and not self._clients:
            return
        waiting = dict(paused)
        self._clients = {key: until for key, until in self._clients.items() if key in waiting}
        for key, (since, request, name) in waiting.items():
            until = self._clients.get(key, since)
            if now - since >= SLOW_CLIENT_NS and now - until >= SLOW_CLIENT_NS:
                self._write(ring, Kind.DRAIN_WAIT, until, now, request, name)
                self._clients[key] = now

    def _write(self, ring: Ring, kind: Kind, start: int, end: int, request: int, name: int) -> None:
        track, flag = self._tracer.requests_track, Flag.COMPLETE
        ring.write(start, end - start, request, span_argument(), name, track, kind, State.BLOCKED, 0, flag)
