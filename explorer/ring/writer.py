"""The writing end of a ring: one thread, one cursor, no waiting.

The cursor is the head in the ring itself and is read anew for every record. Keeping it in a variable would be cheaper
and wrong: whatever runs between two records of one function (a nested call, a destructor) may write to the same ring,
and a cached cursor then overwrites what was written there. The order inside `write` matters for the same reason it
matters in any single-writer queue: first the record, then the head, so that a reader never sees a count that promises
more than is there. A record also carries the low half of its own number; a reader that finds another number there
looked at a slot while it was being replaced.

What may interrupt `write` itself (signal handlers, garbage collector callbacks) must not use the ring: it would begin a
record inside a record. Such things go to a deque that somebody drains later.
"""

import ctypes
import mmap
import struct
import threading
import time
from typing import ClassVar, Final, Self

from explorer.records import schema
from explorer.records.states import Flag, Kind, State
from explorer.ring import layout
from explorer.ring.mapped import write_header

_pack_into: Final = schema.RECORD.pack_into
_SIZE: Final = schema.SIZE
_HEADER: Final = layout.HEADER_SIZE
_HEAD: Final = layout.WORD_HEAD
_OPEN: Final = layout.OPEN_FIRST
_OPEN_WORDS: Final = layout.OPEN_WORDS
_U32: Final = schema.U32
_U64: Final = schema.U64
_LIMITS: Final = tuple(256 ** struct.calcsize(code) - 1 for _, code in schema.FIELDS)
_DETACHED_CAPACITY: Final = 16


class Header:
    """The header of a mapped ring: who holds it and which spans are open. Base of all forms."""

    __slots__ = ("_words", "buffer", "capacity", "form", "name", "request", "track")
    _form: ClassVar[int]

    def __init__(self, buffer: mmap.mmap | bytearray) -> None:
        """Take hold of a ring that `explorer.ring.mapped` made."""
        self.buffer = buffer
        self._words = memoryview(buffer)[:_HEADER].cast("Q")
        self.capacity = self._words[layout.WORD_CAPACITY]
        self.form = self._words[layout.WORD_LAYOUT]
        self.track = 0
        self.name = 0  # what the holder is called in records, once somebody has asked; 0: not yet
        self.request = 0  # what the holder is working for; kept here because every record of the holder needs it

    @classmethod
    def detached(cls) -> Self:
        """A ring that nobody reads, for a probe that lost its real one: everything works, nothing is kept."""
        size = layout.data_size(cls._form, _DETACHED_CAPACITY)
        buffer = bytearray(_HEADER + size)
        write_header(buffer, cls._form, _DETACHED_CAPACITY)
        return cls(buffer)

    @property
    def head(self) -> int:
        """How many records (slots of columns: reserved) were ever written."""
        return self._words[_HEAD]

    @property
    def drained(self) -> bool:
        """Whether a reader has seen everything."""
        return self._words[layout.WORD_TAIL] >= self._words[_HEAD]

    def take(self, track: int) -> None:
        """Note the calling thread as holder, writing to `track`."""
        words = self._words
        for word in range(_OPEN, _OPEN + layout.OPEN_SLOTS * _OPEN_WORDS):
            words[word] = 0
        words[layout.WORD_LOCK] = 0
        self.track = words[layout.WORD_TRACK] = track
        self.request = self.name = 0
        words[layout.WORD_TID] = threading.get_native_id()
        words[layout.WORD_THREAD_STATE] = _thread_state()
        words[layout.WORD_LEASES] += 1

    def drop(self) -> None:
        """Note that nobody holds it. What was open is not open any more."""
        words = self._words
        for word in range(_OPEN, _OPEN + layout.OPEN_SLOTS * _OPEN_WORDS, _OPEN_WORDS):
            words[word] = 0
        words[layout.WORD_TID] = words[layout.WORD_THREAD_STATE] = words[layout.WORD_LOCK] = 0

    def close(self) -> None:
        """Note that nothing more will come. The memory goes with the last reference."""
        self.drop()
        self._words[layout.WORD_CLOSED] = time.perf_counter_ns()

    def open(self, level: int, start: int, name: int, request: int, kind: int, state: int) -> None:
        """Show a span as open at depth `level` (0–7) since `start`, which is written last: it makes the rest valid."""
        words = self._words
        word = _OPEN + level * _OPEN_WORDS
        words[word + 1] = name
        words[word + 2] = request
        words[word + 3] = kind << 8 | state
        words[word] = start

    def shut(self, level: int) -> None:
        """The span at depth `level` is over."""
        self._words[_OPEN + level * _OPEN_WORDS] = 0

    def wait_for_lock(self, since: int) -> None:
        """The holder waits for a lock since then (ns); 0: it does no more."""
        self._words[layout.WORD_LOCK] = since


class Ring(Header):
    """A ring of records with one writing thread."""

    __slots__ = ()
    _form = layout.RECORDS

    def write(
        self,
        start: int,
        duration: int,
        request: int,
        argument: int,
        name: int,
        track: int,
        kind: int,
        state: int,
        depth: int,
        flags: int,
    ) -> None:
        """Append one record (fields of `explorer.records.schema`). Never waits, never raises; overwrites the oldest.

        A value that does not fit its field is cut to the field's bounds.
        """
        words = self._words
        head = words[_HEAD]
        place = _HEADER + head % self.capacity * _SIZE
        sequence = head & _U32
        try:
            _pack_into(
                self.buffer, place, start, duration, request, argument, name, track, sequence, kind, state, depth, flags
            )
        except struct.error:
            values = (start, duration, request, argument, name, track, sequence, kind, state, depth, flags)
            fitting = (min(max(int(value), 0), limit) for value, limit in zip(values, _LIMITS, strict=True))
            _pack_into(self.buffer, place, *fitting)
        words[_HEAD] = head + 1

    def begin(
        self, start: int, request: int, name: int, track: int, kind: int, state: int, depth: int = 0, value: int = 0
    ) -> None:
        """Say that a span has begun, before what it describes can block. Its `COMPLETE` replaces this record."""
        self.write(start, 0, request, schema.span_argument(value), name, track, kind, state, depth, Flag.BEGIN)

    def instant(self, time_ns: int, request: int, name: int, track: int, kind: int, state: int = State.NONE) -> None:
        """Mark a moment."""
        self.write(time_ns, 0, request, schema.span_argument(), name, track, kind, state, 0, Flag.INSTANT)

    def sample(self, track: int, value: float, time_ns: int = 0) -> None:
        """A counter's value, now unless `time_ns` says when."""
        argument = schema.counter_argument(value)
        moment = time_ns or time.perf_counter_ns()
        self.write(moment, 0, 0, argument, 0, track, Kind.COUNTER, State.NONE, 0, Flag.INSTANT)


def _find_thread_state() -> "ctypes._NamedFuncPointer | None":
    try:
        function = ctypes.pythonapi.PyThreadState_Get
    except AttributeError:  # another implementation of Python
        return None
    function.restype = ctypes.c_void_p
    function.argtypes = ()
    return function


_thread_state_function: Final = _find_thread_state()


def _thread_state() -> int:
    """Address of the calling thread's PyThreadState: what a GIL holder read from outside is compared with."""
    return 0 if _thread_state_function is None else int(_thread_state_function() or 0)
