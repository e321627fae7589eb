"""The writing end of a ring in columns: the memory that an event loop's tracer fills slot by slot.

The loop's tracer (`explorer.probe.loop`) runs for every callback, so that it stores plain words instead of packing
records. What a slot means:

- `tag` is stored before the callback runs, `end` after it. A slot whose end is older than that of the slot before it
  was not finished yet (the value is from the lap before, or zero): its callback is running now, and its tag says what
  it is. An open span costs nothing.
- A callback starts when the one before it ended; only the first of an iteration has a `start` of its own, and a `wake`:
  the moment the selector returned. A slot is the first of an iteration when its `wake` is not older than the end
  before it.
- The head counts slots *reserved*: it moves before an iteration runs, by the number of callbacks that are ready. So
  the reader knows how many were ready, and, more important, which old slots may be overwritten at any moment.

From the tracer's side: store `wake` and `start` for the first slot, then move the head, then fill the slots in order.
The tracer never reserves more than half of the ring at once, and never across its end.
"""

import mmap
import time
from typing import Final

from explorer.ring import layout
from explorer.ring.writer import Header

Words = memoryview
_WORDS: Final = layout.HEADER_WORDS


class Columns(Header):
    """A ring in columns with one writing thread; the columns are memory views of u64."""

    __slots__ = ("end", "largest", "request_of", "stamp", "start", "tag", "wake", "words")

    def __init__(self, buffer: mmap.mmap | bytearray) -> None:
        """Take hold of a ring that `explorer.ring.mapped` made in this form."""
        super().__init__(buffer)
        self.words: Words = self._words
        data = memoryview(buffer)[layout.HEADER_SIZE :].cast("Q")
        capacity = self.capacity
        columns = [data[at * capacity : (at + 1) * capacity] for at in range(layout.COLUMN_COUNT)]
        self.tag: Words = columns[layout.COLUMN_TAG]
        self.end: Words = columns[layout.COLUMN_END]
        self.stamp: Words = columns[layout.COLUMN_STAMP]
        self.request_of: Words = columns[layout.COLUMN_REQUEST]
        self.wake: Words = columns[layout.COLUMN_WAKE]
        self.start: Words = columns[layout.COLUMN_START]
        self.largest = capacity // 2

    def take(self, track: int) -> None:
        """As `Header.take`; what lies before this moment is not the new holder's idle time."""
        super().take(track)
        self.words[layout.WORD_OPENED] = time.perf_counter_ns()
