"""Where everything lies in a ring's file; writer and reader both take their offsets from here and nowhere else.

A file is a header of 64 words (u64, little endian) and the data behind it. There are three forms of data:

- RECORDS: `capacity` records of `explorer.records.schema`, one behind the other. `HEAD` counts the records published.
- REQUESTS: `capacity` rows of `REQUEST_FIELDS`, written by a server's protocols and counted like records.
- COLUMNS: `COLUMN_COUNT` arrays of `capacity` words, written by an event loop. `HEAD` counts the slots *reserved*,
  once per iteration; which of them are filled is seen from the end times (see `explorer.ring.columns`).

Counts never wrap; a record's place is its count modulo the capacity. `TAIL` is the reader's own cursor: it is the one
word that the reader writes, and the writer's pool reads it to prefer rings that were drained.
"""

import struct
from typing import Final

from explorer.records import schema

MAGIC: Final = 0x474E_4952_5058_4543  # "CEXPRING", read as a little-endian word
VERSION: Final = schema.VERSION << 16 | 2
"""The records' version and, in the low half, that of this header. Both ends compare it."""

RECORDS: Final = 1
COLUMNS: Final = 2
REQUESTS: Final = 3

HEADER_WORDS: Final = 64
HEADER_SIZE: Final = HEADER_WORDS * 8

WORD_MAGIC: Final = 0
WORD_VERSION: Final = 1
WORD_LAYOUT: Final = 2
WORD_CAPACITY: Final = 3
WORD_HEAD: Final = 4
WORD_TAIL: Final = 5
WORD_PID: Final = 6
WORD_TID: Final = 7  # native thread id of the present holder, 0 = nobody
WORD_TRACK: Final = 8  # track number of the present holder
WORD_THREAD_STATE: Final = 9  # address of the holder's PyThreadState, 0 = unknown
WORD_OPENED: Final = 10  # perf_counter_ns when the ring was made
WORD_LEASES: Final = 11  # how often the ring was handed out
WORD_CLOSED: Final = 12  # perf_counter_ns when the process let go of it for good, 0 = in use
WORD_LOCK: Final = 13  # since when (ns) the holder has waited for a lock, 0 = it does not; the sampler reads it

OPEN_SLOTS: Final = 8
OPEN_FIRST: Final = 16
OPEN_WORDS: Final = 4  # start (0 = nothing open), name, request, kind << 8 | state

COLUMN_TAG: Final = 0  # u64: kind << 24 | name
COLUMN_END: Final = 1  # float64, as all times here: seconds of perf_counter
COLUMN_STAMP: Final = 2  # when the callback became due
COLUMN_REQUEST: Final = 3  # u64, valid for steps of tasks only
COLUMN_WAKE: Final = 4  # when the selector returned; valid for the first slot of an iteration only
COLUMN_START: Final = 5  # when the first callback of the iteration began; as above
COLUMN_COUNT: Final = 6
KIND_SHIFT: Final = 24
NAME_MASK: Final = (1 << KIND_SHIFT) - 1

REQUEST_FIELDS: Final = (
    ("start", "d"),  # seconds of perf_counter
    ("end", "d"),  # the same; 0: the request begins
    ("request", "Q"),
    ("word", "Q"),  # status << 16 | name
)
REQUEST: Final = struct.Struct("<" + "".join(code for _, code in REQUEST_FIELDS))
STATUS_SHIFT: Final = 16
NAME_OF_WORD: Final = (1 << STATUS_SHIFT) - 1

SUFFIX: Final = ".ring"


def data_size(layout: int, capacity: int) -> int:
    """Bytes behind the header."""
    row = {RECORDS: schema.SIZE, COLUMNS: COLUMN_COUNT * 8, REQUESTS: REQUEST.size}
    return capacity * row[layout]
