"""The reading end of a ring, for all forms: what is new as an array of records, what was lost as a number.

A reader never stops a writer, so that a slot may be replaced while it is being copied. Three rules make the result
exact all the same. Copy first, then read the head again: every slot that the writer may have reached in the meantime is
thrown away and counted as lost. A record must carry its own number. The reader's own position only moves by what it has
either returned or counted; so `read + lost == written` holds whenever the writer rests.

Columns (`explorer.ring.columns`) become records here: one per callback, and one SELECT before the first of an
iteration. They are counted in callbacks: a SELECT is another view of the same slot. Their start is the end before them,
which is why one slot more than the lost ones goes with a gap.
"""

import mmap
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from explorer.records import schema
from explorer.records.clock import now_ns
from explorer.records.states import Flag, Kind, State
from explorer.ring import layout
from explorer.ring.mapped import RingError, map_file

Array = npt.NDArray[Any]

_DTYPES: Final = {"Q": "<u8", "d": "<f8", "I": "<u4", "B": "u1"}
RECORD: Final = np.dtype([(name, _DTYPES[code]) for name, code in schema.FIELDS])
"""The record as NumPy sees it, derived from the same list as the writer's struct."""
REQUEST: Final = np.dtype([(name, _DTYPES[code]) for name, code in layout.REQUEST_FIELDS])

NOTHING: Final = np.empty(0, RECORD)
_POLLED: Final = (Kind.STEP, Kind.CALLBACK)
_OF_ITERATION: Final = (layout.COLUMN_WAKE, layout.COLUMN_START)
SETTLED_NS: Final = 50_000
_TIMES: Final = (layout.COLUMN_END, layout.COLUMN_STAMP, *_OF_ITERATION)
_ENDS_FIRST: Final = sorted(range(layout.COLUMN_COUNT), key=lambda column: column != layout.COLUMN_END)


@dataclass(frozen=True, slots=True)
class Loss:
    """`count` records were overwritten unread; they lay between `start` and `end` (ns; start may be 0: unknown)."""

    count: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class OpenSlot:
    """A span that the writer shows as open. Numbers are the writing process's own.

    `value` is the kind's own as in a record, as far as it is known: of a callback how long it waited.
    """

    track: int
    depth: int
    start: int
    name: int
    request: int
    kind: Kind
    state: State
    value: int = 0


class RingReader:
    """Reads one ring. Not safe to share between threads; `poll` on an idle ring costs about a microsecond."""

    def __init__(self, buffer: "mmap.mmap | bytearray | Path", name: str = "ring") -> None:
        """Read from a mapped file, any other writable buffer of the same form, or a path."""
        if isinstance(buffer, Path):
            name = buffer.name
            descriptor = os.open(buffer, os.O_RDWR)
            try:
                buffer = map_file(descriptor, os.fstat(descriptor).st_size)
            finally:
                os.close(descriptor)
        self.name = name
        self._buffer = buffer
        words = memoryview(buffer)[: layout.HEADER_SIZE].cast("Q")
        if words[layout.WORD_MAGIC] != layout.MAGIC:
            raise RingError(f"{name} is not a ring; leave only rings in that folder.")
        if words[layout.WORD_VERSION] != layout.VERSION:
            raise RingError(
                f"{name} was written by another version of Concurrency Explorer; use the same on both ends."
            )
        self._words = words
        slots = words[layout.OPEN_FIRST : layout.OPEN_FIRST + layout.OPEN_SLOTS * layout.OPEN_WORDS]
        self._open_starts = slots[:: layout.OPEN_WORDS]
        self.pid = words[layout.WORD_PID]
        self.form = words[layout.WORD_LAYOUT]
        self.capacity = capacity = words[layout.WORD_CAPACITY]
        self.read = 0
        self.lost = 0
        self._position = 0
        self._last_end = 0
        self._gap = False  # when the slot before this reader's position ended is not known
        self._losses: list[Loss] = []
        if self.form == layout.RECORDS:
            self._records = np.frombuffer(buffer, RECORD, capacity, layout.HEADER_SIZE)
        elif self.form == layout.REQUESTS:
            self._records = np.frombuffer(buffer, REQUEST, capacity, layout.HEADER_SIZE)
        else:
            count = layout.COLUMN_COUNT
            flat = np.frombuffer(buffer, "<u8", capacity * count, layout.HEADER_SIZE)
            self._columns = flat.reshape(count, capacity)
            self._times = self._columns.view("<f8")
            first = layout.HEADER_SIZE + layout.COLUMN_END * capacity * 8
            self._ends = memoryview(buffer)[first : first + capacity * 8].cast("d")

    @property
    def track(self) -> int:
        """Track of the present (or last) holder."""
        return self._words[layout.WORD_TRACK]

    @property
    def tid(self) -> int:
        """Native thread id of the present holder, 0 = nobody."""
        return self._words[layout.WORD_TID]

    @property
    def closed(self) -> bool:
        """Whether the writing process said that nothing more will come."""
        return self._words[layout.WORD_CLOSED] != 0

    @property
    def written(self) -> int:
        """Records (callbacks) written so far. In columns what is reserved and not yet finished does not count."""
        head = self._words[layout.WORD_HEAD]
        if self.form != layout.COLUMNS:
            return head
        return self._position + self._finished(self._position, head)

    def take_losses(self) -> list[Loss]:
        """The losses since the last call."""
        losses, self._losses = self._losses, []
        return losses

    def poll(self) -> Array:
        """New records, (n,) of RECORD, in the order written. Names, tracks and requests are the writer's numbers."""
        head = self._words[layout.WORD_HEAD]
        if head == self._position:
            return NOTHING
        if self.form != layout.COLUMNS:
            return self._poll_records(head)
        # A callback that runs for long is polled many times: one comparison tells that it still runs.
        fresh = head - self._position < self.capacity
        if fresh and int(self._ends[self._position % self.capacity] * 1e9 + 0.5) < max(self._last_end, 1):
            return NOTHING
        return self._poll_columns(head)

    def open_spans(self) -> list[OpenSlot]:
        """What is open now: the header's open slots, and in columns the callback that is running."""
        words = self._words
        found = []
        track = words[layout.WORD_TRACK]
        if self.form == layout.COLUMNS:
            running = self._running(track)
            if running is not None:
                found.append(running)
        # All starts at once: most threads of a pool are idle, and all are asked at every poll.
        for level, start in enumerate(self._open_starts.tolist()):
            # What begins later is a wait that its writer announced: nobody waits yet.
            if start == 0 or start > now_ns():
                continue
            word = layout.OPEN_FIRST + level * layout.OPEN_WORDS
            name, request, both = words[word + 1], words[word + 2], words[word + 3]
            if words[word] == start:
                found.append(OpenSlot(track, level, start, name, request, Kind(both >> 8), State(both & 0xFF)))
        return found

    def close(self) -> None:
        """Let go of the file."""
        self._open_starts.release()
        self._words.release()
        if self.form == layout.COLUMNS:
            self._ends.release()
            del self._columns, self._times
        else:
            del self._records
        if isinstance(self._buffer, mmap.mmap):
            try:
                self._buffer.close()
            except BufferError:  # a caller still holds a view; the map goes with it
                pass

    def _poll_records(self, head: int) -> Array:
        position, capacity = self._position, self.capacity
        first = max(position, head - capacity)
        rows = _copy(self._records, first % capacity, head - first)
        if self.form == layout.REQUESTS:
            rows = self._as_records(rows, first)
        # The writer may be inside the record `head` now, which lies where `head - capacity` lay.
        safe = max(first, min(self._words[layout.WORD_HEAD] + 1 - capacity, head))
        rows = rows[safe - first :]
        expected = (np.arange(safe, head, dtype=np.uint64) & schema.U32).astype(np.uint32)
        torn = rows["sequence"] != expected
        if torn.any():
            rows = rows[~torn]
        lost = head - position - len(rows)
        if lost:
            self._lose(lost, int(rows["start"][0]) if len(rows) else self._last_end)
        if len(rows):
            self._last_end = int(rows["start"][-1] + rows["duration"][-1])
        self.read += len(rows)
        self._position = self._words[layout.WORD_TAIL] = head
        return rows

    def _as_records(self, requests: Array, first: int) -> Array:
        """The rows of a ring of requests from number `first` on, as records."""
        count = len(requests)
        complete = requests["end"] != 0
        begun = _ns(requests["start"])
        rows = np.zeros(count, RECORD)
        rows["start"] = begun
        rows["duration"] = np.where(complete, np.maximum(_ns(requests["end"]), begun) - begun, 0)
        rows["request"] = requests["request"]
        rows["argument"] = requests["word"] >> np.uint64(layout.STATUS_SHIFT) | np.uint64(schema.CPU_NOT_TAKEN << 32)
        rows["name"] = requests["word"] & np.uint64(layout.NAME_OF_WORD)
        rows["track"] = self._words[layout.WORD_TRACK]
        rows["sequence"] = np.arange(first, first + count, dtype=np.uint64) & schema.U32
        rows["kind"] = Kind.REQUEST
        rows["state"] = State.RUNNING
        rows["flags"] = np.where(complete, Flag.COMPLETE, Flag.BEGIN)
        return rows

    def _lose(self, count: int, until: int) -> None:
        self.lost += count
        self._losses.append(Loss(count, self._last_end, max(until, self._last_end)))

    def _finished(self, position: int, head: int) -> int:
        """How many of the slots from `position` on are finished, lost ones included."""
        first = max(position, head - self.capacity)
        ends = _ns(_copy(self._times[layout.COLUMN_END], first % self.capacity, head - first))
        return first - position + _leading(ends, self._end_before(first))

    def _end_before(self, first: int) -> int:
        """No slot from `first` on has ended before that; 0 where a gap lies before it, and it has ended for certain."""
        known = first == self._position and not self._gap
        return max(self._last_end, self._words[layout.WORD_OPENED]) if known else 0

    def _poll_columns(self, head: int) -> Array:
        position, capacity = self._position, self.capacity
        first = max(position, head - capacity)
        block = np.empty((layout.COLUMN_COUNT, head - first), np.uint64)
        # Ends first: of a slot whose end says that it is finished, all other columns have been written. In any other
        # order a callback that ends while the copy is made would bring along the tag or stamp of the lap before.
        for at in _ENDS_FIRST:
            of_times = at in _TIMES
            column = _copy((self._times if of_times else self._columns)[at], first % capacity, head - first)
            block[at] = _ns(column) if of_times else column
        base = self._end_before(first)
        finished = _leading(block[layout.COLUMN_END], base)
        # How many were ready in the last iteration: up to the head, unless the head already speaks of another one.
        until = head
        if (
            0 < finished < head - first
            and block[layout.COLUMN_WAKE, finished] >= block[layout.COLUMN_END, finished - 1]
        ):
            until = first + finished
        # Slots are reserved before they are written, but for wake and start of the first one of an iteration.
        safe = max(first, self._words[layout.WORD_HEAD] + 1 - capacity)
        skip = safe - first
        if skip >= finished:
            # The writer went round while the copy was made. What was finished then is lost; what the copy says of its
            # end may be of the lap after.
            if finished:
                self._lose(first - position + finished, self._last_end)
                self._gap = True
                self._position = self._words[layout.WORD_TAIL] = first + finished
            return NOTHING
        block = block[:, skip:finished] if skip else block[:, :finished]
        lost = safe - position
        if lost or self._gap:
            # The first survivor has no known start: it goes with the gap and tells where that ends.
            base = int(block[layout.COLUMN_END, 0])
            self._lose(lost + 1, base)
            block = block[:, 1:]
            safe += 1
        rows = self._expand(block, base, safe, until)
        count = block.shape[1]
        if count:
            self._last_end = int(block[layout.COLUMN_END, -1])
        elif lost or self._gap:
            self._last_end = base
        self._gap = False
        self.read += count
        self._position = self._words[layout.WORD_TAIL] = safe + count
        return rows

    def _expand(self, block: Array, base: int, first: int, until: int) -> Array:
        """Records of the slots from `first` on in `block`, (columns, n).

        `base` is the end before the first of them, `until` the slot behind the last iteration that is among them.
        """
        count = block.shape[1]
        if count == 0:
            return NOTHING
        tag, end, stamp, request, wake, start = block
        before = np.empty(count, np.uint64)
        before[0] = base
        before[1:] = end[:-1]
        opens = wake >= before
        begun = np.where(opens, start, before)
        kind = (tag >> np.uint64(layout.KIND_SHIFT)).astype(np.uint8)
        wait = np.where(begun > stamp, begun - stamp, 0) // np.uint64(schema.TIME_UNIT_NS)
        not_taken = np.uint64(schema.CPU_NOT_TAKEN << 32)
        track = self._words[layout.WORD_TRACK]

        iterations = np.flatnonzero(opens)
        places = np.arange(count) + np.cumsum(opens)
        rows = np.zeros(count + len(iterations), RECORD)
        rows["track"] = track
        rows["flags"] = Flag.COMPLETE
        rows["sequence"][places] = np.arange(first, first + count) & schema.U32
        rows["start"][places] = begun
        rows["duration"][places] = end - begun
        rows["request"][places] = np.where(kind == Kind.STEP, request, 0)
        rows["argument"][places] = np.minimum(wait, np.uint64(schema.U32)) | not_taken
        rows["name"][places] = (tag & np.uint64(layout.NAME_MASK)).astype(np.uint32)
        rows["kind"][places] = kind
        rows["state"][places] = State.RUNNING
        if len(iterations):
            selects = places[iterations] - 1
            ready = np.diff(np.append(iterations, until - first))
            rows["sequence"][selects] = (first + iterations) & schema.U32
            rows["start"][selects] = before[iterations]
            rows["duration"][selects] = wake[iterations] - before[iterations]
            rows["argument"][selects] = ready.astype(np.uint64) | not_taken
            rows["kind"][selects] = Kind.SELECT
            # With work already queued the selector is only asked in passing; that is no idleness.
            busy = np.isin(kind[iterations], _POLLED)
            rows["state"][selects] = np.where(busy, State.RUNNING, State.IDLE)
        # A cancelled callback has a slot and no tag.
        cancelled = places[kind == Kind.NONE]
        return np.delete(rows, cancelled) if len(cancelled) else rows

    def _running(self, track: int) -> OpenSlot | None:
        head = self._words[layout.WORD_HEAD]
        position = self._position
        if head == position or head - position >= self.capacity:
            return None
        last = max(self._last_end, self._words[layout.WORD_OPENED])
        at = position + self._finished(position, head)
        if at >= head:
            return None
        place = at % self.capacity
        tag, request = (int(self._columns[column, place]) for column in (layout.COLUMN_TAG, layout.COLUMN_REQUEST))
        end, wake, start = (int(value) for value in _ns(self._times[[layout.COLUMN_END, *_OF_ITERATION], place]))
        if at > position:
            last = int(_ns(self._times[[layout.COLUMN_END], (at - 1) % self.capacity])[0])
        if end >= last:  # it ended while we looked
            return None
        kind = Kind(tag >> layout.KIND_SHIFT)
        if kind == Kind.NONE:
            return None
        request = request if kind == Kind.STEP else 0
        begun = start if wake >= last else last
        stamp = int(_ns(self._times[[layout.COLUMN_STAMP], place])[0])
        # One that has only just begun may still show the stamp of the lap before.
        waited = begun - stamp if stamp and begun < now_ns() - SETTLED_NS else 0
        value = min(max(waited, 0) // schema.TIME_UNIT_NS, schema.U32)
        return OpenSlot(track, 0, begun, tag & layout.NAME_MASK, request, kind, State.RUNNING, value)


def _copy(source: Array, first: int, count: int) -> Array:
    """A copy of `count` elements from `first` on, around the end."""
    if first + count <= len(source):
        return source[first : first + count].copy()
    return np.concatenate((source[first:], source[: first + count - len(source)]))


def _ns(seconds: Array) -> Array:
    """Float64 seconds in ns, u64."""
    return (seconds * 1e9 + 0.5).astype(np.uint64)


def _leading(ends: Array, base: int) -> int:
    """How many of `ends` are in order from the start, none before `base`: a stale or empty slot breaks the order."""
    if len(ends) == 0:
        return 0
    if int(ends[0]) < base or int(ends[0]) == 0:
        return 0
    breaks = np.flatnonzero(ends[1:] < ends[:-1])
    return int(breaks[0]) + 1 if len(breaks) else len(ends)
