"""The writing end of a ring in columns: the memory that an event loop's tracer fills slot by slot.

The loop's tracer (`explorer.probe.traced_loop`) runs for every callback, so that it stores plain words instead of
packing records. What a slot means:

- `tag` is stored before the callback runs, `end` after it. A slot whose end is older than that of the slot before it
  was not finished yet (the value is from the lap before, or zero): its callback is running now, and its tag says what
  it is. An open span costs nothing.
- A callback starts when the one before it ended; only the first of an iteration has a `start` of its own, and a `wake`:
  the moment the selector returned. A slot is the first of an iteration when its `wake` is not older than the end
  before it.
- The head counts slots *reserved*: it moves before an iteration runs, by the number of callbacks that are ready. So
  the reader knows how many were ready, and, more important, which old slots may be overwritten at any moment.

Times are float seconds and tags are below 2³⁰ for one reason: Python stores a float or a small integer into a memory
view in 24 ns and a nanosecond count, which is a long integer, in 57. A float64 of seconds is exact to the nanosecond
for three months of uptime, and to two for a year.

From the tracer's side: store `wake` and `start` for the first slot, then move the head, then fill the slots in order.
The tracer never reserves more than half of the ring at once, and never across its end.
"""

import mmap
import time

from explorer.ring import layout
from explorer.ring.writer import Header


class Columns(Header):
    """A ring in columns with one writing thread. Columns of times hold seconds."""

    __slots__ = ("end", "largest", "request_of", "stamp", "start", "tag", "wake", "words")
    _form = layout.COLUMNS

    def __init__(self, buffer: mmap.mmap | bytearray) -> None:
        """Take hold of a ring that `explorer.ring.mapped` made in this form."""
        super().__init__(buffer)
        self.words = self._words
        data = memoryview(buffer)[layout.HEADER_SIZE :]
        size = self.capacity * 8
        columns = [data[at * size : (at + 1) * size] for at in range(layout.COLUMN_COUNT)]
        self.tag = columns[layout.COLUMN_TAG].cast("Q")
        self.end = columns[layout.COLUMN_END].cast("d")
        self.stamp = columns[layout.COLUMN_STAMP].cast("d")
        self.request_of = columns[layout.COLUMN_REQUEST].cast("Q")
        self.wake = columns[layout.COLUMN_WAKE].cast("d")
        self.start = columns[layout.COLUMN_START].cast("d")
        self.largest = self.capacity // 2

    def take(self, track: int) -> None:
        """As `Header.take`; what lies before this moment is not the new holder's idle time."""
        super().take(track)
        self.words[layout.WORD_OPENED] = time.perf_counter_ns()
