"""The record: 48 bytes that describe one span, instant or sample, the same for every writer and reader.

The field list is the only declaration. The writer's `struct.Struct` derives from it here; the reader's NumPy dtype
derives from it in `explorer.ring.reader` (NumPy has no place in an observed process). Change the list and
`VERSION` together: a test compares both with what is written down there.

`start` and `duration` are nanoseconds of `perf_counter_ns`; `request` is 0 or a run-wide request number (see
`request_number`); `name` and `track` are numbers of the writing process (see `names`); `sequence` is the low half of
the ring's head when the record was written, so that a torn record is recognised.

`argument` of a span: high 32 bits CPU time in units of 256 ns, saturating, all ones = not taken; low 32 bits
the kind's own value (`states.Kind`). `argument` of a counter sample: the bits of a float64.
"""

import struct
from typing import Final

VERSION: Final = 1

FIELDS: Final[tuple[tuple[str, str], ...]] = (
    ("start", "Q"),
    ("duration", "Q"),
    ("request", "Q"),
    ("argument", "Q"),
    ("name", "I"),
    ("track", "I"),
    ("sequence", "I"),
    ("kind", "B"),
    ("state", "B"),
    ("depth", "B"),
    ("flags", "B"),
)

RECORD: Final = struct.Struct("<" + "".join(code for _, code in FIELDS))
SIZE: Final = RECORD.size

PROCESS_SHIFT: Final = 40
"""24 bits for a process, because each connection may have one; 40 for its requests."""
U32: Final = 0xFFFF_FFFF
U64: Final = 0xFFFF_FFFF_FFFF_FFFF
CPU_NOT_TAKEN: Final = U32
TIME_UNIT_NS: Final = 256

_FLOAT: Final = struct.Struct("<d")
_BITS: Final = struct.Struct("<Q")


def span_argument(value: int = 0, cpu_ns: int | None = None) -> int:
    """Pack a span's argument: the kind's own `value`, clamped to 32 bits, and the CPU time (None: not taken)."""
    low = 0 if value < 0 else min(value, U32)
    if cpu_ns is None:
        return CPU_NOT_TAKEN << 32 | low
    return min(max(cpu_ns, 0) // TIME_UNIT_NS, U32 - 1) << 32 | low


def counter_argument(value: float) -> int:
    """The bits of a float64, as a counter sample carries them."""
    bits: int = _BITS.unpack(_FLOAT.pack(value))[0]
    return bits


def request_number(process: int, counter: int) -> int:
    """The run-wide number of the `counter`-th request (from 1) first seen by process number `process`."""
    return process << PROCESS_SHIFT | counter


def request_counter(number: int) -> int:
    """The counter in a run-wide request number, which is what people call the request by."""
    return number & (1 << PROCESS_SHIFT) - 1
