"""Writing the headers of Arrow messages, which are flatbuffers: tables of fields, each with a list of their offsets.

Written front to back: a table's list of offsets, the table, then what it points to, with the pointers filled in as soon
as it is known where that stands. `recording.flatbuffer` reads them.
"""

import struct
from collections.abc import Sequence
from typing import Final, Self

_SIZES: Final = {"<b": 1, "<B": 1, "<?": 1, "<h": 2, "<i": 4, "<q": 8}


class Table:
    """A table to be written. `number` and the others give its fields by their slots, in any order; each returns it."""

    def __init__(self) -> None:
        self._numbers: dict[int, tuple[str, int]] = {}
        self._pointers: dict[int, Table | str | _Vector] = {}

    def number(self, slot: int, code: str, value: int) -> Self:
        """A number of `struct` type `code`."""
        self._numbers[slot] = (code, value)
        return self

    def table(self, slot: int, value: "Table") -> Self:
        """Another table."""
        self._pointers[slot] = value
        return self

    def text(self, slot: int, value: str) -> Self:
        """A string."""
        self._pointers[slot] = value
        return self

    def tables(self, slot: int, values: "Sequence[Table]") -> Self:
        """A vector of tables."""
        self._pointers[slot] = _Vector(tables=values)
        return self

    def structs(self, slot: int, code: str, values: Sequence[tuple[int, ...]]) -> Self:
        """A vector of structs, each of `struct` format `code` with numbers of eight bytes at most."""
        self._pointers[slot] = _Vector(code, values)
        return self

    def to_bytes(self) -> bytes:
        """The flatbuffer whose root this is, a multiple of eight bytes long."""
        out = bytearray(4)
        struct.pack_into("<I", out, 0, self._write(out))
        _align(out, 8)
        return bytes(out)

    def _write(self, out: bytearray) -> int:
        """Append the table and all below it; returns where it stands."""
        offsets, size = self._layout()
        slots = max(offsets, default=-1) + 1
        entries = [offsets.get(slot, 0) for slot in range(slots)]
        _align(out, 2)
        listing = len(out)
        out += struct.pack(f"<HH{slots}H", 4 + 2 * slots, size, *entries)
        _align(out, 8)
        place = len(out)
        out += bytes(size)
        struct.pack_into("<i", out, place, place - listing)
        for slot, (code, value) in self._numbers.items():
            struct.pack_into(code, out, place + offsets[slot], value)
        for slot, target in self._pointers.items():
            pointer = place + offsets[slot]
            struct.pack_into("<I", out, pointer, _append(out, target) - pointer)
        return place

    def _layout(self) -> tuple[dict[int, int], int]:
        """Where each field stands in the table, the largest first so that all are aligned; and the table's size."""
        sizes = {slot: _SIZES[code] for slot, (code, _) in self._numbers.items()} | dict.fromkeys(self._pointers, 4)
        offsets, at = {}, 4
        for slot, size in sorted(sizes.items(), key=lambda item: -item[1]):
            at = -(-at // size) * size
            offsets[slot] = at
            at += size
        return offsets, at


class _Vector:
    """The elements of a vector: structs, or tables."""

    def __init__(self, code: str = "", structs: Sequence[tuple[int, ...]] = (), tables: Sequence[Table] = ()) -> None:
        self.code, self.structs, self.tables = code, structs, tables

    def write(self, out: bytearray) -> int:
        """Append it; returns where its length stands."""
        if self.code:
            while len(out) % 8 != 4:  # what follows the length is aligned to eight bytes
                out.append(0)
            place = len(out)
            out += struct.pack("<I", len(self.structs)) + b"".join(struct.pack(self.code, *one) for one in self.structs)
            return place
        _align(out, 4)
        place = len(out)
        out += struct.pack("<I", len(self.tables)) + bytes(4 * len(self.tables))
        for number, table in enumerate(self.tables):
            pointer = place + 4 + 4 * number
            struct.pack_into("<I", out, pointer, table._write(out) - pointer)
        return place


def _append(out: bytearray, target: "Table | str | _Vector") -> int:
    if isinstance(target, Table):
        return target._write(out)
    if isinstance(target, _Vector):
        return target.write(out)
    _align(out, 4)
    place = len(out)
    raw = target.encode()
    out += struct.pack("<I", len(raw)) + raw + b"\0"
    return place


def _align(out: bytearray, size: int) -> None:
    out += bytes(-len(out) % size)
