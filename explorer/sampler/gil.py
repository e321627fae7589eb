"""Who holds the GIL of one process, read from its memory: two or three words, 1 µs each, without stopping anybody.

The process has said where its interpreter keeps the holder's PyThreadState and the word behind it that is 1 while the
GIL is held (`explorer.probe.gil`). From the PyThreadState the holder's native thread id is read. The two readings are
not one: a thread may end in between and its memory be given to something else. So what is no possible thread id counts
as a holder that is not known.

The memory is read through `/proc/PID/mem`, opened once: it goes on to mean this process even if its number is given to
another.
"""

import os
import struct
from typing import Final

from explorer.records.states import Kind, State, TrackKind
from explorer.ring.writer import Ring
from explorer.sampler.headers import Header
from explorer.sampler.strip import Seen, Strip
from explorer.sampler.subject import Sampled
from explorer.sampler.thread_names import UNKNOWN
from explorer.sampler.vitals import Declarer

_HOLDER: Final = struct.Struct("=QI")
_WORD: Final = struct.Struct("=Q")
_LARGEST_TID: Final = 1 << 22
_NO_RINGS: Final[list[Header]] = []


class GilGone(Exception):
    """The process has ended."""


class GilLane:
    """Samples the holder of one process's GIL into a lane of its own."""

    def __init__(self, tracer: Declarer, ring: Ring, process: Sampled) -> None:
        """Raises OSError (PermissionError) when its memory may not be read, `GilGone` when it has ended."""
        assert process.finding is not None
        self._tracer = tracer
        self._process = process
        self._address = int(process.finding["holder"])
        self._native_id = int(process.finding["native_id"])
        self._seen: dict[int, Seen] = {}
        self._memory = os.open(f"/proc/{process.pid}/mem", os.O_RDONLY | os.O_CLOEXEC)
        try:
            self._held()
        except BaseException:
            os.close(self._memory)
            raise
        track = tracer.declare(TrackKind.GIL, "GIL", pid=process.pid)
        self._strip = Strip(ring, track, Kind.GIL_HELD)

    @property
    def holder(self) -> int:
        """Native id of the thread that held it when it was last looked at; 0: nobody, or it is not known."""
        seen = self._strip.seen
        return seen.holder if seen is not None else 0

    def sample(self, now: int) -> None:
        """Look once. Raises `GilGone`."""
        tid = self._held()
        seen = None
        if tid is not None:
            seen = self._seen.get(tid) or self._name(tid)
        self._strip.see(seen, now, seen.holder if seen is not None else 0)

    def forget_names(self) -> None:
        """Threads may be called otherwise by now."""
        self._seen.clear()

    def pause(self, now: int) -> None:
        """Nothing is looked at for a while."""
        self._strip.end(now)

    def close(self, now: int) -> None:
        """Nothing is looked at any more."""
        self._strip.end(now)
        self._strip.close(now)
        os.close(self._memory)

    def _held(self) -> int | None:
        """Native id of the thread that holds the GIL, 0 if that is not known; None: nobody does."""
        data = os.pread(self._memory, _HOLDER.size, self._address)
        if len(data) < _HOLDER.size:
            raise GilGone
        state, locked = _HOLDER.unpack(data)
        if not locked:
            return None
        try:
            word = os.pread(self._memory, 8, state + self._native_id)
        except (OSError, OverflowError):  # its thread has just ended
            return 0
        tid = int(_WORD.unpack(word)[0]) if len(word) == 8 else 0
        return tid if tid < _LARGEST_TID else 0

    def _name(self, tid: int) -> Seen:
        process = self._process
        name = process.names.short(tid, process.rings.get(tid, _NO_RINGS))
        if name == UNKNOWN and tid:  # the thread may be younger than the last look at the rings
            process.look_closely()
            name = process.names.short(tid, process.rings.get(tid, _NO_RINGS))
        seen = Seen(State.RUNNING, self._tracer.name(name), tid)
        if name != UNKNOWN:
            self._seen[tid] = seen
        return seen
